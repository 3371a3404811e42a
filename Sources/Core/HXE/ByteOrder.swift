// Integers in a byte string. Every read and write goes through checked subscripts: an offset outside traps,
// as with any collection, so callers check lengths first.

extension Span where Element == UInt8 {
  /// The two bytes from `offset`, the high one first.
  @inlinable
  public func bigEndianUInt16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) << 8 | UInt16(self[offset &+ 1])
  }

  /// The four bytes from `offset`, the highest one first.
  @inlinable
  public func bigEndianUInt32(at offset: Int) -> UInt32 {
    UInt32(bigEndianUInt16(at: offset)) << 16 | UInt32(bigEndianUInt16(at: offset &+ 2))
  }

  /// The two bytes from `offset`, the low one first.
  @inlinable
  public func littleEndianUInt16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) | UInt16(self[offset &+ 1]) << 8
  }

  /// The four bytes from `offset`, the lowest one first.
  @inlinable
  public func littleEndianUInt32(at offset: Int) -> UInt32 {
    UInt32(littleEndianUInt16(at: offset)) | UInt32(littleEndianUInt16(at: offset &+ 2)) << 16
  }
}

extension MutableSpan where Element == UInt8 {
  /// Writes `value` to the two bytes from `offset`, the high one first.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func storeBigEndian(_ value: UInt16, at offset: Int) {
    self[offset] = UInt8(truncatingIfNeeded: value >> 8)
    self[offset &+ 1] = UInt8(truncatingIfNeeded: value)
  }

  /// Writes `value` to the four bytes from `offset`, the highest one first.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func storeBigEndian(_ value: UInt32, at offset: Int) {
    storeBigEndian(UInt16(truncatingIfNeeded: value >> 16), at: offset)
    storeBigEndian(UInt16(truncatingIfNeeded: value), at: offset &+ 2)
  }

  /// Writes `value` to the two bytes from `offset`, the low one first.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func storeLittleEndian(_ value: UInt16, at offset: Int) {
    self[offset] = UInt8(truncatingIfNeeded: value)
    self[offset &+ 1] = UInt8(truncatingIfNeeded: value >> 8)
  }

  /// Writes `value` to the four bytes from `offset`, the lowest one first.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func storeLittleEndian(_ value: UInt32, at offset: Int) {
    storeLittleEndian(UInt16(truncatingIfNeeded: value), at: offset)
    storeLittleEndian(UInt16(truncatingIfNeeded: value >> 16), at: offset &+ 2)
  }
}

extension [UInt8] {
  /// Appends `value` as two bytes, the high one first.
  @inlinable
  public mutating func appendBigEndian(_ value: UInt16) {
    append(UInt8(truncatingIfNeeded: value >> 8))
    append(UInt8(truncatingIfNeeded: value))
  }

  /// Appends `value` as four bytes, the highest one first.
  @inlinable
  public mutating func appendBigEndian(_ value: UInt32) {
    appendBigEndian(UInt16(truncatingIfNeeded: value >> 16))
    appendBigEndian(UInt16(truncatingIfNeeded: value))
  }

  /// Appends `value` as two bytes, the low one first.
  @inlinable
  public mutating func appendLittleEndian(_ value: UInt16) {
    append(UInt8(truncatingIfNeeded: value))
    append(UInt8(truncatingIfNeeded: value >> 8))
  }

  /// Appends `value` as four bytes, the lowest one first.
  @inlinable
  public mutating func appendLittleEndian(_ value: UInt32) {
    appendLittleEndian(UInt16(truncatingIfNeeded: value))
    appendLittleEndian(UInt16(truncatingIfNeeded: value >> 16))
  }
}
