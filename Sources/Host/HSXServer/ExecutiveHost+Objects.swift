import HSXExecutive
import HSXProtocol
import HSXProvisioning
import HSXRegistry
import MiniVM

// What values and commands over the protocol have in common: names, callers, and how full the tables are.
extension ExecutiveHost {
  /// What a request means by its `oid` or `name`.
  enum ObjectMatch {
    case object(ObjectID)
    case unknown
    case ambiguous
  }

  /// The task whose value a request would change; nil if there is no such value.
  func owner(ofValue request: ValueRequest) -> PID? {
    guard case .object(let id)? = try? match(request.object, request.name, value(named:)) else { return nil }
    return executive.objects.values[id]?.owner
  }

  /// The task whose command a request would call; nil if there is no such command.
  func owner(ofCommand request: CommandRequest) -> PID? {
    guard case .object(let id)? = try? match(request.object, request.name, command(named:)) else {
      return nil
    }
    return executive.objects.commands[id]?.owner
  }

  func value(named name: String) -> NameMatch { executive.objects.value(named: Array(name.utf8).span) }

  func command(named name: String) -> NameMatch { executive.objects.command(named: Array(name.utf8).span) }

  /// The object of a request: its number, `group:number`, or its name.
  func match(
    _ object: String?, _ name: String?, _ search: (String) -> NameMatch
  ) throws(Refusal) -> ObjectMatch {
    guard let object else { return Self.match(search(try require(name, "oid"))) }
    if let number = Loose<Int64>.number(object) {
      guard let id = UInt16(exactly: number) else {
        throw Refusal(invalid: "oid", expected: "a number from 0 to 65535, group:number, or a name")
      }
      return .object(ObjectID(id))
    }
    if let id = pair(object) { return .object(id) }
    return Self.match(search(object))
  }

  private static func match(_ found: NameMatch) -> ObjectMatch {
    switch found {
    case .found(let id): .object(id)
    case .unknown: .unknown
    case .ambiguous: .ambiguous
    }
  }

  /// The object of `group:number`; nil if one of the two is none.
  private func pair(_ text: String) -> ObjectID? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let group = Loose<UInt8>.number(String(parts[0])),
      let member = Loose<UInt8>.number(String(parts[1]))
    else { return nil }
    return ObjectID(group: group, member: member)
  }

  /// Who asks for a value or a command.
  ///
  /// - Parameter pid: act as that task. Who may only look owns nothing by naming a task.
  /// - Throws: a refusal if there is no such task.
  func caller(_ requester: Requester, actingAs pid: UInt32?, token: String?) throws(Refusal) -> Caller {
    let pid = pid ?? 0
    if pid != 0 { _ = try refusing { () throws(ProvisioningError) in try executive.task(pid) } }
    let hasToken = access.admitsPin(token, hashes: configuration.pins, from: requester.peer, now: now)
    switch requester.role {
    case .admin: return .client(.factory, actingAs: pid, hasToken: hasToken)
    case .operator, .provisioner: return .client(.user, actingAs: pid, hasToken: hasToken)
    case .observer, nil: return .client(.public)
    }
  }

  /// Whether an object is in the group that a list was asked for: by its number (255 is all), or by its name.
  func isIn(_ group: String?, _ id: ObjectID, _ name: String?) -> Bool {
    guard let group else { return true }
    if let number = Loose<UInt32>.number(group) { return number == 0xFF || number == UInt32(id.group) }
    return name == group
  }

  /// A text of the registry.
  func text(_ id: StringID?) -> String? {
    guard let id else { return nil }
    let span = executive.objects.text(id)
    return String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
  }

  // MARK: Statistics

  var valueStatistics: StatisticsAnswer {
    StatisticsAnswer(
      stats: ObjectStatistics(values: TableUse(executive.objects.valueUse), strings: stringsUse))
  }

  var commandStatistics: StatisticsAnswer {
    StatisticsAnswer(
      stats: ObjectStatistics(commands: TableUse(executive.objects.commandUse), strings: stringsUse))
  }

  private var stringsUse: StringsUse {
    let use = executive.objects.stringUse
    return StringsUse(
      used: use.used, total: use.capacity, usage: use.usagePercent, highWater: use.highWater,
      highWaterUsage: use.highWaterPercent, warning: use.isWarning)
  }
}

extension TableUse {
  fileprivate init(_ use: CapacityUse) {
    self.init(
      count: use.used, capacity: use.capacity, usage: use.usagePercent, highWater: use.highWater,
      highWaterUsage: use.highWaterPercent, warning: use.isWarning)
  }
}
