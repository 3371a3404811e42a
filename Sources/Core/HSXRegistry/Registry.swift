import HXE

/// The values and commands of all tasks, with their strings.
///
/// It decides and remembers; events, notices and writes are the caller's, from what the calls return. A call that
/// throws has changed nothing.
public struct Registry: Sendable {
  /// What went with a task.
  public struct Removal: Equatable, Sendable {
    /// Its values, rising.
    public var values: [ObjectID] = []
    /// Its commands, rising.
    public var commands: [ObjectID] = []
    /// The subscriptions that ended: its own, and others' to its values.
    public var subscriptions: [Subscription] = []
    /// What was still to be written of its values.
    public var writes: [PersistWrite] = []
    /// The tables that are full no longer.
    public var capacityChanges: [CapacityChange] = []
  }

  /// What a registration did.
  public struct Registration: Equatable, Sendable {
    /// Whether the object is new; else its owner has changed its description.
    public var isNew: Bool
    /// The tables that are nearly full now.
    public var capacityChanges: [CapacityChange]
  }

  /// What the registry may hold.
  public let limits: RegistryLimits
  /// The values. Setting, subscribing and persisting are calls on it.
  public var values: ValueTable
  /// The commands.
  public internal(set) var commands: CommandTable
  /// The strings of both.
  public internal(set) var strings: StringTable
  var standbys: [StandbyObjects] = []
  private var valueMonitor: CapacityMonitor
  private var commandMonitor: CapacityMonitor
  private var stringMonitor: CapacityMonitor

  /// An empty registry.
  public init(limits: RegistryLimits) {
    self.limits = limits
    values = ValueTable(capacity: limits.values, subscriptionCapacity: limits.subscriptions)
    commands = CommandTable(capacity: limits.commands)
    strings = StringTable(capacity: limits.stringBytes)
    valueMonitor = CapacityMonitor(.values, capacity: limits.values)
    commandMonitor = CapacityMonitor(.commands, capacity: limits.commands)
    stringMonitor = CapacityMonitor(.strings, capacity: limits.stringBytes)
  }

  /// How full the values are.
  public var valueUse: CapacityUse { valueMonitor.use(values.all.count) }

  /// How full the commands are.
  public var commandUse: CapacityUse { commandMonitor.use(commands.all.count) }

  /// How full the strings are, in bytes.
  public var stringUse: CapacityUse { stringMonitor.use(strings.usedBytes) }

  /// The bytes of a name, a unit or a help, without copying them; none for nil.
  @_lifetime(borrow self)
  public func text(_ id: StringID?) -> Span<UInt8> {
    strings.text(id ?? StringID(slot: .max))
  }

  /// Removes a task's values, commands and subscriptions, and gives their strings back. What is stored stays.
  public mutating func remove(owner: UInt32) -> Removal {
    var removal = removeObjects(of: owner)
    removal.capacityChanges = observe()
    return removal
  }

  mutating func removeObjects(of owner: UInt32) -> Removal {
    var removal = Removal()
    removal.writes = values.pendingWrites(of: owner)
    for value in values.all where value.owner == owner {
      removal.values.append(value.id)
      strings.release(value.name)
      strings.release(value.groupName)
      strings.release(value.unit)
    }
    for command in commands.all where command.owner == owner {
      removal.commands.append(command.id)
      strings.release(command.name)
      strings.release(command.groupName)
      strings.release(command.help)
    }
    values.all.removeAll { $0.owner == owner }
    commands.all.removeAll { $0.owner == owner }
    let gone = removal.values
    removal.subscriptions = values.subscriptions.filter { $0.pid == owner || gone.contains($0.id) }
    values.subscriptions.removeAll { $0.pid == owner || gone.contains($0.id) }
    return removal
  }

  /// What is to be said about how full the tables are.
  mutating func observe() -> [CapacityChange] {
    var changes: [CapacityChange] = []
    if let change = valueMonitor.observe(values.all.count) { changes.append(change) }
    if let change = commandMonitor.observe(commands.all.count) { changes.append(change) }
    if let change = stringMonitor.observe(strings.usedBytes) { changes.append(change) }
    return changes
  }
}
