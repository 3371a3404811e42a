import HSXHAL

extension Journal {
  /// The position of a page in the ring.
  mutating func position(of sequence: UInt32) -> Int {
    Int(truncatingIfNeeded: sequence % UInt32(pages))
  }

  /// The position `step` pages behind `position`.
  mutating func position(_ position: Int, after step: Int) -> Int {
    let sum = position &+ step
    return sum < Int(pages) ? sum : sum &- Int(pages)
  }

  /// The cell `index` of a page; the header's are -2 and -1.
  private mutating func offset(_ position: Int, _ index: Int) -> Int {
    Int(start) &+ position &* Int(size) &+ (index &+ PageHeader.cells) &* Int(cellSize)
  }

  /// The register of the page that `sequence` names.
  private var register: UInt32 { RecordCode.fold(RecordCode.start, sequence) }

  /// What four erased bytes read as.
  private var erased: UInt64 { isErasedZero ? 0 : .max }

  /// What the cell `index` of the page that `sequence` names holds.
  @inline(never)
  mutating func cell<Memory: NonvolatileMemory & ~Copyable>(_ index: Int, in memory: inout Memory) -> Cell {
    var pair: UInt64 = 0
    guard read(&pair, offset(position(of: sequence), index), in: &memory) else {
      return Cell(code: Cell.bad, isCorrected: false, data: 0)
    }
    if pair == erased { return Cell(code: Cell.erased, isCorrected: false, data: 0) }
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
    guard index < cells else { return false }
    tail &+= 1
    let checksum = RecordCode.checksum(page: register, index: index, kind: code, data: data)
    return program(data, checksum, index, in: &memory)
  }

  /// The header at a position of the ring; its sequence is 0, and its erase
  /// count the highest known, if none can be read there. What is the highest of all is kept.
  @inline(never)
  mutating func header<Memory: NonvolatileMemory & ~Copyable>(
    at position: Int, in memory: inout Memory
  ) -> PageHeader {
    var low: UInt64 = 0
    var high: UInt64 = 0
    if !read(&low, offset(position, -2), in: &memory) || !read(&high, offset(position, -1), in: &memory) {
      low = 0
    }
    var header = PageHeader(low, high)
    // No ring lives long enough for the last of them; one that claims to would let the next sequence begin anew.
    if self.position(of: header.sequence) != position || header.sequence > 0xFFFF_0000 { header.sequence = 0 }
    if header.sequence == 0 { header.erases = highestErases }
    if header.sequence > highest { highest = header.sequence }
    if header.erases > highestErases { highestErases = header.erases }
    return header
  }

  /// Programs the cell `index` of the page that `sequence` names, with what fills up its last write unit, then compares what
  /// can be read. False if it fails or differs.
  @inline(never)
  mutating func program<Memory: NonvolatileMemory & ~Copyable>(
    _ low: UInt32, _ high: UInt32, _ index: Int, in memory: inout Memory
  ) -> Bool {
    let pair = UInt64(low) | UInt64(high) &<< 32
    var bytes = InlineArray<32, UInt8>(repeating: UInt8(truncatingIfNeeded: erased))
    var rest = pair
    var byte = 0
    while byte < 8 {
      bytes[byte] = UInt8(truncatingIfNeeded: rest)
      rest &>>= 8
      byte &+= 1
    }
    let offset = offset(position(of: sequence), index)
    faultOffset = UInt32(truncatingIfNeeded: offset)
    do { try memory.program(bytes.span.extracting(0..<Int(cellSize)), at: offset) } catch { return false }
    return read(&rest, offset, in: &memory) && rest == pair
  }

  /// Waits until all is lasting. False if it failed.
  mutating func sync<Memory: NonvolatileMemory & ~Copyable>(_ memory: inout Memory) -> Bool {
    do { try memory.sync() } catch { return false }
    return true
  }

  /// Reads the eight bytes at `offset`, the lowest first. False if a part of them cannot be read.
  @inline(never)
  private mutating func read<Memory: NonvolatileMemory & ~Copyable>(
    _ pair: inout UInt64, _ offset: Int, in memory: inout Memory
  ) -> Bool {
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    do { try memory.read(at: offset, into: &span) } catch { return false }
    for index in 0..<8 { pair = pair &>> 8 | UInt64(bytes[index]) &<< 56 }
    return true
  }

  /// Erases a page, or fills it where nothing can be erased: so the rest of the page is known to be free. False if it fails.
  @inline(never)
  mutating func erase<Memory: NonvolatileMemory & ~Copyable>(_ position: Int, in memory: inout Memory) -> Bool
  {
    let fill = InlineArray<32, UInt8>(repeating: UInt8(truncatingIfNeeded: erased))
    let unit = memory.geometry.eraseUnit
    var offset = Int(start) &+ position &* Int(size)
    let end = offset &+ Int(size)
    while offset < end {
      faultOffset = UInt32(truncatingIfNeeded: offset)
      do {
        if unit > 0 {
          try memory.erase(sector: offset / unit)
          offset &+= unit
        } else {
          try memory.program(fill.span.extracting(0..<Int(cellSize)), at: offset)
          offset &+= Int(cellSize)
        }
      } catch {
        return false
      }
    }
    // An erase that comes later than what is programmed onto it leaves two lives of the page in one.
    return sync(&memory)
  }
}
