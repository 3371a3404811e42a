/// A classical CAN 2.0A data frame: an 11-bit identifier and up to eight bytes.
public struct CANFrame: Equatable, Sendable {
  /// The identifier, 0 to 0x7FF; the lower, the higher its priority on the bus.
  public let identifier: UInt16
  /// The number of bytes that count, 0 to 8.
  public let count: UInt8
  /// The bytes; those at `count` and behind it are zero.
  public let bytes: InlineArray<8, UInt8>

  /// The frame with these bytes, or nil if the identifier exceeds 11 bits or there are more than 8 bytes.
  public init?(identifier: UInt32, bytes: Span<UInt8>) {
    guard identifier <= 0x7FF, bytes.count <= 8 else { return nil }
    self.identifier = UInt16(truncatingIfNeeded: identifier)
    count = UInt8(truncatingIfNeeded: bytes.count)
    var storage = InlineArray<8, UInt8>(repeating: 0)
    for index in bytes.indices { storage[index] = bytes[index] }
    self.bytes = storage
  }

  /// The frame with the first `count` of `bytes`; what exceeds 11 bits or 8 bytes is cut off.
  public init(standard identifier: UInt16, _ bytes: InlineArray<8, UInt8>, count: Int) {
    self.identifier = identifier & 0x7FF
    self.count = UInt8(truncatingIfNeeded: max(0, min(count, 8)))
    var storage = InlineArray<8, UInt8>(repeating: 0)
    for index in 0..<Int(self.count) { storage[index] = bytes[index] }
    self.bytes = storage
  }

  /// Whether identifier, count and bytes are the same.
  public static func == (left: CANFrame, right: CANFrame) -> Bool {
    guard left.identifier == right.identifier, left.count == right.count else { return false }
    for index in 0..<8 where left.bytes[index] != right.bytes[index] { return false }
    return true
  }
}
