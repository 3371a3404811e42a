/// One change in the ring, or one thing that holds: what its kind says, of which argument, and a number.
public struct Record: Equatable, Sendable {
  /// What kinds of records there are. The number takes part in the record's CRC and is not stored, so that bytes
  /// written as one kind never read as another.
  public enum Kind: UInt8, CaseIterable, Equatable, Sendable {
    /// The persist key in `argument` has the number in `value`, in generation 0.
    case value0 = 1
    /// The same in generation 1.
    case value1 = 2
    /// The image slot in `argument` has the state in `value`.
    case slot = 3
    /// The lower half of the downgrade floor of the app whose floor is number `argument`.
    case floorLow = 4
    /// The upper half of the same.
    case floorHigh = 5
    /// The page in `argument` is retired.
    case retired = 6
    /// What has the kind in `value` and this argument is no more.
    case tombstone = 7
    /// The snapshot of this page is complete: `argument` records.
    case commit = 8
    /// The `argument` batch members before this record all hold from here.
    case batchEnd = 9
  }

  /// What the record says.
  public var kind: Kind
  /// Of which key, slot or page; never 0 or 0xFFFF in a record of the kinds `value0` and `value1`.
  public var argument: UInt16
  /// The number.
  public var value: UInt16

  /// A record of these three.
  public init(_ kind: Kind, _ argument: UInt16, _ value: UInt16) {
    self.kind = kind
    self.argument = argument
    self.value = value
  }
}
