public import HXE

extension Registry {
  /// Registers a value for a task that asks by a system call; it starts at 0, or from what is stored under its
  /// key. The task's own value may be registered again: it keeps its number, what the chain does not say stays as
  /// it was, and it keeps its bits, unless it now has a key under which something is stored.
  ///
  /// - Parameter memory: where the chain's strings lie.
  /// - Parameter stored: what storage holds; the first one with the value's key counts, if it is in range.
  public mutating func registerValue(
    _ id: ObjectID, flags: ValueFlags, authLevel: UInt8 = 0, chain: DescriptorChain, in memory: Span<UInt8>,
    owner: UInt32, stored: [StoredValue] = []
  ) throws(RegistryError) -> Registration {
    let description = ValueDescription(id: id, flags: flags, authLevel: authLevel, chain: chain)
    if let index = values.index(of: id), values.all[index].owner == owner {
      let key = values.all[index].persistKey
      try describe(index, description, in: memory)
      if values.all[index].persistKey != key { start(index, from: stored) }
      return Registration(isNew: false, capacityChanges: observe())
    }
    try add(description, bits: 0, in: memory, owner: owner)
    if let index = values.index(of: id) { start(index, from: stored) }
    return Registration(isNew: true, capacityChanges: observe())
  }

  /// Registers a command for a task that asks by a system call. The task's own command may be registered again:
  /// it keeps its number, and what the chain does not say stays as it was. Whether the handler lies within the
  /// owner's code is the caller's to check; here it must be a multiple of 4.
  public mutating func registerCommand(
    _ id: ObjectID, flags: CommandFlags, authLevel: UInt8 = 0, handler: UInt32, chain: DescriptorChain,
    in memory: Span<UInt8>, owner: UInt32
  ) throws(RegistryError) -> Registration {
    let description = CommandDescription(
      id: id, flags: flags, authLevel: authLevel, handler: handler, chain: chain)
    let isNew = commands.index(of: id) == nil
    try add(description, in: memory, owner: owner)
    return Registration(isNew: isNew, capacityChanges: observe())
  }

  /// Adds a value that is not there yet.
  mutating func add(
    _ description: ValueDescription, bits: UInt16, in text: Span<UInt8>, owner: UInt32
  ) throws(RegistryError) {
    let id = description.id
    if let other = ownerOfValue(id, besides: owner) { throw .valueExists(id, owner: other) }
    guard freeValues > 0 else { throw .noSpace(.values, needed: 1, available: 0) }
    values.insert(
      Value(id: id, owner: owner, flags: description.flags, authLevel: description.authLevel, bits: bits))
    let index = values.place(of: id)
    do throws(RegistryError) {
      try describe(index, description, in: text)
    } catch {
      values.all.remove(at: index)
      throw error
    }
  }

  /// Gives a value its description; what is absent stays.
  private mutating func describe(
    _ index: Int, _ description: ValueDescription, in text: Span<UInt8>
  ) throws(RegistryError) {
    let chain = description.chain
    let key = chain.persistKey ?? values.all[index].persistKey
    let owner = values.all[index].owner
    if let holder = holder(ofKey: key, except: description.id, besides: owner) {
      throw .persistKeyTaken(key, by: holder.id, owner: holder.owner)
    }
    let texts = try strings.intern(chain.name, chain.groupName, chain.unit, in: text)
    var value = values.all[index]
    let old = value
    value.flags = description.flags
    value.authLevel = description.authLevel
    if let id = texts.first { value.name = id }
    if let id = texts.second { value.groupName = id }
    if let id = texts.third { value.unit = id }
    if let epsilon = chain.epsilon { value.epsilon = epsilon }
    if let rate = chain.rateMilliseconds { value.rateMilliseconds = UInt32(rate) }
    if let minimum = chain.minimum { value.minimum = minimum }
    if let maximum = chain.maximum { value.maximum = maximum }
    if let debounce = chain.debounceMilliseconds { value.debounceMilliseconds = UInt32(debounce) }
    if key != old.persistKey {
      value.persistKey = key
      value.loads = key != 0
      value.saves = key != 0
      // What was due belongs to the key that is no longer its own.
      value.writeDue = nil
    }
    values.all[index] = value
    if texts.first != nil { strings.release(old.name) }
    if texts.second != nil { strings.release(old.groupName) }
    if texts.third != nil { strings.release(old.unit) }
  }

  /// Adds a command, or gives the owner's own another description.
  mutating func add(
    _ description: CommandDescription, in text: Span<UInt8>, owner: UInt32
  ) throws(RegistryError) {
    let id = description.id
    guard description.handler % 4 == 0 else {
      throw .handlerUnaligned(id, offset: description.handler)
    }
    var command = Command(
      id: id, owner: owner, flags: description.flags, authLevel: description.authLevel,
      handler: description.handler)
    let known = commands[id]
    if let known {
      guard known.owner == owner else { throw .commandExists(id, owner: known.owner) }
      command.name = known.name
      command.groupName = known.groupName
      command.help = known.help
    } else {
      if let other = ownerOfCommand(id, besides: owner) { throw .commandExists(id, owner: other) }
      guard freeCommands > 0 else {
        throw .noSpace(.commands, needed: 1, available: 0)
      }
    }
    let texts = try strings.intern(description.name, description.groupName, description.help, in: text)
    if let new = texts.first {
      strings.release(command.name)
      command.name = new
    }
    if let new = texts.second {
      strings.release(command.groupName)
      command.groupName = new
    }
    if let new = texts.third {
      strings.release(command.help)
      command.help = new
    }
    if let index = commands.index(of: id) {
      commands.all[index] = command
    } else {
      commands.insert(command)
    }
  }

  /// Starts a value from what is stored under its key, if it is there and in range. Nothing is written for it.
  mutating func start(_ index: Int, from stored: [StoredValue]) {
    let value = values.all[index]
    guard value.loads, value.persistKey != 0 else { return }
    for one in stored where one.key == value.persistKey {
      if value.admits(one.bits) { values.all[index].bits = one.bits }
      return
    }
  }
}
