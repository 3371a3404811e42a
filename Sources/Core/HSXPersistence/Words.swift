import HSXHAL

/// Bytes of everything beside the ring of records: 32-bit words, the lowest byte first, of which the last is a CRC-32 over
/// the others. One flipped bit is corrected.
struct Words: Sendable {
  /// Bytes, the CRC among them: a multiple of 4, at most 64.
  var size: Int
  var bytes = InlineArray<64, UInt8>(repeating: 0)
  /// Whether the memory refused to read: that says nothing of what stands there.
  var isRefused = false

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
    @inline(__always)
    get {
      let base = index &* 4 & 60
      return UInt32(bytes[base]) | UInt32(bytes[base &+ 1]) &<< 8 | UInt32(bytes[base &+ 2]) &<< 16
        | UInt32(bytes[base &+ 3]) &<< 24
    }
    @inline(__always)
    set {
      let base = index &* 4 & 60
      bytes[base] = UInt8(truncatingIfNeeded: newValue)
      bytes[base &+ 1] = UInt8(truncatingIfNeeded: newValue &>> 8)
      bytes[base &+ 2] = UInt8(truncatingIfNeeded: newValue &>> 16)
      bytes[base &+ 3] = UInt8(truncatingIfNeeded: newValue &>> 24)
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
  var last: Int { size &>> 2 &- 1 }

  /// A word; mutating, so that nothing is copied for it.
  @inline(never)
  mutating func word(_ index: Int) -> UInt32 {
    let base = index &* 4 & 60
    return UInt32(bytes[base]) | UInt32(bytes[base &+ 1]) &<< 8 | UInt32(bytes[base &+ 2]) &<< 16
      | UInt32(bytes[base &+ 3]) &<< 24
  }

  /// The CRC that belongs into the last word.
  @inline(never)
  mutating func checksum() -> UInt32 {
    var register = RecordCode.start
    var index = 0
    while index < last {
      register = RecordCode.fold(register, word(index))
      index &+= 1
    }
    return ~register
  }

  /// Reads the words at `offset`. False if they cannot be read, or are not what was written.
  @inline(never)
  mutating func read<Memory: NonvolatileMemory & ~Copyable>(at offset: Int, in memory: inout Memory) -> Bool {
    guard fetch(at: offset, size, in: &memory) else { return false }
    let bits = last &* 32
    let bit = RecordCode.flippedBit(checksum() ^ word(last), bits: bits)
    if bit < bits { bytes[bit &>> 3] ^= 1 &<< UInt8(truncatingIfNeeded: bit & 7) }
    return bit <= bits
  }

  /// Programs the words with their CRC and what fills up their last write unit, and compares what can be read.
  @inline(never)
  mutating func program<Memory: NonvolatileMemory & ~Copyable>(
    at offset: Int, in memory: inout Memory
  ) -> Bool {
    self[last] = checksum()
    let unit = memory.geometry.writeUnit
    for index in size..<64 { bytes[index] = memory.geometry.erasedValue }
    do {
      try memory.program(bytes.span.extracting(0..<((size &+ unit &- 1) & (0 &- unit))), at: offset)
    } catch { return false }
    var found = Words(0)
    guard found.fetch(at: offset, size, in: &memory) else { return false }
    return Words.areSame(&self, &found, size)
  }

  /// Reads so many bytes at `offset`. False if they cannot be read.
  @inline(never)
  mutating func fetch<Memory: NonvolatileMemory & ~Copyable>(
    at offset: Int, _ count: Int, in memory: inout Memory
  ) -> Bool {
    var all = bytes.mutableSpan
    var span = all._mutatingExtracting(0..<count)
    do {
      try memory.read(at: offset, into: &span)
    } catch {
      if case .unreadable = error { return false }
      isRefused = true
      return false
    }
    return true
  }

  /// `program(at:in:)`, with the store's error.
  @inline(never)
  mutating func write<Memory: NonvolatileMemory & ~Copyable>(
    at offset: Int, in memory: inout Memory
  ) throws(StoreError) {
    guard program(at: offset, in: &memory) else { throw .memory(.refused(at: offset)) }
  }

  /// Whether the first bytes of both are the same.
  @inline(never)
  static func areSame(_ one: inout Words, _ other: inout Words, _ count: Int) -> Bool {
    for index in 0..<count where one.bytes[index & 63] != other.bytes[index & 63] { return false }
    return true
  }

  /// The first eight words.
  var hash: InlineArray<32, UInt8> { InlineArray { bytes[$0] } }

  /// Replaces the first eight words.
  mutating func setHash(_ hash: borrowing InlineArray<32, UInt8>) {
    let span = hash.span
    for index in 0..<32 { bytes[index] = span[index] }
  }
}
