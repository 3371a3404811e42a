/// The code that guards records and headers: CRC-32, used linearly so that its syndrome names a flipped bit.
///
/// A CRC without its constants is linear: what a record's kind contributes can be taken apart from its data. One pass over
/// the data thus decides between all kinds.
enum RecordCode {
  private static var polynomial: UInt32 { 0xEDB8_8320 }

  /// The register before any byte.
  static var start: UInt32 { 0xFFFF_FFFF }

  /// What is added to a kind's number for a member of a batch.
  static var member: UInt8 { 0x10 }

  /// The register behind the four bytes of `word`, the lowest first.
  static func fold(_ register: UInt32, _ word: UInt32) -> UInt32 {
    var register = register ^ word
    for _ in 0..<32 { register = shifted(register) }
    return register
  }

  @inline(__always)
  private static func shifted(_ register: UInt32) -> UInt32 {
    register &>> 1 ^ (polynomial & (0 &- (register & 1)))
  }

  /// The CRC of a record: over sequence, index, kind (with `member` added for a member of a batch), argument and value.
  static func checksum(page: UInt32, index: Int, kind: UInt8, data: UInt32) -> UInt32 {
    ~fold(fold(page, UInt32(truncatingIfNeeded: index) | UInt32(kind) &<< 16), data)
  }

  /// Where one flipped bit explains `syndrome` in a code word of `bits` data bits: the number of the data bit, `bits` for
  /// a bit of the CRC itself, nil if one bit does not explain it.
  static func flippedBit(_ syndrome: UInt32, bits: Int) -> Int? {
    if syndrome & (syndrome &- 1) == 0 { return bits }
    var column = polynomial
    var bit = bits
    while bit > 0 {
      bit &-= 1
      if column == syndrome { return bit }
      column = shifted(column)
    }
    return nil
  }

  /// What the 64 bits `data` and `checksum` are in the cell `index` of the page whose register is `page`.
  static func decode(page: UInt32, index: Int, data: UInt32, checksum: UInt32) -> Cell {
    let syndrome = ~checksum ^ fold(fold(page, UInt32(truncatingIfNeeded: index)), data)
    var corrected: Cell = .bad
    var kind = 0 as UInt8
    // The last kind that a member of a batch can have is a tombstone.
    while kind < member | Record.Kind.tombstone.rawValue {
      kind &+= 1
      guard let known = Record.Kind(rawValue: kind & ~member) else { continue }
      let rest = syndrome ^ weight(of: kind)
      if rest == 0 { return cell(known, kind, data, corrected: false) }
      if let bit = flippedBit(rest, bits: 32) {
        corrected = cell(known, kind, bit < 32 ? data ^ (1 &<< UInt32(truncatingIfNeeded: bit)) : data, corrected: true)
      }
    }
    return corrected
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

  private static func cell(_ known: Record.Kind, _ kind: UInt8, _ data: UInt32, corrected: Bool) -> Cell {
    .record(
      Record(known, UInt16(truncatingIfNeeded: data), UInt16(truncatingIfNeeded: data &>> 16)),
      isMember: kind & member != 0, isCorrected: corrected)
  }
}

/// What a cell of a page holds.
enum Cell {
  /// Nothing was programmed.
  case erased
  /// Something that is no record: torn, damaged, or of another life of the page.
  case bad
  /// A record; `isCorrected` says that one of its bits was flipped.
  case record(Record, isMember: Bool, isCorrected: Bool)
}
