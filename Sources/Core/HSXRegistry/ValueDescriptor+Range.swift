public import HXE

extension ValueDescriptor {
  /// Whether a value that is declared so may have these bits.
  public func admits(_ bits: UInt16) -> Bool {
    if Binary16(bits: minimum).isZero, Binary16(bits: maximum).isZero { return true }
    return Binary16(bits: bits).isInside(Binary16(bits: minimum), Binary16(bits: maximum))
  }
}
