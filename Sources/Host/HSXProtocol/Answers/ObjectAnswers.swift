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

/// How full a table is.
public struct TableUse: Codable, Equatable, Sendable {
  /// Entries.
  public var count: Int
  /// The most.
  public var capacity: Int
  /// Percent in use.
  public var usage: Int
  /// The most ever.
  public var highWater: Int
  /// The same in percent.
  public var highWaterUsage: Int
  /// Whether it is nearly full.
  public var warning: Bool

  /// One of these parts.
  public init(
    count: Int,
    capacity: Int,
    usage: Int,
    highWater: Int,
    highWaterUsage: Int,
    warning: Bool
  ) {
    self.count = count
    self.capacity = capacity
    self.usage = usage
    self.highWater = highWater
    self.highWaterUsage = highWaterUsage
    self.warning = warning
  }

  enum CodingKeys: String, CodingKey {
    case count, capacity, warning
    case usage = "usage_pct"
    case highWater = "high_water"
    case highWaterUsage = "high_water_pct"
  }
}

/// How full the strings are.
public struct StringsUse: Codable, Equatable, Sendable {
  /// Bytes in use.
  public var used: Int
  /// Bytes there are.
  public var total: Int
  /// Percent in use.
  public var usage: Int
  /// The most ever.
  public var highWater: Int
  /// The same in percent.
  public var highWaterUsage: Int
  /// Whether they are nearly full.
  public var warning: Bool

  /// One of these parts.
  public init(
    used: Int,
    total: Int,
    usage: Int,
    highWater: Int,
    highWaterUsage: Int,
    warning: Bool
  ) {
    self.used = used
    self.total = total
    self.usage = usage
    self.highWater = highWater
    self.highWaterUsage = highWaterUsage
    self.warning = warning
  }

  enum CodingKeys: String, CodingKey {
    case warning
    case used = "used_bytes"
    case total = "total_bytes"
    case usage = "usage_pct"
    case highWater = "high_water_bytes"
    case highWaterUsage = "high_water_pct"
  }
}

/// How full the registry is.
public struct ObjectStatistics: Codable, Equatable, Sendable {
  /// Values.
  public var values: TableUse?
  /// Commands.
  public var commands: TableUse?
  /// Strings.
  public var strings: StringsUse

  /// One of these parts.
  public init(
    values: TableUse? = nil,
    commands: TableUse? = nil,
    strings: StringsUse
  ) {
    self.values = values
    self.commands = commands
    self.strings = strings
  }
}

/// What `val.stats` and `cmd.stats` answer.
public struct StatisticsAnswer: Codable, Equatable, Sendable {
  /// How full the registry is.
  public var stats: ObjectStatistics

  /// One of these parts.
  public init(
    stats: ObjectStatistics
  ) {
    self.stats = stats
  }
}

/// A command.
public struct CommandRecord: Codable, Equatable, Sendable {
  /// Its number.
  public var oid: UInt16
  /// The number's high byte.
  public var groupID: UInt8
  /// Its low byte.
  public var commandID: UInt8
  /// The task it belongs to.
  public var ownerPID: UInt32
  /// 1 pin, 2 async.
  public var flags: UInt8
  /// What callers need.
  public var authLevel: UInt8
  /// Its name.
  @Nullable public var name: String?
  /// Its group's name.
  @Nullable public var groupName: String?
  /// What it does.
  @Nullable public var help: String?

  /// One of these parts.
  public init(
    oid: UInt16,
    groupID: UInt8,
    commandID: UInt8,
    ownerPID: UInt32,
    flags: UInt8,
    authLevel: UInt8,
    name: String?,
    groupName: String?,
    help: String?
  ) {
    self.oid = oid
    self.groupID = groupID
    self.commandID = commandID
    self.ownerPID = ownerPID
    self.flags = flags
    self.authLevel = authLevel
    self.name = name
    self.groupName = groupName
    self.help = help
  }

  enum CodingKeys: String, CodingKey {
    case oid, flags, name, help
    case groupID = "group_id"
    case commandID = "cmd_id"
    case ownerPID = "owner_pid"
    case authLevel = "auth_level"
    case groupName = "group_name"
  }
}

/// What `cmd.list` answers.
public struct CommandsAnswer: Codable, Equatable, Sendable {
  /// The commands.
  public var commands: [CommandRecord]

  /// One of these parts.
  public init(
    commands: [CommandRecord]
  ) {
    self.commands = commands
  }
}

/// What a call came to.
public struct CommandState: Codable, Equatable, Sendable {
  /// 0, or why not.
  public var status: UInt8
  /// R0 of its handler.
  @Nullable public var result: UInt32?
  /// The task on which it ran.
  @Nullable public var pid: UInt32?
  /// The command.
  public var oid: UInt16?

  /// One of these parts.
  public init(
    status: UInt8,
    result: UInt32?,
    pid: UInt32?,
    oid: UInt16? = nil
  ) {
    self.status = status
    self.result = result
    self.pid = pid
    self.oid = oid
  }
}

/// What `cmd.call` answers.
public struct CommandAnswer: Codable, Equatable, Sendable {
  /// What it came to.
  public var command: CommandState

  /// One of these parts.
  public init(
    command: CommandState
  ) {
    self.command = command
  }
}
