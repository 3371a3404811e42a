/// Arithmetic in GF(256) with the polynomial x⁸ + x⁴ + x³ + x² + 1 (0x11D). Adding is XOR.
enum GaloisField {
  /// The product.
  static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
    var (sum, factor, rest) = (UInt8(0), left, right)
    while rest != 0 {
      if rest & 1 != 0 { sum ^= factor }
      factor = factor &<< 1 ^ (factor & 0x80 != 0 ? 0x1D : 0)
      rest &>>= 1
    }
    return sum
  }

  /// Each of eight bytes multiplied by `factor`.
  static func products(_ word: UInt64, _ factor: UInt8) -> UInt64 {
    var (sum, word, rest) = (UInt64(0), word, factor)
    while rest != 0 {
      if rest & 1 != 0 { sum ^= word }
      let tops = word &>> 7 & 0x0101_0101_0101_0101
      word = (word & 0x7F7F_7F7F_7F7F_7F7F) &<< 1 ^ tops &* 0x1D
      rest &>>= 1
    }
    return sum
  }

  /// What `value` times it is 1; 0 for 0. By Fermat: the 254th power.
  static func inverse(_ value: UInt8) -> UInt8 {
    var (power, square) = (UInt8(1), value)
    for _ in 0..<7 {
      square = product(square, square)
      power = product(power, square)
    }
    return power
  }

  /// The coefficient of data symbol `data` (0 to 31) in parity symbol `parity` (0 to 15): the inverse of
  /// (32 + parity) XOR data, which is 32 to 63.
  static func coefficient(parity: Int, data: Int) -> UInt8 {
    inverses[(parity ^ data) & 31]
  }
}

/// The inverses of 32 to 63.
private let inverses: InlineArray<32, UInt8> = [
  0x6C, 0xED, 0x39, 0x51, 0x60, 0x56, 0x2C, 0x8A,
  0x70, 0xD0, 0x1F, 0x4A, 0x26, 0x8B, 0x33, 0x6E,
  0x48, 0x89, 0x6F, 0x2E, 0xA4, 0xC3, 0x40, 0x5E,
  0x50, 0x22, 0xCF, 0xA9, 0xAB, 0x0C, 0x15, 0xE1,
]
