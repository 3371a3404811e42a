/// The code that guards records and headers: CRC-32, used linearly so that its syndrome names a flipped bit.
///
/// A CRC without its constants is linear: what a record's kind contributes can be taken apart from its data. One pass over
/// the data thus decides between all kinds.
enum RecordCode {
  /// The register before any byte.
  static var start: UInt32 { 0xFFFF_FFFF }

  /// What is added to a kind's number for a member of a batch: those that hold by themselves come before it.
  static var member: UInt8 { Record.Kind.batchEnd.rawValue }

  /// The register behind the four bytes of `word`, the lowest first.
  @inline(never)
  static func fold(_ register: UInt32, _ word: UInt32) -> UInt32 {
    var register = register ^ word
    var bit = 32
    while bit > 0 {
      register = shifted(register)
      bit &-= 1
    }
    return register
  }

  @inline(__always)
  private static func shifted(_ register: UInt32) -> UInt32 {
    register &>> 1 ^ (0xEDB8_8320 & (0 &- (register & 1)))
  }

  /// The CRC of a record: over sequence, index, kind (with `member` added for a member of a batch), argument and value.
  static func checksum(page: UInt32, index: Int, kind: UInt8, data: UInt32) -> UInt32 {
    ~fold(fold(page, UInt32(truncatingIfNeeded: index) | UInt32(kind) &<< 16), data)
  }

  /// Where one flipped bit explains `syndrome` in a code word of `bits` data bits: the number of the data bit, `bits` for
  /// a bit of the CRC itself or none at all, more if one bit does not explain it.
  @inline(never)
  static func flippedBit(_ syndrome: UInt32, bits: Int) -> Int {
    if syndrome & (syndrome &- 1) == 0 { return bits }
    var column: UInt32 = 1
    var bit = bits
    while bit > 0 {
      bit &-= 1
      column = shifted(column)
      if column == syndrome { return bit }
    }
    return bits &+ 1
  }

  /// What the 64 bits `data` and `checksum` are in the cell `index` of the page whose register is `page`.
  @inline(never)
  static func decode(page: UInt32, index: Int, data: UInt32, checksum: UInt32) -> Cell {
    let syndrome = ~checksum ^ fold(fold(page, UInt32(truncatingIfNeeded: index)), data)
    var cell = Cell(code: Cell.bad, isCorrected: false, data: data)
    while true {
      var kind = 0 as UInt8
      // The last kind that a member of a batch can have is a tombstone.
      while kind < member &+ Record.Kind.tombstone.rawValue {
        kind &+= 1
        let rest = syndrome ^ weight(of: kind)
        let bit = cell.isCorrected ? flippedBit(rest, bits: 32) : rest == 0 ? 32 : 33
        if bit <= 32 {
          cell.code = kind
          if bit < 32 { cell.data ^= 1 &<< UInt32(truncatingIfNeeded: bit) }
          return cell
        }
      }
      if cell.isCorrected { return cell }
      cell.isCorrected = true
    }
  }

  /// What a kind contributes: `fold(fold(0, kind << 16), 0)`, by its bits.
  private static func weight(of kind: UInt8) -> UInt32 {
    var weight: UInt32 = 0
    if kind & 0x01 != 0 { weight ^= 0xCB5C_D3A5 }
    if kind & 0x02 != 0 { weight ^= 0x4DC8_A10B }
    if kind & 0x04 != 0 { weight ^= 0x9B91_4216 }
    if kind & 0x08 != 0 { weight ^= 0xEC53_826D }
    if kind & 0x10 != 0 { weight ^= 0x03D6_029B }
    return weight
  }
}

/// What a cell of a page holds.
struct Cell {
  static var erased: UInt8 { 0 }
  /// Something that is no record: torn, damaged, or of another life of the page.
  static var bad: UInt8 { 0xFF }

  /// `erased`, `bad`, or the kind's number with `RecordCode.member` for a member of a batch.
  var code: UInt8
  /// One of the bits was flipped; `data` is as it was before.
  var isCorrected: Bool
  /// Argument and value.
  var data: UInt32

  /// Whether it is a record.
  var isRecord: Bool { code &- 1 < 0xFE }
  /// Whether it is a record that waits for the end of its batch.
  var isMember: Bool { isRecord && code > RecordCode.member }
  /// Whether it is a COMMIT.
  var isCommit: Bool { code == Record.Kind.commit.rawValue }
  var argument: UInt16 { UInt16(truncatingIfNeeded: data) }
  var value: UInt16 { UInt16(truncatingIfNeeded: data &>> 16) }
}
