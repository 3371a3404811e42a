import HXE

extension Machine {
  /// Puts `bytes` at `offset` of a loading task's code, in any order; what is not written is zero.
  public mutating func writeCode(_ pid: PID, _ bytes: Span<UInt8>, at offset: UInt32) throws(MachineError) {
    let index = try loading(pid)
    let limit = UInt32(truncatingIfNeeded: contexts[index].code.count)
    let start = try Self.start(of: bytes, at: offset, limit: limit)
    var code = contexts[index].code.mutableSpan
    for position in bytes.indices { code[start + position] = bytes[position] }
  }

  /// Puts `bytes` at `offset` of a loading task's read-only data.
  public mutating func writeRodata(_ pid: PID, _ bytes: Span<UInt8>, at offset: UInt32) throws(MachineError) {
    let index = try loading(pid)
    let start = try Self.start(of: bytes, at: offset, limit: contexts[index].rodataLength)
    let base = Int(MemoryMap.rodataStart) + start
    var memory = contexts[index].memory.mutableSpan
    for position in bytes.indices { memory[base + position] = bytes[position] }
  }

  /// Sets a loading task's stack size: the image may name it only behind its code.
  public mutating func setStackSize(_ pid: PID, _ size: UInt32) throws(MachineError) {
    let index = try loading(pid)
    try Self.check(stackSize: size)
    contexts[index].stackLimit = TaskLayout.stackTop &- size
  }

  /// Ends loading: the task can run, and its code does not change any more.
  ///
  /// With the predecoded engine this decodes the code, one pass and two allocations.
  public mutating func makeReady(_ pid: PID) throws(MachineError) {
    let index = try loading(pid)
    engine.prepare(&contexts[index])
    contexts[index].status = .ready
  }

  private func loading(_ pid: PID) throws(MachineError) -> Int {
    let index = try index(of: pid)
    guard contexts[index].status == .loading else { throw .wrongState(pid, contexts[index].status) }
    return index
  }

  static func start(of bytes: Span<UInt8>, at offset: UInt32, limit: UInt32) throws(MachineError) -> Int {
    try start(of: bytes.count, at: offset, limit: limit)
  }

  /// `offset`, if `count` bytes from there lie below `limit`.
  static func start(of count: Int, at offset: UInt32, limit: UInt32) throws(MachineError) -> Int {
    guard offset <= limit, count >= 0, count <= Int(limit &- offset) else {
      throw .outOfRange(
        offset: offset, count: UInt32(clamping: count), limit: limit)
    }
    return Int(offset)
  }
}
