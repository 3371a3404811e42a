import HSXHAL

extension Journal {
  /// The position of a page in the ring.
  func position(of sequence: UInt32) -> Int {
    Int(truncatingIfNeeded: sequence % UInt32(truncatingIfNeeded: ring.pageCount))
  }

  /// Bytes of a cell.
  func cellSize(of geometry: Geometry) -> Int { geometry.writeUnit > 8 ? geometry.writeUnit : 8 }

  /// Bytes of a header with what fills its last write unit.
  func headerSize(of geometry: Geometry) -> Int {
    geometry.writeUnit > PageHeader.size ? geometry.writeUnit : PageHeader.size
  }

  /// Cells of a page.
  func cells(of geometry: Geometry) -> Int {
    (ring.pageSize &- headerSize(of: geometry)) / cellSize(of: geometry)
  }

  func offset(ofPage position: Int) -> Int { ring.offset &+ position &* ring.pageSize }

  private func offset(ofCell index: Int, _ geometry: Geometry) -> Int {
    offset(ofPage: position(of: sequence)) &+ headerSize(of: geometry) &+ index &* cellSize(of: geometry)
  }

  /// The register of the page that counts.
  private var register: UInt32 { RecordCode.fold(RecordCode.start, sequence) }

  /// What the cell `index` of the page that counts holds.
  func cell<Memory: NonvolatileMemory & ~Copyable>(_ index: Int, in memory: inout Memory) -> Cell {
    guard let pair = pair(at: offset(ofCell: index, memory.geometry), in: &memory) else { return .bad }
    if pair == UInt64(repeating: memory.geometry.erasedValue) { return .erased }
    return RecordCode.decode(
      page: register, index: index, data: UInt32(truncatingIfNeeded: pair),
      checksum: UInt32(truncatingIfNeeded: pair &>> 32))
  }

  /// Programs `record` into the next free cell and reads it back. False if it reads back wrong.
  mutating func put<Memory: NonvolatileMemory & ~Copyable>(
    _ record: Record, isMember: Bool, in memory: inout Memory
  ) throws(MemoryFault) -> Bool {
    let data = UInt32(record.argument) | UInt32(record.value) &<< 16
    let kind = record.kind.rawValue | (isMember ? RecordCode.member : 0)
    let index = Int(tail)
    let checksum = RecordCode.checksum(page: register, index: index, kind: kind, data: data)
    tail &+= 1
    let pair = UInt64(data) | UInt64(checksum) &<< 32
    return try program(pair, pair, size: 8, at: offset(ofCell: index, memory.geometry), in: &memory)
  }

  /// The header at a position of the ring, nil if none can be read there.
  func header<Memory: NonvolatileMemory & ~Copyable>(at position: Int, in memory: inout Memory) -> PageHeader? {
    let offset = offset(ofPage: position)
    guard let low = pair(at: offset, in: &memory), let high = pair(at: offset &+ 8, in: &memory),
      let header = PageHeader(low, high), self.position(of: header.sequence) == position
    else { return nil }
    return header
  }

  /// Programs eight bytes or sixteen, `low` before `high`, with what fills up their last write unit, then compares what can
  /// be read. False if it differs.
  func program<Memory: NonvolatileMemory & ~Copyable>(
    _ low: UInt64, _ high: UInt64, size: Int, at offset: Int, in memory: inout Memory
  ) throws(MemoryFault) -> Bool {
    var bytes = InlineArray<32, UInt8>(repeating: memory.geometry.erasedValue)
    var index = 0
    while index < size {
      let pair = index < 8 ? low : high
      bytes[index] = UInt8(truncatingIfNeeded: pair &>> UInt64(truncatingIfNeeded: index & 7 &* 8))
      index &+= 1
    }
    let programmed = size > memory.geometry.writeUnit ? size : memory.geometry.writeUnit
    try memory.program(bytes.span.extracting(0..<programmed), at: offset)
    return pair(at: offset, in: &memory) == low && (size == 8 || pair(at: offset &+ 8, in: &memory) == high)
  }

  /// The eight bytes at `offset`, the lowest first; nil if a part of them cannot be read.
  private func pair<Memory: NonvolatileMemory & ~Copyable>(at offset: Int, in memory: inout Memory) -> UInt64? {
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    do { try memory.read(at: offset, into: &span) } catch { return nil }
    var pair: UInt64 = 0
    var index = 8
    while index > 0 {
      index &-= 1
      pair = pair &<< 8 | UInt64(bytes[index])
    }
    return pair
  }
}

extension UInt64 {
  /// Eight times the same byte, 0x00 or 0xFF.
  fileprivate init(repeating byte: UInt8) { self = byte == 0 ? 0 : .max }
}
