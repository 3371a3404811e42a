public import HSXHAL
public import HSXProvisioning
public import MiniVM

extension Executive where Memory: ~Copyable {
  /// Keeps a task from running until `resume`. A task that waits goes on waiting.
  ///
  /// - Throws: `unknownTask`; `wrongTaskState` if it has ended.
  public mutating func pause(_ pid: PID, now: Instant) throws(ProvisioningError) {
    let index = try index(of: pid)
    guard tasks[index].ending == nil else { throw .wrongTaskState(pid, tasks[index].state) }
    change(index, .userPause, now: now) { $0.isPaused = true }
    if scheduler.current == pid { switchAway(from: pid, .paused, now: now) }
  }

  /// Lets a paused task run again; does nothing to one that is not paused.
  ///
  /// - Throws: `unknownTask`; `wrongTaskState` if it has ended.
  public mutating func resume(_ pid: PID, now: Instant) throws(ProvisioningError) {
    let index = try index(of: pid)
    guard tasks[index].ending == nil else { throw .wrongTaskState(pid, tasks[index].state) }
    change(index, .resume, now: now) { $0.isPaused = false }
  }

  /// Ends a task, whatever its state, and gives back all it has. With a replacement on probation goes the task
  /// that waits behind it: who kills an app does not want the one before.
  ///
  /// - Throws: `unknownTask`.
  public mutating func kill(_ pid: PID, now: Instant) throws(ProvisioningError) {
    _ = try index(of: pid)
    writeLastValues(of: pid, now: now)
    // Who is killed has not proved itself; but no task comes back for it.
    let revisions = judge(pid, .killed, now: now)
    if let from = revisions.from, let to = revisions.to, let task = tasks.first(where: { $0.pid == pid }) {
      let facts = TransferFacts(handle: nil, phase: .ready, appName: task.baseName, source: task.source)
      events.emit(
        .rollback(facts, from: pid, to: nil, fromRevision: from, toRevision: to, cause: .killed), pid: pid,
        now: now)
    }
    noteEnding(pid, nil, now: now)
    remove(pid, reason: .killed, now: now)
  }

  /// Sets a task's priority or quantum; nil leaves it.
  ///
  /// - Throws: `unknownTask`; `outOfRange` for a quantum of 0 or above 1,000,000.
  public mutating func schedule(
    _ pid: PID, priority: UInt8?, quantum: UInt32?
  ) throws(ProvisioningError) {
    let index = try index(of: pid)
    if let quantum {
      guard (1...1_000_000).contains(quantum) else {
        throw .outOfRange(.quantum, found: UInt64(quantum), least: 1, most: 1_000_000)
      }
      tasks[index].quantum = quantum
    }
    if let priority { tasks[index].priority = priority }
  }

  /// Takes a task away with everything it has.
  mutating func remove(_ pid: PID, reason: TaskStateReason, now: Instant) {
    let woken = provisioner.forget(pid, now: now, registries: &registries, events: &events)
    discard(pid, reason: reason, now: now)
    wake(woken, now: now)
  }

  /// Takes away a task that has nothing in the registries any more.
  mutating func discard(_ pid: PID, reason: TaskStateReason, now: Instant) {
    guard let index = tasks.firstIndex(where: { $0.pid == pid }) else { return }
    let before = tasks[index].isStandby ? TaskState.paused : tasks[index].state
    let leavesFiles = tasks[index].mayHaveFiles
    tasks.remove(at: index)
    scheduler.forget(pid)
    unload(pid)
    retained.removeAll { $0.pid == pid }
    // An image whose task was taken away has proved nothing: the next start takes its next attempt.
    trials.removeAll { $0.pid == pid && $0.verdict == nil }
    // Best effort: a driver that lets its effects pile up finds the files of an unknown pid at its next look.
    if leavesFiles { _ = effects.append(.closeFiles(pid)) }
    events.emit(
      .taskState(from: before, to: .terminated, reason: reason, detail: nil), pid: pid, now: now)
  }
}
