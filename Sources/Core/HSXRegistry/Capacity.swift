/// How full one of the registry's tables is.
public struct CapacityUse: Equatable, Sendable {
  /// What is in use.
  public var used: Int
  /// The most there can be.
  public var capacity: Int
  /// The most that was ever in use.
  public var highWater: Int
  /// Whether it went above 80 % and has not been below 70 % since.
  public var isWarning: Bool

  /// `used` in whole percent of the capacity.
  public var usagePercent: Int { Self.percent(used, of: capacity) }

  /// `highWater` in whole percent of the capacity.
  public var highWaterPercent: Int { Self.percent(highWater, of: capacity) }

  private static func percent(_ part: Int, of whole: Int) -> Int {
    whole > 0 ? part * 100 / whole : 0
  }
}

/// A table that went above 80 % of its room, or is below 70 % again.
public struct CapacityChange: Equatable, Sendable {
  /// The table.
  public var resource: RegistryResource
  /// Whether the warning begins; else it ends.
  public var isRaised: Bool
  /// What is in use.
  public var used: Int
  /// The most there can be.
  public var capacity: Int

  /// A warning that begins or ends.
  public init(resource: RegistryResource, isRaised: Bool, used: Int, capacity: Int) {
    self.resource = resource
    self.isRaised = isRaised
    self.used = used
    self.capacity = capacity
  }
}

/// Remembers how full a table was, and whether it has been said.
struct CapacityMonitor: Sendable {
  let resource: RegistryResource
  let capacity: Int
  private(set) var highWater = 0
  private(set) var isWarning = false

  init(_ resource: RegistryResource, capacity: Int) {
    self.resource = resource
    self.capacity = capacity
  }

  /// What is to be said now that `used` is in use; nil if nothing.
  mutating func observe(_ used: Int) -> CapacityChange? {
    highWater = max(highWater, used)
    let raised = isWarning ? used * 100 >= capacity * 70 : used * 100 > capacity * 80
    guard raised != isWarning else { return nil }
    isWarning = raised
    return CapacityChange(resource: resource, isRaised: raised, used: used, capacity: capacity)
  }

  func use(_ used: Int) -> CapacityUse {
    CapacityUse(used: used, capacity: capacity, highWater: highWater, isWarning: isWarning)
  }
}
