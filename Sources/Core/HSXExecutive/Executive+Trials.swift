import HSXHAL
import HSXPersistence
import HSXProvisioning
import HXE
import MiniVM

/// An active image that has not proved itself, or not since a failed start, while its task runs.
struct SlotTrial: Equatable, Sendable {
  /// What it came to, while that is not yet stored.
  enum Verdict: Equatable, Sendable {
    case confirmed
    case rejected(SlotState.Cause)
  }

  let slot: UInt16
  let pid: PID
  let revision: UInt32
  /// The image to go back to, by its revision; nil if there is none.
  let fallbackRevision: UInt32?
  let probation: UInt32
  /// It is confirmed, and a good run clears the count of its failed starts. A bad one costs it nothing.
  var isProved = false
  /// When the probation is over; nil until the task has run.
  var deadline: Instant?
  var verdict: Verdict?
}

/// A stored image that is to take over from a task that failed.
struct FallbackStart: Equatable, Sendable {
  let failed: PID
  /// The revision that failed.
  let from: UInt32
  /// The slot that is active now.
  let slot: UInt16
}

// The stored half of a probation. The other half, which task waits behind which, is the Provisioner's; both see the same
// runs, endings and times.
extension Executive where Memory: ~Copyable {
  /// Notes that a task runs an image that has to prove itself.
  mutating func beginTrial(
    _ image: StoredImage, _ pid: PID, _ probation: UInt32, isProved: Bool = false
  ) {
    let slot = UInt16(image.slot)
    let fallback = storage?.store.slots.fallback(of: slot)
    let revision = fallback.flatMap { storage?.facts(of: $0).revision }
    trials.append(
      SlotTrial(
        slot: slot, pid: pid, revision: image.revision, fallbackRevision: revision, probation: probation,
        isProved: isProved))
  }

  /// Starts the probation of a task if it is on trial and has not run before.
  mutating func trialRuns(_ pid: PID, now: Instant) {
    guard let index = trials.firstIndex(where: { $0.pid == pid && $0.deadline == nil }) else { return }
    trials[index].deadline = now.advanced(byMilliseconds: trials[index].probation)
  }

  /// Notes how a task on trial ended; `cause` nil for well.
  ///
  /// - Returns: the revisions of the image that failed and of the one that takes over.
  mutating func judge(_ pid: PID, _ cause: RollbackCause?, now: Instant) -> (from: UInt32?, to: UInt32?) {
    guard let index = trials.firstIndex(where: { $0.pid == pid && $0.verdict == nil }) else {
      return (nil, nil)
    }
    if trials[index].isProved, cause != nil {
      trials.remove(at: index)
      return (nil, nil)
    }
    trials[index].verdict = cause.map { .rejected(SlotState.Cause($0)) } ?? .confirmed
    let trial = trials[index]
    storeVerdicts(now)
    if trial.isProved { return (nil, nil) }
    return (trial.revision, trial.fallbackRevision)
  }

  /// A task that failed and behind which none waited gives way to the image before it, at the next look.
  private mutating func noteFallback(of trial: SlotTrial) {
    guard case .rejected(let cause) = trial.verdict, cause != .request,
      let failed = storage?.facts(of: trial.slot), failed.state.phase == .rejected, let app = failed.app,
      let index = tasks.firstIndex(where: { $0.pid == trial.pid }), tasks[index].ending != nil,
      provisioner.standby(behind: trial.pid) == nil, let next = storage?.activeSlot(of: app)
    else { return }
    fallbackStarts.append(FallbackStart(failed: trial.pid, from: trial.revision, slot: UInt16(next.slot)))
  }

  /// Starts the images that take over from others that failed.
  mutating func startFallbacks(_ now: Instant) {
    let starts = fallbackStarts
    fallbackStarts.removeAll()
    for start in starts {
      guard let facts = storage?.facts(of: start.slot), facts.state.isActive,
        let index = tasks.firstIndex(where: { $0.pid == start.failed })
      else { continue }
      let cause: RollbackCause
      switch tasks[index].ending {
      case .faulted(let fault): cause = .fault(fault)
      case .exited(let status), .returned(let status): cause = .exit(status: status)
      case nil: continue
      }
      do throws(ProvisioningError) {
        // The transfer is over before anybody else could name its handle.
        let activation = try load(facts, .none, nonce: UInt64(start.slot) + 1, now: now)
        if let outcome = provisioner.confirm(activation.pid) { settle(outcome, now: now) }
        let about = TransferFacts(
          handle: nil, phase: .ready, appName: activation.baseName, source: activation.source)
        events.emit(
          .rollback(
            about, from: start.failed, to: activation.pid, fromRevision: start.from,
            toRevision: facts.revision, cause: cause),
          pid: activation.pid, now: now)
      } catch {
        // The load has told why. The next start tries again.
        continue
      }
    }
  }

  /// Confirms those whose probation is over, and stores what is not stored yet.
  mutating func settleTrials(_ now: Instant) {
    for index in trials.indices where trials[index].verdict == nil {
      if let deadline = trials[index].deadline, now >= deadline { trials[index].verdict = .confirmed }
    }
    storeVerdicts(now)
    startFallbacks(now)
  }

  /// When `settleTrials` has something to do next; nil if nothing waits.
  var nextTrial: Instant? {
    var earliest: Instant? = fallbackStarts.isEmpty ? nil : .zero
    for trial in trials {
      guard let next = trial.verdict == nil ? trial.deadline : writeBackoff.until ?? .zero else { continue }
      earliest = min(earliest ?? next, next)
    }
    return earliest
  }

  /// Stores all verdicts in one batch. Until that succeeds they stay, and are tried again.
  private mutating func storeVerdicts(_ now: Instant) {
    guard trials.contains(where: { $0.verdict != nil }), writeBackoff.allows(now) else { return }
    do throws(StoreError) {
      var batch = StateBatch()
      for trial in trials {
        switch trial.verdict {
        case .confirmed:
          // Another may have taken its place meanwhile.
          guard !trial.isProved || storage?.store.state(of: trial.slot).isActive == true else { continue }
          try storage?.store.confirm(trial.slot, into: &batch)
        case .rejected(let cause):
          // Its attempt was taken before it ran. Who wants it gone does not wait for the others.
          guard cause == .request || storage?.store.state(of: trial.slot).tally == 0 else { continue }
          try reject(trial.slot, cause, into: &batch)
        case nil: break
        }
      }
      try storage?.commit(batch)
      for trial in trials where trial.verdict != nil && !trial.isProved {
        noteFallback(of: trial)
        let state = storage?.store.state(of: trial.slot) ?? .empty
        switch state.phase {
        case .confirmed: audit(.confirmed, trial.slot, now: now)
        case .rejected: audit(.rejected, trial.slot, cause: state.cause, now: now)
        default: break
        }
      }
      trials.removeAll { $0.verdict != nil }
      writeBackoff.succeeded()
    } catch {
      if case .slotState = error {
        // Somebody has decided otherwise meanwhile.
        trials.removeAll { $0.verdict != nil }
        return
      }
      writeBackoff.failed(now)
      let facts = TransferFacts(
        handle: nil, phase: .ready, appName: ShortName(), source: .store(slot: 0, revision: 0))
      events.emit(.transferError(facts, .store(error), stage: .persist), pid: nil, now: now)
    }
  }
}

extension SlotState.Cause {
  init(_ cause: RollbackCause) {
    self =
      switch cause {
      case .fault: .fault
      case .exit: .exit
      case .killed, .user: .request
      case .damaged: .damaged
      case .attemptsSpent: .reset
      }
  }
}
