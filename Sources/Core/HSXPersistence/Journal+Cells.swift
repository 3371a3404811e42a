import HSXHAL

extension Journal {
  /// The position of a page in the ring.
  @inline(never)
  func position(of sequence: UInt32) -> Int {
    Int(truncatingIfNeeded: sequence % UInt32(truncatingIfNeeded: ring.pageCount))
  }

  /// The position `step` pages behind `position`.
  func position(_ position: Int, after step: Int) -> Int {
    let sum = position &+ step
    return sum < ring.pageCount ? sum : sum &- ring.pageCount
  }

  func offset(ofPage position: Int) -> Int { ring.offset &+ position &* ring.pageSize }

  private func offset(ofCell index: Int) -> Int {
    offset(ofPage: position(of: sequence)) &+ headerSize &+ index &* cellSize
  }

  /// The register of the page that `sequence` names.
  private var register: UInt32 { RecordCode.fold(RecordCode.start, sequence) }

  /// Bytes of a header with what fills its last write unit.
  private var headerSize: Int { cellSize > PageHeader.size ? cellSize : PageHeader.size }

  /// What the cell `index` of the page that `sequence` names holds.
  @inline(never)
  func cell<Memory: NonvolatileMemory & ~Copyable>(_ index: Int, in memory: inout Memory) -> Cell {
    var pair: UInt64 = 0
    guard read(&pair, at: offset(ofCell: index), in: &memory) else {
      return Cell(code: Cell.bad, isCorrected: false, data: 0)
    }
    if pair == erasedPair { return Cell(code: Cell.erased, isCorrected: false, data: 0) }
    return RecordCode.decode(
      page: register, index: index, data: UInt32(truncatingIfNeeded: pair),
      checksum: UInt32(truncatingIfNeeded: pair &>> 32))
  }

  /// Programs a record into the next free cell and reads it back. False if that fails.
  @inline(never)
  mutating func put<Memory: NonvolatileMemory & ~Copyable>(
    _ code: UInt8, _ data: UInt32, in memory: inout Memory
  ) -> Bool {
    let index = Int(tail)
    tail &+= 1
    let checksum = RecordCode.checksum(page: register, index: index, kind: code, data: data)
    let pair = UInt64(data) | UInt64(checksum) &<< 32
    return program(pair, pair, size: 8, at: offset(ofCell: index), in: &memory)
  }

  /// The header at a position of the ring; its sequence is 0 if none can be read there.
  @inline(never)
  func header<Memory: NonvolatileMemory & ~Copyable>(at position: Int, in memory: inout Memory) -> PageHeader
  {
    let offset = offset(ofPage: position)
    var low: UInt64 = 0
    var high: UInt64 = 0
    var header = PageHeader(sequence: 0, depth: 0, count: 0, erases: 0)
    if read(&low, at: offset, in: &memory), read(&high, at: offset &+ 8, in: &memory) {
      header = PageHeader(low, high)
      if self.position(of: header.sequence) != position { header.sequence = 0 }
    }
    return header
  }

  /// Programs eight bytes or sixteen, `low` before `high`, with what fills up their last write unit, then compares what can
  /// be read. False if it differs.
  @inline(never)
  mutating func program<Memory: NonvolatileMemory & ~Copyable>(
    _ low: UInt64, _ high: UInt64, size: Int, at offset: Int, in memory: inout Memory
  ) -> Bool {
    var bytes = InlineArray<32, UInt8>(repeating: UInt8(truncatingIfNeeded: erasedPair))
    var pair = low
    for index in 0..<16 where index < size {
      bytes[index] = UInt8(truncatingIfNeeded: pair)
      pair &>>= 8
      if index == 7 { pair = high }
    }
    let programmed = size > cellSize ? size : cellSize
    do { try memory.program(bytes.span.extracting(0..<programmed), at: offset) } catch {
      return fail(at: offset)
    }
    var found: UInt64 = 0
    guard read(&found, at: offset, in: &memory), found == low else { return fail(at: offset) }
    guard size > 8 else { return true }
    return read(&found, at: offset &+ 8, in: &memory) && found == high
  }

  /// Waits until all is lasting. False if it failed.
  mutating func sync<Memory: NonvolatileMemory & ~Copyable>(_ memory: inout Memory) -> Bool {
    do { try memory.sync() } catch { return fail(at: ring.offset) }
    return true
  }

  /// Remembers where the memory failed, for the error that follows if nothing else helps.
  mutating func fail(at offset: Int) -> Bool {
    faultOffset = UInt32(truncatingIfNeeded: offset)
    return false
  }

  /// What eight erased bytes read as.
  private var erasedPair: UInt64 { isErasedZero ? 0 : .max }

  /// Reads the eight bytes at `offset`, the lowest first. False if a part of them cannot be read.
  @inline(never)
  private func read<Memory: NonvolatileMemory & ~Copyable>(
    _ pair: inout UInt64, at offset: Int, in memory: inout Memory
  ) -> Bool {
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    do { try memory.read(at: offset, into: &span) } catch { return false }
    for index in 0..<8 { pair = pair &>> 8 | UInt64(bytes[index]) &<< 56 }
    return true
  }
}
