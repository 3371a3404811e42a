/// The code that guards records and headers: CRC-32, used linearly so that its syndrome names a flipped bit.
///
/// A CRC without its constants is linear: one pass over the data decides between all kinds, and where the syndrome is that of
/// one bit, which bit it is.
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

  /// The check of a record: the CRC over sequence, index, argument and value, with the kind's mark (with `member` added for a
  /// member of a batch) laid over it.
  static func checksum(page: UInt32, index: Int, kind: UInt8, data: UInt32) -> UInt32 {
    ~fold(fold(page, UInt32(truncatingIfNeeded: index)), data) ^ mark(of: kind)
  }

  /// What is laid over the CRC for a kind. No two differ by what three flipped bits could do (a test tries all).
  @inline(__always)
  private static func mark(of kind: UInt8) -> UInt32 { UInt32(kind) &* 0x9E37_79B1 }

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
        let rest = syndrome ^ mark(of: kind)
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
