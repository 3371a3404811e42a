import HSXHAL

/// Bytes of everything beside the ring of records: 32-bit words, the lowest byte first, of which the last is a CRC-32 over
/// the others. One flipped bit is corrected.
struct Words: Sendable {
  var bytes = InlineArray<64, UInt8>(repeating: 0)
  /// Bytes, the CRC among them: a multiple of 4, at most 64.
  let size: Int

  /// So many words, all zero.
  init(_ count: Int) { size = count &* 4 }

  /// Words of a superblock, of the two parts of a slot's descriptor, of a record of the log and of the head of its pages, and of the
  /// head of a trust blob.
  static var superblock: Int { 16 }
  static var identity: Int { 10 }
  static var about: Int { 14 }
  static var entry: Int { 8 }
  static var trust: Int { 5 }

  subscript(_ index: Int) -> UInt32 {
    @inline(never)
    get {
      var word: UInt32 = 0
      for place in 0..<4 { word = word &>> 8 | UInt32(bytes[(index &* 4 &+ place) & 63]) &<< 24 }
      return word
    }
    @inline(never)
    set {
      var word = newValue
      for place in 0..<4 {
        bytes[(index &* 4 &+ place) & 63] = UInt8(truncatingIfNeeded: word)
        word &>>= 8
      }
    }
  }

  /// Two halves of a word.
  subscript(half index: Int) -> UInt16 {
    get { UInt16(bytes[index &* 2]) | UInt16(bytes[index &* 2 &+ 1]) &<< 8 }
    set {
      bytes[index &* 2] = UInt8(truncatingIfNeeded: newValue)
      bytes[index &* 2 &+ 1] = UInt8(truncatingIfNeeded: newValue &>> 8)
    }
  }

  /// The number of the last word.
  private var last: Int { size &>> 2 &- 1 }

  /// The CRC that belongs into the last word.
  @inline(never)
  private mutating func checksum() -> UInt32 {
    var register = RecordCode.start
    for index in 0..<last { register = RecordCode.fold(register, self[index]) }
    return ~register
  }

  /// Reads the words at `offset`. False if they cannot be read, or are not what was written.
  @inline(never)
  mutating func read<Memory: NonvolatileMemory & ~Copyable>(at offset: Int, in memory: inout Memory) -> Bool {
    guard fetch(at: offset, size, in: &memory) else { return false }
    let bits = last &* 32
    let bit = RecordCode.flippedBit(checksum() ^ self[last], bits: bits)
    if bit < bits { bytes[bit &>> 3] ^= 1 &<< UInt8(truncatingIfNeeded: bit & 7) }
    return bit <= bits
  }

  /// Programs the words with their CRC and what fills up their last write unit, and compares what can be read.
  @inline(never)
  mutating func program<Memory: NonvolatileMemory & ~Copyable>(
    at offset: Int, in memory: inout Memory
  ) -> Bool {
    self[last] = checksum()
    let geometry = memory.geometry
    let padded = (size &+ geometry.writeUnit &- 1) & ~(geometry.writeUnit &- 1)
    for index in size..<64 { bytes[index] = geometry.erasedValue }
    do { try memory.program(bytes.span.extracting(0..<padded), at: offset) } catch { return false }
    var found = self
    guard found.fetch(at: offset, size, in: &memory) else { return false }
    for index in 0..<size where found.bytes[index] != bytes[index] { return false }
    return true
  }

  /// Reads so many bytes at `offset`. False if they cannot be read.
  @inline(never)
  mutating func fetch<Memory: NonvolatileMemory & ~Copyable>(
    at offset: Int, _ count: Int, in memory: inout Memory
  ) -> Bool {
    var all = bytes.mutableSpan
    var span = all._mutatingExtracting(0..<count)
    do { try memory.read(at: offset, into: &span) } catch { return false }
    return true
  }

  /// `program(at:in:)`, with the store's error.
  mutating func write<Memory: NonvolatileMemory & ~Copyable>(
    at offset: Int, in memory: inout Memory
  ) throws(StoreError) {
    guard program(at: offset, in: &memory) else { throw .memory(.refused(at: offset)) }
  }

  /// Whether the first eight words are the same.
  @inline(never)
  mutating func isSame(as other: inout Words) -> Bool {
    for index in 0..<32 where bytes[index] != other.bytes[index] { return false }
    return true
  }

  /// The first eight words.
  var hash: InlineArray<32, UInt8> {
    get { InlineArray { bytes[$0] } }
    set { for index in 0..<32 { bytes[index] = newValue[index] } }
  }
}

extension NonvolatileMemory where Self: ~Copyable {
  /// Erases a stretch, or fills it with the erased value where nothing can be erased. Whole units.
  mutating func clear(from start: Int, size: Int) throws(StoreError) {
    let unit = geometry.eraseUnit
    let fill = InlineArray<32, UInt8>(repeating: geometry.erasedValue)
    // A power of two of at most 32 bytes divides every partition of a memory without erase units.
    let step = unit > 0 ? unit : geometry.writeUnit > 8 ? geometry.writeUnit : 8
    var offset = start
    while offset < start &+ size {
      do {
        if unit > 0 {
          try erase(sector: offset / unit)
        } else {
          try program(fill.span.extracting(0..<step), at: offset)
        }
      } catch {
        throw .memory(error)
      }
      offset &+= step
    }
  }

  /// `sync()`, with the store's error.
  mutating func settle() throws(StoreError) {
    do { try sync() } catch { throw .memory(error) }
  }
}
