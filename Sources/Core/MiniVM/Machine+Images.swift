public import HXE

/// A load under way: the image's bytes pass through the parser into the task's memory and nowhere else.
struct ImageLoad {
  let pid: PID
  let limits: LoadLimits
  var parser: ImageParser
  /// A load that was refused takes nothing more; only `loadAbort` ends it.
  var hasFailed = false
}

/// The control plane's loading calls. A whole image goes the way of a stream, in one piece.
extension Machine {
  /// Loads an image that is all there.
  ///
  /// - Returns: the new task, ready, and what its image declares.
  /// - Throws: the first rule broken or limit exceeded; nothing of the image is left then.
  public mutating func loadImage(
    _ bytes: Span<UInt8>, limits: LoadLimits = .machine
  ) throws(LoadError) -> (pid: PID, metadata: Metadata) {
    let pid = try loadBegin(expectedSize: UInt32(clamping: bytes.count), limits: limits)
    do throws(LoadError) {
      try loadWrite(pid, bytes)
      return (pid, try loadEnd(pid))
    } catch {
      loadAbort(pid)
      throw error
    }
  }

  /// Opens a load under a new pid. Nothing is allocated for the image before its header is there.
  ///
  /// - Parameter expectedSize: the image's bytes, if known; faults of size are then seen as early as can be.
  /// - Throws: `exceeded` when all places for tasks are taken.
  public mutating func loadBegin(
    expectedSize: UInt32?, limits: LoadLimits = .machine
  ) throws(LoadError) -> PID {
    guard taskCount < taskLimit, let pid = nextFreePID() else {
      throw .exceeded(
        .tasks, needed: UInt32(truncatingIfNeeded: taskCount + 1),
        available: UInt32(truncatingIfNeeded: taskLimit))
    }
    let parser = ImageParser(totalBytes: expectedSize, limits: limits.image, checksum: checksum)
    loads.append(ImageLoad(pid: pid, limits: limits, parser: parser))
    return pid
  }

  /// Takes the next bytes of a load: proves them as far as they go and writes code and read-only data.
  ///
  /// - Throws: the first rule broken or limit exceeded, at the first byte that shows it; from then on
  ///   `notLoading`, until `loadAbort`.
  public mutating func loadWrite(_ pid: PID, _ chunk: Span<UInt8>) throws(LoadError) {
    let load = try loadIndex(pid)
    do throws(LoadError) {
      try take(chunk, load)
    } catch {
      loads[load].hasFailed = true
      throw error
    }
  }

  /// Closes a load: all bytes are there and the CRC holds. The task is ready.
  ///
  /// - Returns: what the image declares. The machine keeps none of it.
  /// - Throws: what only the end can show; from then on `notLoading`, until `loadAbort`.
  public mutating func loadEnd(_ pid: PID) throws(LoadError) -> Metadata {
    let load = try loadIndex(pid)
    do throws(LoadError) {
      try finish(load)
    } catch {
      loads[load].hasFailed = true
      throw error
    }
    return loads.remove(at: load).parser.metadata
  }

  /// Frees all of a load, whatever its state; the pid is gone. A pid that is neither loading nor loaded is
  /// passed over.
  public mutating func loadAbort(_ pid: PID) {
    loads.removeAll { $0.pid == pid }
    remove(pid)
  }

  /// The header of an image that is being loaded, as soon as it is complete and within the limits.
  public func loadingHeader(of pid: PID) -> Header? {
    guard let load = loads.first(where: { $0.pid == pid }), position(of: pid) != nil else { return nil }
    return load.parser.header
  }

  private func loadIndex(_ pid: PID) throws(LoadError) -> Int {
    guard let index = loads.firstIndex(where: { $0.pid == pid }) else {
      throw contains(pid) ? .notLoading(pid) : .unknownTask(pid)
    }
    guard !loads[index].hasFailed else { throw .notLoading(pid) }
    return index
  }

  private mutating func take(_ chunk: Span<UInt8>, _ load: Int) throws(LoadError) {
    let pid = loads[load].pid
    var position = 0
    while let part = try nextPart(load, chunk, &position) {
      switch part {
      case .header(let header):
        try loads[load].limits.admit(header)
        allocate(pid, header, stackSize: loads[load].limits.defaultStackBytes)
      case .code(let range, let offset): try write(pid, chunk.extracting(range), code: offset)
      case .rodata(let range, let offset): try write(pid, chunk.extracting(range), rodata: offset)
      }
    }
    guard position == chunk.count else { throw .beyondExpectedSize(loads[load].parser.totalBytes ?? .max) }
  }

  private mutating func allocate(_ pid: PID, _ header: Header, stackSize: UInt32) {
    let layout = TaskLayout(
      entry: header.entry, codeLength: header.codeLength, rodataLength: header.rodataLength,
      bssSize: header.bssSize, stackSize: stackSize)
    insert(TaskContext(pid: pid, layout: layout))
  }

  private mutating func nextPart(
    _ load: Int, _ chunk: Span<UInt8>, _ position: inout Int
  ) throws(LoadError) -> ImagePart? {
    do throws(ImageError) {
      return try loads[load].parser.next(in: chunk, at: &position)
    } catch {
      throw .image(error)
    }
  }

  private mutating func finish(_ load: Int) throws(LoadError) {
    do throws(ImageError) {
      try loads[load].parser.finish()
    } catch {
      throw .image(error)
    }
    var stackSize = loads[load].limits.defaultStackBytes
    if let manifest = loads[load].parser.metadata.manifest {
      stackSize = try loads[load].limits.admit(manifest)
    }
    let pid = loads[load].pid
    do throws(MachineError) {
      try setStackSize(pid, stackSize)
      try makeReady(pid)
    } catch {
      throw LoadError(error)
    }
  }

  private mutating func write(_ pid: PID, _ bytes: Span<UInt8>, code offset: UInt32) throws(LoadError) {
    do throws(MachineError) {
      try writeCode(pid, bytes, at: offset)
    } catch {
      throw LoadError(error)
    }
  }

  private mutating func write(_ pid: PID, _ bytes: Span<UInt8>, rodata offset: UInt32) throws(LoadError) {
    do throws(MachineError) {
      try writeRodata(pid, bytes, at: offset)
    } catch {
      throw LoadError(error)
    }
  }
}

extension LoadError {
  /// What the machine refused of a load. The parser has checked the image's own numbers, so only a stack larger
  /// than memory is left to refuse.
  fileprivate init(_ error: MachineError) {
    self =
      switch error {
      case .badLayout(_, let found, let limit): .exceeded(.stack, needed: found, available: limit)
      case .unknownTask(let pid): .unknownTask(pid)
      case .wrongState(let pid, _): .notLoading(pid)
      case .tableFull(let limit): .exceeded(.tasks, needed: 1, available: UInt32(clamping: limit))
      case .outOfRange(let offset, _, let limit): .exceeded(.code, needed: offset, available: limit)
      case .noSuchRegister(let number): .exceeded(.code, needed: number, available: 16)
      }
  }
}
