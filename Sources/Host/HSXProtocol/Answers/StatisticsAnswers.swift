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
