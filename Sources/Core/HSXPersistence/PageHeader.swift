/// What stands at the start of a page: 16 bytes, guarded like a record.
struct PageHeader {
  static var size: Int { 16 }
  /// 'H', and the version of the layout in the upper half of the next byte.
  static var magic: UInt32 { 0x1048 }

  /// The page's life. Position in the ring and sequence agree: the sequence modulo the number of pages is the position.
  var sequence: UInt32
  /// How many pages before this one have to be read first: 0 for a page with a snapshot.
  var depth: UInt8
  /// Records of the snapshot.
  var count: UInt16
  /// How often the page was erased.
  var erases: UInt32

  /// The first eight bytes.
  var low: UInt64 {
    UInt64(PageHeader.magic | UInt32(depth) &<< 8 | UInt32(count) &<< 16) | UInt64(sequence) &<< 32
  }

  /// The last eight: the erase count and the CRC over the first twelve bytes.
  var high: UInt64 {
    let low = low
    var register = RecordCode.fold(RecordCode.start, UInt32(truncatingIfNeeded: low))
    register = RecordCode.fold(register, UInt32(truncatingIfNeeded: low &>> 32))
    return UInt64(erases) | UInt64(~RecordCode.fold(register, erases)) &<< 32
  }

  init(sequence: UInt32, depth: UInt8, count: UInt16, erases: UInt32) {
    self.sequence = sequence
    self.depth = depth
    self.count = count
    self.erases = erases
  }

  /// The header in these sixteen bytes, one flipped bit corrected; its sequence is 0 if it is none.
  @inline(never)
  init(_ low: UInt64, _ high: UInt64) {
    var words: InlineArray<3, UInt32> = [
      UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: low &>> 32),
      UInt32(truncatingIfNeeded: high),
    ]
    var register = RecordCode.start
    for index in 0..<3 { register = RecordCode.fold(register, words[index]) }
    let bit = RecordCode.flippedBit(~UInt32(truncatingIfNeeded: high &>> 32) ^ register, bits: 96)
    if bit < 96 { words[bit &>> 5] ^= 1 &<< UInt32(truncatingIfNeeded: bit & 31) }
    sequence = bit <= 96 && words[0] & 0xF0FF == PageHeader.magic ? words[1] : 0
    depth = UInt8(truncatingIfNeeded: words[0] &>> 8 & 15)
    count = UInt16(truncatingIfNeeded: words[0] &>> 16)
    erases = words[2]
  }
}
