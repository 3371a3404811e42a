import HSXHAL
import HSXProvisioning
import HSXRegistry
import MiniVM

extension Executive where Memory: ~Copyable {
  /// Stops a task behind its replacement. What it waited for is called off, and reported as a timeout if it is
  /// ever brought back, since nobody knows how long that takes.
  mutating func stand(_ index: Int, now: Instant) {
    cancelBlock(index, now: now)
    let before = tasks[index].state
    tasks[index].isStandby = true
    scheduler.forget(tasks[index].pid)
    events.emit(
      .taskState(from: before, to: .paused, reason: .replaced, detail: nil), pid: tasks[index].pid, now: now)
  }

  /// What the swap does to the task whose place was taken.
  mutating func succeed(_ replacement: Replacement, now: Instant) {
    switch replacement {
    case .setAside(let old):
      if let index = tasks.firstIndex(where: { $0.pid == old }) { stand(index, now: now) }
    case .removed(let old), .removedBefore(let old, _):
      discard(old, reason: .replaced, now: now)
    }
  }

  /// Removes the old tasks of replacements that lived through their probation.
  mutating func settleProbations(_ now: Instant) {
    while let outcome = provisioner.nextProbationOver(at: now) { settle(outcome, now: now) }
  }

  /// Tells the Provisioner that a task ended, and does what follows for a replacement on probation.
  mutating func noteEnding(_ pid: PID, _ cause: RollbackCause?, now: Instant) {
    let revisions = judge(pid, cause, now: now)
    let outcome = provisioner.taskEnded(
      pid, cause: cause, revisions: revisions, now: now, registries: &registries, events: &events)
    if let outcome { settle(outcome, now: now) }
  }

  mutating func settle(_ outcome: ProbationOutcome, now: Instant) {
    switch outcome {
    case .confirmed(_, let old):
      remove(old, reason: .replaced, now: now)
    case .rolledBack(let new, let old, let woken):
      // Its name, values, commands and boxes are gone already: only the task itself is left.
      discard(new, reason: .rolledBack, now: now)
      wake(woken, now: now)
      guard let index = tasks.firstIndex(where: { $0.pid == old }) else { return }
      tasks[index].isStandby = false
      // The new one may have stored others meanwhile.
      registries.objects.values.scheduleWrites(of: old, due: now)
      tasks[index].waitsSince = scheduler.slice
      events.emit(
        .taskState(from: .paused, to: tasks[index].state, reason: .restored, detail: nil), pid: old, now: now)
    }
  }
}
