/// What stands in the first two cells of a page: 16 bytes, guarded like a record.
struct PageHeader {
  /// Cells before the first record.
  static var cells: Int { 2 }
  /// 'H', and the version of the layout in the upper half of the next byte.
  private static var magic: UInt32 { 0x1048 }

  /// Magic, version, depth and count.
  private(set) var first: UInt32
  /// The page's life; 0 if there is no header. Position in the ring and sequence agree: the sequence modulo the number of
  /// pages is the position.
  var sequence: UInt32
  /// How often the page was erased.
  var erases: UInt32

  /// How many pages before this one have to be read first: 0 for a page with a snapshot.
  var depth: UInt8 { UInt8(truncatingIfNeeded: first &>> 8 & 15) }
  /// Records of the snapshot.
  var count: Int { Int(first &>> 16) }

  /// The CRC over the first twelve bytes.
  var checksum: UInt32 { ~register }

  private var register: UInt32 {
    RecordCode.fold(RecordCode.fold(RecordCode.fold(RecordCode.start, first), sequence), erases)
  }

  init(sequence: UInt32, depth: UInt8, count: Int, erases: UInt32) {
    first = PageHeader.magic | UInt32(depth) &<< 8 | UInt32(truncatingIfNeeded: count) &<< 16
    self.sequence = sequence
    self.erases = erases
  }

  /// The header in these words, one flipped bit corrected.
  init(_ low: UInt64, _ high: UInt64) {
    first = UInt32(truncatingIfNeeded: low)
    sequence = UInt32(truncatingIfNeeded: low &>> 32)
    erases = UInt32(truncatingIfNeeded: high)
    let bit = RecordCode.flippedBit(~UInt32(truncatingIfNeeded: high &>> 32) ^ register, bits: 96)
    let mask = 1 as UInt32 &<< UInt32(truncatingIfNeeded: bit & 31)
    if bit < 32 {
      first ^= mask
    } else if bit < 64 {
      sequence ^= mask
    } else if bit < 96 {
      erases ^= mask
    }
    if bit > 96 || first & 0xF0FF != PageHeader.magic { sequence = 0 }
  }
}
