public import HXE

/// What becomes of a task whose place a new one takes.
public enum Replacement: Equatable, Sendable {
  /// It is gone.
  case removed(UInt32)
  /// It stands aside and may come back.
  case setAside(UInt32)
  /// It is gone, and the one that stood aside behind it stands behind the new one.
  case removedBefore(UInt32, standby: UInt32)

  /// The task whose place is taken.
  public var pid: UInt32 {
    switch self {
    case .removed(let pid), .setAside(let pid), .removedBefore(let pid, _): pid
    }
  }
}

extension Registry {
  /// Whether `declare` with these arguments would succeed now; the refusal if not. Changes nothing. Costs what
  /// `declare` does, and a copy of the tables while it runs.
  public func canDeclare(
    _ metadata: Metadata, owner: UInt32, replacing: Replacement? = nil
  ) -> RegistryError? {
    var trial = self
    do throws(RegistryError) {
      _ = try trial.apply(metadata, owner: owner, replacing: replacing, stored: [])
      return nil
    } catch {
      return error
    }
  }

  /// Registers, at one instant, every value and command that an image declares. All or none: a refusal leaves the
  /// registry as it was. It does not refuse what `canDeclare` has just allowed.
  ///
  /// With `replacing` that task's values and commands go at the same instant: their numbers, keys, strings and
  /// places do not count as taken, and other tasks' subscriptions to numbers that the new image declares too go
  /// on. A value that loads starts from `stored`, else from what the replaced task has under its key, if that is
  /// in the new range; else from what the image says. `fram_keys` of the manifest say which keys only load or
  /// only save.
  ///
  /// - Returns: what went with the replaced task. Its pending `writes` are also those of values carried over.
  public mutating func declare(
    _ metadata: Metadata, owner: UInt32, replacing: Replacement? = nil, stored: [StoredValue] = []
  ) throws(RegistryError) -> Removal {
    var trial = self
    let removal = try trial.apply(metadata, owner: owner, replacing: replacing, stored: stored)
    self = trial
    return removal
  }

  private mutating func apply(
    _ metadata: Metadata, owner: UInt32, replacing: Replacement?, stored: [StoredValue]
  ) throws(RegistryError) -> Removal {
    var removal = Removal()
    var stored = stored
    if let replacing {
      stored.append(contentsOf: values.storedValues(of: replacing.pid))
      switch replacing {
      case .removed(let old): removal = removeObjects(of: old)
      case .setAside(let old): removal = setAside(old, behind: owner)
      case .removedBefore(let old, let standby):
        removal = removeObjects(of: old)
        move(standby: standby, behind: owner)
      }
    }
    try checkPlaces(for: metadata, owner: owner)
    try checkStrings(for: metadata)
    for descriptor in metadata.values {
      try add(
        ValueDescription(descriptor), bits: descriptor.initial, in: metadata.text.span, owner: owner)
      guard let index = values.index(of: ObjectID(descriptor.objectID)) else { continue }
      applyStorageMode(of: metadata.manifest, to: index)
      start(index, from: stored)
    }
    for descriptor in metadata.commands {
      let id = ObjectID(descriptor.objectID)
      if let other = commands[id] { throw .commandExists(id, owner: other.owner) }
      try add(CommandDescription(descriptor), in: metadata.text.span, owner: owner)
    }
    resume(&removal, replaced: replacing?.pid)
    removal.capacityChanges = observe()
    return removal
  }

  /// Says at once how many places all of it needs, and not where the table happens to end.
  private func checkPlaces(for metadata: Metadata, owner: UInt32) throws(RegistryError) {
    for descriptor in metadata.values {
      let id = ObjectID(descriptor.objectID)
      if let other = ownerOfValue(id, besides: owner) { throw .valueExists(id, owner: other) }
    }
    for descriptor in metadata.commands {
      let id = ObjectID(descriptor.objectID)
      if let other = ownerOfCommand(id, besides: owner) { throw .commandExists(id, owner: other) }
    }
    guard metadata.values.count <= freeValues else {
      throw .noSpace(.values, needed: metadata.values.count, available: freeValues)
    }
    guard metadata.commands.count <= freeCommands else {
      throw .noSpace(.commands, needed: metadata.commands.count, available: freeCommands)
    }
  }

  /// Says at once how many bytes of new strings there are.
  private func checkStrings(for metadata: Metadata) throws(RegistryError) {
    let text = metadata.text.span
    var trial = StringTable(capacity: .max)
    for descriptor in metadata.values {
      for range in [descriptor.name, descriptor.groupName, descriptor.unit] {
        try countNew(range, in: text, &trial)
      }
    }
    for descriptor in metadata.commands {
      for range in [descriptor.name, descriptor.groupName, descriptor.help] {
        try countNew(range, in: text, &trial)
      }
    }
    let free = limits.stringBytes - strings.usedBytes
    guard trial.usedBytes <= free else {
      throw .noSpace(.strings, needed: trial.usedBytes, available: free)
    }
  }

  private func countNew(
    _ range: TextRange?, in text: Span<UInt8>, _ new: inout StringTable
  ) throws(RegistryError) {
    guard let range, range.count > 0 else { return }
    guard UInt64(range.start) + UInt64(range.count) <= UInt64(text.count) else {
      throw .invalidDescriptor(.outOfBounds(address: range.start))
    }
    let start = Int(range.start)
    let one = text.extracting(start..<(start + Int(range.count)))
    if !strings.contains(one) { _ = new.intern(one) }
  }

  private mutating func applyStorageMode(of manifest: Manifest?, to index: Int) {
    guard let manifest, values.all[index].persistKey != 0 else { return }
    for entry in manifest.storageKeys where entry.key == values.all[index].persistKey {
      values.all[index].loads = entry.mode != .save
      values.all[index].saves = entry.mode != .load
    }
  }

  /// Lets other tasks' subscriptions go on whose value is there again.
  private mutating func resume(_ removal: inout Removal, replaced: UInt32?) {
    guard let replaced else { return }
    var ended: [Subscription] = []
    for subscription in removal.subscriptions {
      if subscription.pid != replaced, values.index(of: subscription.id) != nil {
        values.subscriptions.append(subscription)
      } else {
        ended.append(subscription)
      }
    }
    removal.subscriptions = ended
  }
}
