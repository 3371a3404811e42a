public import HSXHAL
import HSXPersistence
public import HSXProvisioning
import HSXRegistry
public import HXE
public import MiniVM

/// The stored images: what there are, and which of an app's is active.
extension Executive where Memory: ~Copyable {
  // MARK: Looking

  /// All slots of the store, in order. Reads their descriptors.
  ///
  /// - Throws: `noStore`.
  public mutating func slots() throws(ProvisioningError) -> [SlotFacts] {
    guard storageCondition != nil else { throw .noStore }
    return storage?.allFacts() ?? []
  }

  /// The images of an app that are still in the store, the newest first, with what became of each.
  ///
  /// - Throws: `noStore`; `unknownApp`.
  public mutating func history(of app: ShortName) throws(ProvisioningError) -> [SlotFacts] {
    var found = try slots().filter { $0.app == app }
    guard !found.isEmpty else { throw .unknownApp(app) }
    // At most 32, so the simplest sort does.
    for end in found.indices.dropFirst() {
      var place = end
      while place > 0, found[place - 1].revision ?? 0 < found[place].revision ?? 0 {
        found.swapAt(place - 1, place)
        place -= 1
      }
    }
    return found
  }

  // MARK: Storing

  /// Stores the image of a running task, as its app's active one, with its present values. If the task is on probation,
  /// so is the stored image, else it is confirmed at once. One that is stored already stays where it is.
  ///
  /// - Throws: `noStore`; `unknownTask`; `imageNotRetained` if the bytes are not kept (`Policy.retainsImages`);
  ///   `persistKeyStored`; `store`, when no slot is free among others. Nothing has changed then.
  public mutating func persist(
    _ pid: PID, target: PersistTarget, now: Instant
  ) throws(ProvisioningError) -> StoredImage {
    let index = try index(of: pid)
    guard storageCondition != nil else { throw .noStore }
    if let image = tasks[index].image { return image }
    guard let kept = retained.first(where: { $0.pid == pid })?.bytes, !kept.isEmpty else {
      throw .imageNotRetained(pid)
    }
    let metadata = try metadata(of: kept, pid)
    let app = tasks[index].baseName
    try checkStoredKeys(metadata, app: app)
    writeLastValues(of: pid, now: now)
    // No transfer has the handle 0.
    let handle: UInt64 = 0
    let crc32 = CRC32.checksum(kept.span, provisioner.checksumAlgorithm)
    let isOnProbation = provisioner.standby(behind: pid) != nil
    var image: StoredImage?
    do throws(StoreError) {
      _ = try storage?.stage(handle, target, length: kept.count, sha256: nil)
      try storage?.write(handle, kept.span)
      let staged = try storage?.seal(handle, app: app, crc32: crc32, source: tasks[index].source) ?? nil
      guard let staged, let revision = staged.revision else { throw .noSlot }
      let generation = try swap(
        staged.slot, metadata, app: app, predecessor: pid, isProved: !isOnProbation, now: now)
      image = StoredImage(
        slot: UInt8(truncatingIfNeeded: staged.slot), revision: revision, crc32: crc32)
      storage?.noteActivated(handle)
      for other in tasks.indices where tasks[other].baseName == app && !tasks[other].isStandby {
        tasks[other].generation = generation
      }
    } catch {
      settleStaged()
      throw .store(error)
    }
    guard let image else { throw .noStore }
    audit(.stored, UInt16(image.slot), now: now)
    audit(.activated, UInt16(image.slot), now: now)
    tasks[index].image = image
    retained.removeAll { $0.pid == pid }
    if isOnProbation {
      beginTrial(image, pid, policy.probation)
      if tasks[index].hasRun { trialRuns(pid, now: now) }
    }
    let facts = TransferFacts(handle: nil, phase: .ready, appName: app, source: tasks[index].source)
    events.emit(
      .persisted(facts, slot: image.slot, revision: image.revision, target: target, crc32: crc32), pid: pid,
      now: now)
    return image
  }

  private func metadata(of image: [UInt8], _ pid: PID) throws(ProvisioningError) -> Metadata {
    var parser = ImageParser(
      totalBytes: UInt32(truncatingIfNeeded: image.count), limits: policy.budget.image,
      checksum: provisioner.checksumAlgorithm)
    var position = 0
    do throws(ImageError) {
      while try parser.next(in: image.span, at: &position) != nil {}
      try parser.finish()
      return parser.metadata
    } catch {
      // It was an image when it was loaded.
      throw .imageNotRetained(pid)
    }
  }

  // MARK: Activating

  /// Loads what is in a slot: a VERIFIED image becomes its app's active one, on probation; an app's fallback takes over
  /// again; an active one that does not run is loaded. A task of that app gives way.
  ///
  /// - Throws: `noStore`; `unknownSlot`; `store` with `slotState` if it is none of these or runs already, with `damaged`
  ///   if its hash is not that of the descriptor; what a load throws.
  public mutating func activate(
    slot: UInt8, nonce: UInt64, now: Instant
  ) throws(ProvisioningError) -> Activation {
    let all = try slots()
    guard Int(slot) < all.count, let app = all[Int(slot)].app else { throw .unknownSlot(slot) }
    let facts = all[Int(slot)]
    if facts.isFallback, !facts.state.isActive { return try rollback(app, nonce: nonce, now: now) }
    let change: StoredChange
    switch facts.state.phase {
    case .verified: change = .swap(UInt16(slot))
    case .trial, .confirmed:
      guard facts.state.isActive, !tasks.contains(where: { $0.image?.slot == slot && !$0.isStandby }) else {
        throw .store(.slotState(UInt16(slot), facts.state))
      }
      change = .none
    default: throw .store(.slotState(UInt16(slot), facts.state))
    }
    return try load(facts, change, nonce: nonce, now: now)
  }

  /// Activates the newest VERIFIED image of an app, or loads its active one if it does not run; see `activate(slot:)`.
  ///
  /// - Throws: `unknownApp`, and what that throws.
  public mutating func activate(
    app: ShortName, nonce: UInt64, now: Instant
  ) throws(ProvisioningError) -> Activation {
    let images = try history(of: app)
    guard
      let image = images.first(where: { $0.state.phase == .verified })
        ?? images.first(where: { $0.state.isActive })
    else { throw .unknownApp(app) }
    return try activate(slot: image.slot, nonce: nonce, now: now)
  }

  /// Goes back to the image before the active one of an app, with the values as they were when that was replaced. The
  /// one that was active is rejected: its hash is not taken again.
  ///
  /// - Throws: `noStore`, `unknownApp`, `noFallback`; what a load throws. The active one runs on then.
  public mutating func rollback(
    _ app: ShortName, nonce: UInt64, now: Instant
  ) throws(ProvisioningError) -> Activation {
    guard storageCondition != nil else { throw .noStore }
    guard let active = storage?.activeSlot(of: app) else { throw .unknownApp(app) }
    let slot = UInt16(active.slot)
    guard let fallback = storage?.store.slots.fallback(of: slot) else { throw .noFallback(app) }
    guard let facts = storage?.facts(of: fallback), !facts.isDamaged else {
      throw .store(.damaged(fallback))
    }
    let old = provisioner.task(ofApp: app)
    let activation = try load(facts, .rollback(from: slot), nonce: nonce, now: now)
    trials.removeAll { $0.slot == slot }
    // It has proved itself before, and nobody wants the other one back.
    if let outcome = provisioner.confirm(activation.pid) { settle(outcome, now: now) }
    let about = TransferFacts(handle: nil, phase: .ready, appName: app, source: activation.source)
    events.emit(
      .rollback(
        about, from: old, to: activation.pid, fromRevision: active.revision, toRevision: facts.revision,
        cause: .user),
      pid: activation.pid, now: now)
    return activation
  }

  /// Frees a slot that holds no active image, no fallback, and no transfer under way. The hash of one that was rejected
  /// may come again then.
  ///
  /// - Throws: `noStore`; `unknownSlot`; `store` with `slotState` if it is needed.
  public mutating func release(slot: UInt8) throws(ProvisioningError) {
    let all = try slots()
    guard Int(slot) < all.count, all[Int(slot)].state.phase != .empty else { throw .unknownSlot(slot) }
    let isAwaited = storage?.staged.contains { $0.slot == UInt16(slot) } ?? false
    guard !isAwaited else { throw .store(.slotState(UInt16(slot), all[Int(slot)].state)) }
    do throws(StoreError) {
      try storage?.release(UInt16(slot))
    } catch {
      throw .store(error)
    }
  }

  /// The ordinary streaming load, out of a slot.
  mutating func load(
    _ facts: SlotFacts, _ change: StoredChange, nonce: UInt64, now: Instant
  ) throws(ProvisioningError) -> Activation {
    let slot = UInt16(facts.slot)
    do throws(StoreError) {
      try storage?.verify(slot)
    } catch {
      throw .store(error)
    }
    let revision = facts.revision ?? 0
    var request = TransferRequest(
      options: LoadOptions(
        source: .store(slot: facts.slot, revision: revision), fallbackName: facts.app ?? ShortName(),
        replaces: true),
      nonce: nonce)
    request.totalBytes = facts.length
    advanceTransfers(now)
    let receipt = try provisioner.begin(request, now: now, machine: &machine, events: &events)
    storedChanges.append(
      (
        handle: receipt.handle,
        image: StoredImage(slot: facts.slot, revision: revision, crc32: facts.crc32 ?? 0), change: change
      ))
    defer { storedChanges.removeAll { $0.handle == receipt.handle } }
    let length = Int(facts.length ?? 0)
    var offset = 0
    do throws(ProvisioningError) {
      while offset < length {
        let piece = try bytes(of: slot, at: offset, count: min(Self.pieceBytes, length - offset))
        try provisioner.prefill(receipt.handle, piece.span, machine: &machine)
        offset += piece.count
      }
    } catch {
      provisioner.fail(
        receipt.handle, error, stage: .boot, now: now, machine: &machine, events: &events)
      throw error
    }
    let activation = try finish(.handle(receipt.handle), by: .admin, checksum: facts.crc32, now: now)
    guard let activation else { throw .wrongState(.sealed) }
    return activation
  }
}
