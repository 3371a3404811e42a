/// Signed division toward zero; the one quotient that does not fit wraps. The divisor is not zero.
@inline(__always) func quotient(_ left: UInt32, _ right: UInt32) -> UInt32 {
  UInt32(
    bitPattern: Int32(bitPattern: left).dividedReportingOverflow(by: Int32(bitPattern: right)).partialValue)
}

/// Binary16 in the low half of a register: IEEE 754, round to nearest even, one NaN. Out of line, since the
/// conversions that some processors need would crowd the loops' registers.
enum Binary16 {
  static var notANumber: UInt32 { 0x7E00 }

  @inline(__always) private static func value(_ register: UInt32) -> Float16 {
    Float16(bitPattern: UInt16(truncatingIfNeeded: register))
  }

  /// `result` in the low half of a register, the high half kept.
  @inline(__always) private static func placing(_ result: Float16, in register: UInt32) -> UInt32 {
    register & 0xFFFF_0000 | (result.isNaN ? notANumber : UInt32(result.bitPattern))
  }

  @inline(never) static func add(_ left: UInt32, _ right: UInt32, into register: UInt32) -> UInt32 {
    placing(value(left) + value(right), in: register)
  }

  @inline(never) static func subtract(_ left: UInt32, _ right: UInt32, into register: UInt32) -> UInt32 {
    placing(value(left) - value(right), in: register)
  }

  @inline(never) static func multiply(_ left: UInt32, _ right: UInt32, into register: UInt32) -> UInt32 {
    placing(value(left) * value(right), in: register)
  }

  /// A finite number by zero is a zero of the number's own sign; infinity by zero is NaN.
  @inline(never) static func divide(_ left: UInt32, _ right: UInt32, into register: UInt32) -> UInt32 {
    if right & 0x7FFF == 0 {
      let isFinite = left & 0x7C00 != 0x7C00
      return register & 0xFFFF_0000 | (isFinite ? left & 0x8000 : notANumber)
    }
    return placing(value(left) / value(right), in: register)
  }

  /// A signed integer in the low half of a register. Whatever binary16 can hold is exact in `Float`, so
  /// rounding happens once.
  @inline(never) static func fromInteger(_ integer: UInt32, into register: UInt32) -> UInt32 {
    placing(Float16(Float(Int32(bitPattern: integer))), in: register)
  }

  /// Toward zero; NaN is 0, infinity the nearest integer there is.
  @inline(never) static func toInteger(_ register: UInt32) -> UInt32 {
    let number = value(register)
    if number.isNaN { return 0 }
    if number.isInfinite { return number < 0 ? 0x8000_0000 : 0x7FFF_FFFF }
    return UInt32(bitPattern: Int32(Float(number)))
  }
}
