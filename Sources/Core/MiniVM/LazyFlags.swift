/// The status word while instructions run: kept as the words it follows from, packed only when someone looks.
///
/// `wide` holds the result in its low half and the carry in bit 32. Overflow follows from the operands and is
/// read by no instruction: it is the sign in which the result differs from both `left` and `right`.
struct LazyFlags {
  /// Bit 63 says N where the result does not: only a debugger can set Z and N together.
  private static var forcedNegative: UInt64 { 1 << 63 }
  private static var carryBit: UInt64 { 1 << 32 }

  private var wide: UInt64
  private var left: UInt32
  private var right: UInt32

  /// The flags of a status word: bit 0 Z, 1 C, 2 N, 3 V.
  init(bits: UInt8) {
    let result: UInt32 = bits & 1 != 0 ? 0 : bits & 4 != 0 ? 0x8000_0000 : 1
    wide = UInt64(result)
    if bits & 2 != 0 { wide |= Self.carryBit }
    if bits & 5 == 5 { wide |= Self.forcedNegative }
    left = bits & 8 != 0 ? ~result : result
    right = left
  }

  /// The status word.
  var bits: UInt8 {
    let result = UInt32(truncatingIfNeeded: wide)
    var bits: UInt8 = result == 0 ? 1 : 0
    if wide & Self.carryBit != 0 { bits |= 2 }
    if result >> 31 != 0 || wide & Self.forcedNegative != 0 { bits |= 4 }
    if ((left ^ result) & (right ^ result)) >> 31 != 0 { bits |= 8 }
    return bits
  }

  @inline(__always) var isZero: Bool { UInt32(truncatingIfNeeded: wide) == 0 }

  @inline(__always) private var carry: UInt32 { UInt32(truncatingIfNeeded: wide >> 32) & 1 }

  @inline(__always) mutating func add(_ left: UInt32, _ right: UInt32) -> UInt32 {
    wide = UInt64(left) &+ UInt64(right)
    self.left = left
    self.right = right
    return UInt32(truncatingIfNeeded: wide)
  }

  @inline(__always) mutating func subtract(_ left: UInt32, _ right: UInt32) -> UInt32 {
    wide = (UInt64(left) | Self.carryBit) &- UInt64(right)
    self.left = left
    self.right = ~right
    return UInt32(truncatingIfNeeded: wide)
  }

  /// V comes from `right` and the carry added modulo 2³², as in the reference.
  @inline(__always) mutating func addWithCarry(_ left: UInt32, _ right: UInt32) -> UInt32 {
    let carry = carry
    wide = UInt64(left) &+ UInt64(right) &+ UInt64(carry)
    self.left = left
    self.right = right &+ carry
    return UInt32(truncatingIfNeeded: wide)
  }

  /// V comes from `right` and the borrow added modulo 2³², as in the reference.
  @inline(__always) mutating func subtractWithBorrow(_ left: UInt32, _ right: UInt32) -> UInt32 {
    let borrow = carry ^ 1
    wide = (UInt64(left) | Self.carryBit) &- UInt64(right) &- UInt64(borrow)
    self.left = left
    self.right = ~(right &+ borrow)
    return UInt32(truncatingIfNeeded: wide)
  }

  @inline(__always) mutating func multiply(_ left: UInt32, _ right: UInt32) -> UInt32 {
    let product = UInt64(left) &* UInt64(right)
    let result = UInt32(truncatingIfNeeded: product)
    let isWide = product >> 32 != 0
    wide = UInt64(result) | (isWide ? Self.carryBit : 0)
    self.left = isWide ? ~result : result
    self.right = self.left
    return result
  }

  /// Z and N of `result`; C and V clear.
  @inline(__always) mutating func logical(_ result: UInt32) -> UInt32 {
    wide = UInt64(result)
    left = result
    return result
  }

  @inline(__always) mutating func shiftLeft(_ value: UInt32, by count: UInt32) -> UInt32 {
    let shift = count & 31
    let result = value &<< shift
    let out = shift == 0 ? carry : (value &>> (32 &- shift)) & 1
    return shifted(result, out)
  }

  @inline(__always) mutating func shiftRight(_ value: UInt32, by count: UInt32) -> UInt32 {
    let shift = count & 31
    let out = shift == 0 ? carry : (value &>> (shift &- 1)) & 1
    return shifted(value &>> shift, out)
  }

  @inline(__always) mutating func shiftRightSigned(_ value: UInt32, by count: UInt32) -> UInt32 {
    let shift = count & 31
    let out = shift == 0 ? carry : (value &>> (shift &- 1)) & 1
    return shifted(UInt32(bitPattern: Int32(bitPattern: value) &>> shift), out)
  }

  @inline(__always) private mutating func shifted(_ result: UInt32, _ carry: UInt32) -> UInt32 {
    wide = UInt64(result) | UInt64(carry) << 32
    left = result
    return result
  }
}
