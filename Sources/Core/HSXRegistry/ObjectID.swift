/// The number of a value or of a command: `group << 8 | member`.
public struct ObjectID: Equatable, Comparable, Sendable {
  /// The number as on the wire.
  public let rawValue: UInt16

  /// The object with this number.
  public init(_ rawValue: UInt16) { self.rawValue = rawValue }

  /// The object `member` of `group`.
  public init(group: UInt8, member: UInt8) {
    rawValue = UInt16(group) << 8 | UInt16(member)
  }

  /// The high byte.
  public var group: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 8) }

  /// The low byte.
  public var member: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

  /// Orders objects by group, then within it.
  public static func < (left: ObjectID, right: ObjectID) -> Bool { left.rawValue < right.rawValue }
}
