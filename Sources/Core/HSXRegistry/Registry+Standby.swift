import HXE

/// What a replaced task had, kept until its replacement has proved itself.
struct StandbyObjects: Sendable {
  let owner: UInt32
  /// The task that took its place.
  var behind: UInt32
  /// As they were at the swap. Their strings are not released, so that nothing is missing if they come back.
  var values: [Value]
  var commands: [Command]
  var subscriptions: [Subscription]
}

// A replaced task stands aside: its objects are out of the tables, but nobody else can take what they need to come
// back: their numbers, their keys, their places, their strings.
extension Registry {
  /// Takes a task's objects out of the tables and keeps them.
  ///
  /// - Returns: what other tasks' subscriptions and writes it concerns, as for a removal.
  mutating func setAside(_ owner: UInt32, behind new: UInt32) -> Removal {
    let subscriptions = values.subscriptions
    let kept = StandbyObjects(
      owner: owner, behind: new, values: values.all.filter { $0.owner == owner },
      commands: commands.all.filter { $0.owner == owner }, subscriptions: [])
    var removal = Removal()
    removal.writes = values.pendingWrites(of: owner)
    removal.values = kept.values.map { $0.id }
    removal.commands = kept.commands.map { $0.id }
    values.all.removeAll { $0.owner == owner }
    commands.all.removeAll { $0.owner == owner }
    let gone = removal.values
    let concerned = subscriptions.filter { $0.pid == owner || gone.contains($0.id) }
    values.subscriptions.removeAll { $0.pid == owner || gone.contains($0.id) }
    removal.subscriptions = concerned
    standbys.append(kept)
    standbys[standbys.count - 1].subscriptions = concerned
    return removal
  }

  /// Lets a task that stands aside stand behind another one.
  mutating func move(standby owner: UInt32, behind new: UInt32) {
    for index in standbys.indices where standbys[index].owner == owner { standbys[index].behind = new }
  }

  /// Forgets what a task that stood aside had.
  public mutating func dropStandby(_ owner: UInt32) -> [CapacityChange] {
    for standby in standbys where standby.owner == owner {
      for value in standby.values { strings.release(value.name, value.groupName, value.unit) }
      for command in standby.commands { strings.release(command.name, command.groupName, command.help) }
    }
    standbys.removeAll { $0.owner == owner }
    return observe()
  }

  /// Gives a task that stood aside its objects back, as they were when it was replaced. Its replacement's must be
  /// gone. Does nothing if it does not stand aside.
  public mutating func restoreStandby(_ owner: UInt32) -> [CapacityChange] {
    guard let index = standbys.firstIndex(where: { $0.owner == owner }) else { return [] }
    let standby = standbys.remove(at: index)
    for value in standby.values { values.insert(value) }
    for command in standby.commands { commands.insert(command) }
    for subscription in standby.subscriptions
    where !values.subscriptions.contains(subscription)
      && values.subscriptions.count < values.subscriptionCapacity
    {
      values.subscriptions.append(subscription)
    }
    return observe()
  }

  // MARK: What is spoken for

  /// The places for values that nobody has and nobody may come back to.
  var freeValues: Int {
    var free = limits.values - values.all.count
    for standby in standbys {
      let present = values.all.filter { $0.owner == standby.behind }.count
      free -= max(0, standby.values.count - present)
    }
    return max(0, free)
  }

  /// The places for commands that nobody has and nobody may come back to.
  var freeCommands: Int {
    var free = limits.commands - commands.all.count
    for standby in standbys {
      let present = commands.all.filter { $0.owner == standby.behind }.count
      free -= max(0, standby.commands.count - present)
    }
    return max(0, free)
  }

  /// The task other than `owner` to which a value of this number belongs, or may come back.
  func ownerOfValue(_ id: ObjectID, besides owner: UInt32) -> UInt32? {
    if let value = values[id] { return value.owner }
    return standbys.first { $0.behind != owner && $0.values.contains { $0.id == id } }?.owner
  }

  /// The task other than `owner` to which a command of this number belongs, or may come back.
  func ownerOfCommand(_ id: ObjectID, besides owner: UInt32) -> UInt32? {
    if let command = commands[id] { return command.owner }
    return standbys.first { $0.behind != owner && $0.commands.contains { $0.id == id } }?.owner
  }

  /// The value other than `id` that has this key, or may come back with it.
  func holder(ofKey key: UInt16, except id: ObjectID, besides owner: UInt32) -> Value? {
    if let holder = values.holder(ofKey: key, except: id) { return holder }
    guard key != 0 else { return nil }
    for standby in standbys where standby.behind != owner {
      if let value = standby.values.first(where: { $0.persistKey == key }) { return value }
    }
    return nil
  }
}

extension StringTable {
  /// Counts one use less of each.
  fileprivate mutating func release(_ first: StringID?, _ second: StringID?, _ third: StringID?) {
    release(first)
    release(second)
    release(third)
  }
}
