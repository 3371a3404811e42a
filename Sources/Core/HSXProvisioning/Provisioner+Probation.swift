public import HSXHAL
public import HSXMailbox
import HSXRegistry
public import MiniVM

/// An app that was replaced and waits to see whether the new one lives.
struct Standby: Sendable {
  var old: PID
  var new: PID
  var facts: TransferFacts
  var probation: UInt32
  /// When the probation is over; nil until the new one has run.
  var deadline: Instant?
  var name: AppNames.Entry
  /// Its mailboxes as they were at the swap.
  var declared: [DeclaredMailbox]
}

/// What a probation came to.
public enum ProbationOutcome: Equatable, Sendable {
  /// The new task stays; the old one is to be removed.
  case confirmed(new: PID, old: PID)
  /// The new task is to be removed; the old one goes on from where it was stopped. The waits ended with the new
  /// one's boxes.
  case rolledBack(new: PID, old: PID, [Woken])
}

extension Provisioner {
  /// What is to become of a task that is replaced: it stands aside; but if it is on probation itself, the one that
  /// stands aside already is the one to come back to.
  func replacement(of old: PID) -> Replacement {
    if let standby = standby(behind: old) { .removedBefore(old, standby: standby) } else { .setAside(old) }
  }

  /// Puts a replaced task's name aside and starts the probation of the new one.
  mutating func succeed(_ replacement: Replacement, by session: Session, declared: [DeclaredMailbox]) {
    let name = names.entries.first { $0.pid == replacement.pid }
    names.remove(replacement.pid)
    let probation = session.request.options.probation ?? policy.probation
    switch replacement {
    case .removed: break
    case .setAside(let old):
      guard let name else { return }
      standbys.append(
        Standby(
          old: old, new: session.pid, facts: facts(session), probation: probation, name: name,
          declared: declared))
    case .removedBefore(let old, _):
      guard let index = standbys.firstIndex(where: { $0.new == old }) else { return }
      standbys[index].new = session.pid
      standbys[index].facts = facts(session)
      standbys[index].probation = probation
      standbys[index].deadline = nil
    }
  }

  /// The task that waits behind `pid`, if `pid` is on probation.
  public func standby(behind pid: PID) -> PID? {
    standbys.first { $0.new == pid }?.old
  }

  /// Starts the probation of `pid` if it is on one and has not run before.
  public mutating func taskRuns(_ pid: PID, now: Instant) {
    guard let index = standbys.firstIndex(where: { $0.new == pid && $0.deadline == nil }) else { return }
    standbys[index].deadline = now.advanced(byMilliseconds: standbys[index].probation)
  }

  /// When the next probation is over.
  public var nextProbationDeadline: Instant? {
    standbys.lazy.compactMap { $0.deadline }.min()
  }

  /// Confirms one replacement whose probation is over at `now`; call until nil.
  public mutating func nextProbationOver(at now: Instant) -> ProbationOutcome? {
    guard let index = standbys.firstIndex(where: { $0.deadline.map { now >= $0 } ?? false }) else {
      return nil
    }
    let standby = standbys.remove(at: index)
    return .confirmed(new: standby.new, old: standby.old)
  }

  /// Confirms a replacement before its probation is over; nil if it is on none.
  public mutating func confirm(_ pid: PID) -> ProbationOutcome? {
    guard let index = standbys.firstIndex(where: { $0.new == pid }) else { return nil }
    let standby = standbys.remove(at: index)
    return .confirmed(new: standby.new, old: standby.old)
  }

  /// Tells how a task ended; nil if it was not on probation.
  ///
  /// - Parameters:
  ///   - cause: why it counts as failed; nil if it returned with status 0.
  ///   - revisions: of the stored images of both, if they are stored.
  public mutating func taskEnded(
    _ pid: PID, cause: RollbackCause?, revisions: (from: UInt32?, to: UInt32?) = (nil, nil), now: Instant,
    registries: inout Registries, events: inout EventQueue
  ) -> ProbationOutcome? {
    guard let index = standbys.firstIndex(where: { $0.new == pid }) else { return nil }
    let standby = standbys.remove(at: index)
    guard let cause else { return .confirmed(new: pid, old: standby.old) }
    let woken = forget(pid, now: now, registries: &registries, events: &events)
    names.add(standby.name)
    registries.restore(standby.old, standby.declared, now: now, events: &events)
    events.emit(
      .rollback(
        standby.facts, from: pid, to: standby.old, fromRevision: revisions.from, toRevision: revisions.to,
        cause: cause), pid: standby.old, now: now)
    return .rolledBack(new: pid, old: standby.old, woken)
  }

  /// Gives back everything that a task which is going away has: name, values, commands, mailboxes.
  ///
  /// - Returns: the waits of other tasks that end because their box is gone.
  public mutating func forget(
    _ pid: PID, now: Instant, registries: inout Registries, events: inout EventQueue
  ) -> [Woken] {
    names.remove(pid)
    return registries.remove(pid, now: now, events: &events)
  }
}
