/// The number that 16 bits of IEEE 754 binary16 mean, held so that comparing and subtracting are exact: finite
/// ones as multiples of 2⁻²⁴, of which the largest is below 2⁴⁰.
struct Binary16 {
  private static var infinity: Int64 { 1 << 50 }

  let isNaN: Bool
  private let scaled: Int64

  init(bits: UInt16) {
    let exponent = Int64(bits >> 10 & 0x1F)
    let fraction = Int64(bits & 0x3FF)
    isNaN = exponent == 0x1F && fraction != 0
    let magnitude: Int64
    switch exponent {
    case 0: magnitude = fraction
    case 0x1F: magnitude = Self.infinity
    default: magnitude = (fraction | 0x400) << (exponent - 1)
    }
    scaled = bits & 0x8000 == 0 ? magnitude : -magnitude
  }

  private var isFinite: Bool { !isNaN && scaled.magnitude < UInt64(Self.infinity) }

  var isZero: Bool { !isNaN && scaled == 0 }

  /// Whether setting `other` over this is no change at all: the same number (so −0 and 0), or both not one.
  func isSame(as other: Binary16) -> Bool {
    isNaN || other.isNaN ? isNaN && other.isNaN : scaled == other.scaled
  }

  /// Whether the distance to `other` is less than `epsilon`. Never for NaN and the infinities; an
  /// epsilon that is NaN, zero or negative has nothing inside it, an infinite one every finite number.
  func isWithin(_ epsilon: Binary16, of other: Binary16) -> Bool {
    guard isFinite, other.isFinite, !epsilon.isNaN else { return false }
    return (scaled - other.scaled).magnitude < UInt64(max(0, epsilon.scaled))
  }

  /// Whether it lies in the range, bounds included. NaN does not; a bound that is NaN bounds nothing.
  func isInside(_ minimum: Binary16, _ maximum: Binary16) -> Bool {
    guard !isNaN else { return false }
    return (minimum.isNaN || minimum.scaled <= scaled) && (maximum.isNaN || scaled <= maximum.scaled)
  }
}
