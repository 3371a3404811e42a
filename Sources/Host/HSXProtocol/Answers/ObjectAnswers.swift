/// A value.
public struct ValueRecord: Codable, Equatable, Sendable {
  /// Its number.
  public var oid: UInt16
  /// The number's high byte.
  public var groupID: UInt8
  /// Its low byte.
  public var valueID: UInt8
  /// The task it belongs to.
  public var ownerPID: UInt32
  /// 1 read-only, 2 persist, 4 sticky, 8 pin, 16 bool.
  public var flags: UInt8
  /// What callers need.
  public var authLevel: UInt8
  /// Its name.
  @Nullable public var name: String?
  /// Its group's name.
  @Nullable public var groupName: String?
  /// Its unit.
  @Nullable public var unit: String?
  /// The number; null for one that JSON has not, and for a caller that may not read the value.
  public var lastValue: JSONTree
  /// The number's binary16 bits; null, as the number, for a caller that may not read the value.
  @Nullable public var lastBits: UInt16?
  /// The least number; null without a range.
  public var minimum: JSONTree
  /// The greatest; null without a range.
  public var maximum: JSONTree
  /// A change below this is none.
  public var epsilon: JSONTree
  /// Least milliseconds between changes.
  public var rate: UInt32
  /// Milliseconds over which changes are gathered into one write.
  public var debounce: UInt32
  /// The key it is stored under; 0 if none.
  public var persistKey: UInt16

  /// One of these parts.
  public init(
    oid: UInt16,
    groupID: UInt8,
    valueID: UInt8,
    ownerPID: UInt32,
    flags: UInt8,
    authLevel: UInt8,
    name: String?,
    groupName: String?,
    unit: String?,
    lastValue: JSONTree,
    lastBits: UInt16?,
    minimum: JSONTree,
    maximum: JSONTree,
    epsilon: JSONTree,
    rate: UInt32,
    debounce: UInt32,
    persistKey: UInt16
  ) {
    self.oid = oid
    self.groupID = groupID
    self.valueID = valueID
    self.ownerPID = ownerPID
    self.flags = flags
    self.authLevel = authLevel
    self.name = name
    self.groupName = groupName
    self.unit = unit
    self.lastValue = lastValue
    self.lastBits = lastBits
    self.minimum = minimum
    self.maximum = maximum
    self.epsilon = epsilon
    self.rate = rate
    self.debounce = debounce
    self.persistKey = persistKey
  }

  enum CodingKeys: String, CodingKey {
    case oid, flags, name, unit, epsilon
    case groupID = "group_id"
    case valueID = "value_id"
    case ownerPID = "owner_pid"
    case authLevel = "auth_level"
    case groupName = "group_name"
    case lastValue = "last_value"
    case lastBits = "last_f16"
    case minimum = "min"
    case maximum = "max"
    case rate = "rate_ms"
    case debounce = "debounce_ms"
    case persistKey = "persist_key"
  }
}

/// What `val.list` answers.
public struct ValuesAnswer: Codable, Equatable, Sendable {
  /// The values.
  public var values: [ValueRecord]

  /// One of these parts.
  public init(
    values: [ValueRecord]
  ) {
    self.values = values
  }
}

/// What a get or set came to.
public struct ValueState: Codable, Equatable, Sendable {
  /// 0, or why not.
  public var status: UInt8
  /// The number.
  public var value: JSONTree
  /// Its binary16 bits.
  @Nullable public var bits: UInt16?
  /// Who it was done as.
  @Nullable public var pid: UInt32?
  /// The value.
  public var oid: UInt16?

  /// One of these parts.
  public init(
    status: UInt8,
    value: JSONTree,
    bits: UInt16?,
    pid: UInt32?,
    oid: UInt16? = nil
  ) {
    self.status = status
    self.value = value
    self.bits = bits
    self.pid = pid
    self.oid = oid
  }

  enum CodingKeys: String, CodingKey {
    case status, value, pid, oid
    case bits = "f16"
  }
}

/// What `val.get` and `val.set` answer.
public struct ValueAnswer: Codable, Equatable, Sendable {
  /// What it came to.
  public var value: ValueState

  /// One of these parts.
  public init(
    value: ValueState
  ) {
    self.value = value
  }
}
