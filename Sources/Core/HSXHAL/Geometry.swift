/// The shape of a non-volatile memory.
public struct Geometry: Equatable, Sendable {
  /// Bytes of the whole memory.
  public let size: Int
  /// Bytes that are programmed together, aligned: 1, 2, 4, 8, 16 or 32.
  public let writeUnit: Int
  /// Bytes that are erased together; 0 for a memory whose bytes are simply overwritten (FRAM, a file).
  public let eraseUnit: Int
  /// What an erased byte reads as, 0xFF or 0x00. A memory without erase units has no such byte; there it is what the
  /// store fills a page with before it is used.
  public let erasedValue: UInt8
  /// Erase cycles that the memory is rated for; 0 if it does not wear.
  public let ratedCycles: UInt32

  /// The geometry, or nil if the units do not divide each other and the size, or are outside their ranges.
  public init?(size: Int, writeUnit: Int, eraseUnit: Int, erasedValue: UInt8, ratedCycles: UInt32) {
    guard size > 0, size <= 0x4000_0000, [1, 2, 4, 8, 16, 32].contains(writeUnit),
      size % writeUnit == 0, erasedValue == 0xFF || erasedValue == 0
    else { return nil }
    guard eraseUnit == 0 || (eraseUnit > 0 && eraseUnit % writeUnit == 0 && size % eraseUnit == 0) else {
      return nil
    }
    self.size = size
    self.writeUnit = writeUnit
    self.eraseUnit = eraseUnit
    self.erasedValue = erasedValue
    self.ratedCycles = ratedCycles
  }
}
