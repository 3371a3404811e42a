import HSXHAL
import HSXPersistence
import HSXProvisioning
import HSXRegistry
import HXE
import MiniVM

/// How an image that is about to become a task stands in the store.
enum StoredChange: Equatable, Sendable {
  /// It is its app's active image already.
  case none
  /// It becomes its app's active image, on trial.
  case swap(UInt16)
  /// It takes over again from the image in that slot, which is rejected.
  case rollback(from: UInt16)
}

// What the store changes when an image becomes a task: one batch, at the instant at which nothing else can refuse it
// any more. So after any power cut the new image has its values and the old one its own.
extension Executive where Memory: ~Copyable {
  /// Refuses an image that claims a key under which the stored image of another app, active or its fallback, keeps a value.
  ///
  /// Cost: the first time a reading of the stored images of other apps, if the image has keys.
  mutating func checkStoredKeys(_ metadata: Metadata, app: ShortName) throws(ProvisioningError) {
    let keys = metadata.values.map { $0.persistKey }.filter { $0 != 0 }
    if let (key, slot) = storedOwner(of: keys, besides: app) {
      throw .persistKeyStored(key: key, slot: UInt8(truncatingIfNeeded: slot))
    }
  }

  /// The first of these keys that belongs to another stored app, and the slot of that app's image.
  mutating func storedOwner(of keys: [UInt16], besides app: ShortName) -> (key: UInt16, slot: UInt16)? {
    guard storageCondition != nil, !keys.isEmpty else { return nil }
    let others = storage?.allFacts() ?? []
    let own = activeFacts(of: app)?.state.app
    for other in others where other.app != app {
      guard other.state.phase == .trial || other.state.phase == .confirmed else { continue }
      // One that cannot be read is whose its record says.
      if other.app == nil, other.state.app == own { continue }
      let taken = storedKeys(of: UInt16(other.slot))
      for key in keys where taken.contains(key) { return (key, UInt16(other.slot)) }
    }
    return nil
  }

  /// The generation in which the values of an app are stored: that of its active slot, 0 if it has none.
  mutating func storedGeneration(of app: ShortName) -> UInt8 {
    activeFacts(of: app)?.state.generation ?? 0
  }

  /// The slot from which an app boots. If neither that nor the image before it can be read, a task that runs it knows.
  private mutating func activeFacts(of app: ShortName) -> SlotFacts? {
    if let found = storage?.activeSlot(of: app) { return found }
    guard let image = tasks.first(where: { $0.baseName == app && !$0.isStandby })?.image,
      let facts = storage?.facts(of: UInt16(image.slot)), facts.app == nil, facts.state.isActive
    else { return nil }
    return facts
  }

  /// The keys that a stored image declares; none if it cannot be read.
  private mutating func storedKeys(of slot: UInt16) -> [UInt16] {
    storage?.keys(
      of: slot, limits: policy.budget.image, checksum: provisioner.checksumAlgorithm) ?? []
  }

  // MARK: Swap

  /// Makes a VERIFIED slot its app's active image, on trial, and gives it its values: those of the app that it can
  /// have. All or nothing. If the image that was active is damaged it is rejected, and the one before it stays the fallback.
  ///
  /// - Parameters:
  ///   - predecessor: the task whose present values count before those that are stored.
  ///   - isProved: it runs already and is on no probation, so it is confirmed at once.
  /// - Returns: the generation of its values.
  mutating func swap(
    _ slot: UInt16, _ metadata: Metadata, app: ShortName, predecessor: PID?, isProved: Bool = false,
    now: Instant
  ) throws(StoreError) -> UInt8 {
    // Which images are the app's, their names say.
    for facts in storage?.allFacts() ?? [] {
      if let fault = facts.fault { throw .memory(fault) }
    }
    let active = activeFacts(of: app)
    let old = active?.state.generation ?? 0
    let before = active.map { UInt16($0.slot) }
    let fallback = before.flatMap { storage?.store.slots.fallback(of: $0) }
    var damaged: [UInt16] = []
    for slot in [before, fallback].compactMap({ $0 }) {
      guard storage?.isDamaged(slot) == true else { break }
      damaged.append(slot)
    }
    let present = predecessor.map { registries.objects.values.storedValues(of: $0) } ?? []
    var dropped: [UInt16] = []
    // The new image's values come where those of the image were that goes.
    if let gone = damaged.first ?? fallback { dropped = storedKeys(of: gone) }
    if !damaged.isEmpty {
      for value in present where !dropped.contains(value.key) { dropped.append(value.key) }
    }
    // It runs with this: one attempt is taken by what follows. Without an image to go back to, a reset alone does not cost
    // the app. Where nothing runs what is stored, as in a tool, the policy leaves all attempts for the starts to come.
    let isAlone = damaged.isEmpty ? active == nil : fallback == nil || damaged.last == fallback
    let running = isAlone ? max(1, Int(policy.bootAttempts)) - 1 : 0
    let attempts = max(running, Int(policy.trialAttempts))
    var batch = StateBatch()
    for slot in damaged { try storage?.store.reject(slot, .damaged, into: &batch) }
    let generation = try storage?.activate(slot, attempts: attempts, generation: old, into: &batch) ?? 0
    if isProved { try storage?.store.confirm(slot, into: &batch) }
    for descriptor in metadata.values where descriptor.persistKey != 0 {
      let key = descriptor.persistKey
      let known = present.first { $0.key == key }?.bits ?? stored(key, generation: old)?.bits
      let next = known.map { descriptor.admits($0) ? $0 : descriptor.initial }
      let there = storage?.value(of: key, generation: generation)
      guard next != there else { continue }
      if let next {
        try batch.append(Record(.value(generation: generation), key, next))
      } else {
        try batch.append(.tombstone(.value(generation: generation), key))
      }
    }
    for key in dropped where !metadata.values.contains(where: { $0.persistKey == key }) {
      guard storage?.value(of: key, generation: generation) != nil else { continue }
      try batch.append(.tombstone(.value(generation: generation), key))
    }
    try storage?.commit(batch)
    for slot in damaged {
      trials.removeAll { $0.slot == slot }
      audit(.rejected, slot, cause: .damaged, now: now)
    }
    return generation
  }

  /// Adds to `batch` that the image in an active slot is rejected: its fallback is active again, with the values as they
  /// were at the swap, and its own are forgotten.
  mutating func reject(
    _ slot: UInt16, _ cause: SlotState.Cause, into batch: inout StateBatch
  ) throws(StoreError) {
    guard let storage = storage?.store.slots else { return }
    let state = storage[slot]
    let fallback = storage.fallback(of: slot)
    try self.storage?.store.reject(slot, cause, into: &batch)
    guard let fallback, storage[fallback].generation != state.generation else { return }
    for key in storedKeys(of: slot) {
      guard self.storage?.value(of: key, generation: state.generation) != nil else { continue }
      try batch.append(.tombstone(.value(generation: state.generation), key))
    }
  }

  /// What the activation of a transfer changes in the store, and where its image stands.
  mutating func storedChange(_ handle: UInt64) -> (image: StoredImage?, change: StoredChange) {
    if let index = storedChanges.firstIndex(where: { $0.handle == handle }) {
      let known = storedChanges[index]
      return (known.image, known.change)
    }
    guard let staged = storage?.staged.first(where: { $0.handle == handle }), let revision = staged.revision,
      let crc32 = storage?.facts(of: staged.slot).crc32
    else { return (nil, .none) }
    return (
      StoredImage(slot: UInt8(truncatingIfNeeded: staged.slot), revision: revision, crc32: crc32),
      .swap(staged.slot)
    )
  }

  /// Makes lasting what the activation of a planned image changes in the store.
  ///
  /// - Returns: where its values are from now on.
  /// - Throws: `persistKeyStored`, or what the store refuses; nothing has changed then.
  mutating func makeLasting(
    _ plan: ActivationPlan, _ change: StoredChange, now: Instant
  ) throws(ProvisioningError) -> UInt8 {
    try checkStoredKeys(plan.metadata, app: plan.baseName)
    do throws(StoreError) {
      switch change {
      case .none: return storedGeneration(of: plan.baseName)
      case .swap(let slot):
        let generation = try swap(
          slot, plan.metadata, app: plan.baseName, predecessor: plan.replacement?.pid, now: now)
        audit(.activated, slot, now: now)
        return generation
      case .rollback(let slot):
        var batch = StateBatch()
        try reject(slot, .request, into: &batch)
        try storage?.commit(batch)
        audit(.rejected, slot, cause: .request, now: now)
        return storedGeneration(of: plan.baseName)
      }
    } catch {
      throw .store(error)
    }
  }
}

extension Storage where Memory: ~Copyable {
  /// Adds to `batch` that a slot becomes its app's active one; of an app without any the values are in `generation`.
  mutating func activate(
    _ slot: UInt16, attempts: Int, generation: UInt8, into batch: inout StateBatch
  ) throws(StoreError) -> UInt8 {
    try store.activate(slot, attempts: attempts, generation: generation, into: &batch, in: &memory)
  }

  /// Makes all of a batch hold, or nothing.
  mutating func commit(_ batch: borrowing StateBatch) throws(StoreError) {
    try store.commit(batch, in: &memory)
  }
}
