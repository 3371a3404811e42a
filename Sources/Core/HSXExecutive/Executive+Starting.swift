public import HSXHAL
import HSXPersistence
public import HSXProvisioning
import HXE
import MiniVM

// The two ends of a node's run.
extension Executive where Memory: ~Copyable {
  /// Loads the active images of all apps, after a start with nothing loaded.
  ///
  /// Before any of them can run, one attempt of each on trial is taken, in one batch; one that had none left gives way to
  /// the image before it. So does one whose slot is damaged; one that cannot be loaded otherwise does so after
  /// `Policy.bootAttempts` starts in a row, but for a memory that refuses to read no image is blamed. Each refusal is also an event, of stage boot.
  ///
  /// - Parameter nonce: a random number; handles are made from it and the slots' numbers.
  /// - Returns: the tasks, in the order of their slots.
  /// - Throws: `noStore`; `store` if the attempts cannot be noted, for then nothing may run.
  public mutating func startStored(
    nonce: UInt64, now: Instant
  ) throws(ProvisioningError) -> [Activation] {
    guard storageCondition != nil else { throw .noStore }
    try takeAttempts(now)
    var started: [Activation] = []
    for facts in storage?.allFacts() ?? [] where facts.state.isActive {
      guard let activation = start(facts, nonce: nonce &+ UInt64(facts.slot), now: now) else { continue }
      started.append(activation)
    }
    return started
  }

  /// Before a graceful stop: what came of transfers is noted, so that they can go on, and every value is stored.
  ///
  /// - Throws: `store` with the first failure.
  public mutating func stop(now: Instant) throws(ProvisioningError) {
    let handles = storage?.staged.compactMap { $0.handle } ?? []
    for handle in handles
    where storage?.staged.contains(where: { $0.handle == handle && $0.revision == nil }) == true {
      do throws(StoreError) {
        try storage?.unstage(handle, mayGoOn: true)
      } catch {
        throw .store(error)
      }
      provisioner.fail(
        handle, .cancelled, stage: .write, now: now, machine: &machine, events: &events)
    }
    do throws(StoreError) { try storage?.flushLog(now) } catch { throw .store(error) }
    try flush(now: now)
  }

  private mutating func takeAttempts(_ now: Instant) throws(ProvisioningError) {
    do throws(StoreError) {
      var batch = StateBatch()
      let before = storage?.allFacts() ?? []
      // One that has none left is rejected here, so that what it had stored goes with it.
      for facts in before where facts.state.isActive && facts.state.phase == .trial && facts.state.tally == 0
      {
        try reject(UInt16(facts.slot), .reset, into: &batch)
      }
      try storage?.store.takeAttempts(into: &batch)
      guard batch.count > 0 else { return }
      try storage?.commit(batch)
      for facts in before where storage?.store.state(of: UInt16(facts.slot)).phase == .rejected {
        guard facts.state.isActive else { continue }
        audit(.rejected, UInt16(facts.slot), cause: .reset, now: now)
        tellRollback(facts, .attemptsSpent, now: now)
      }
    } catch {
      throw .store(error)
    }
  }

  /// Loads one active image; if it is damaged, the one before it.
  private mutating func start(_ facts: SlotFacts, nonce: UInt64, now: Instant) -> Activation? {
    let slot = UInt16(facts.slot)
    do throws(ProvisioningError) {
      guard !facts.isDamaged else { throw .store(.damaged(slot)) }
      if let fault = facts.fault { throw .store(.memory(fault)) }
      let activation = try load(facts, .none, nonce: nonce, now: now)
      let isProved = facts.state.phase == .confirmed
      if !isProved || facts.state.tally > 0 {
        let image = StoredImage(
          slot: facts.slot, revision: facts.revision ?? 0, crc32: facts.crc32 ?? 0)
        beginTrial(image, activation.pid, policy.probation, isProved: isProved)
      }
      return activation
    } catch {
      let about = TransferFacts(
        handle: nil, phase: .failed, appName: facts.app ?? ShortName(),
        source: .store(slot: facts.slot, revision: facts.revision ?? 0))
      events.emit(.transferError(about, error, stage: .boot), pid: nil, now: now)
      // A memory that refuses to read says nothing of the image, which waits for the next start.
      if case .store(.memory) = error { return nil }
      let fallback = storage?.store.slots.fallback(of: slot)
      guard noteFailedStart(slot, isDamaged: error == .store(.damaged(slot)), now: now) else { return nil }
      tellRollback(facts, .damaged, now: now)
      guard let fallback, let next = storage?.facts(of: fallback) else { return nil }
      return start(next, nonce: nonce &+ 32, now: now)
    }
  }

  /// Stores that a start failed. True if the image was rejected by it.
  private mutating func noteFailedStart(_ slot: UInt16, isDamaged: Bool, now: Instant) -> Bool {
    do throws(StoreError) {
      var batch = StateBatch()
      if isDamaged {
        try reject(slot, .damaged, into: &batch)
      } else {
        try storage?.store.fail(slot, .load, attempts: Int(policy.bootAttempts), into: &batch)
      }
      try storage?.commit(batch)
      guard let state = storage?.store.state(of: slot), state.phase == .rejected else { return false }
      audit(.rejected, slot, cause: state.cause, now: now)
      return true
    } catch {
      writeBackoff.failed(now)
      return false
    }
  }

  private mutating func tellRollback(_ failed: SlotFacts, _ cause: RollbackCause, now: Instant) {
    let app = failed.app ?? ShortName()
    let next = storage?.activeSlot(of: app)
    let about = TransferFacts(
      handle: nil, phase: .ready, appName: app,
      source: .store(slot: failed.slot, revision: failed.revision ?? 0))
    events.emit(
      .rollback(
        about, from: nil, to: nil, fromRevision: failed.revision, toRevision: next?.revision, cause: cause),
      pid: nil, now: now)
  }
}
