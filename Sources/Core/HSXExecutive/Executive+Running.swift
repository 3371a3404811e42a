public import HSXHAL
public import HSXProvisioning
public import MiniVM

/// What a run came to.
public struct RunSummary: Equatable, Sendable {
  /// Why it ended.
  public enum Reason: Equatable, Sendable {
    /// As many instructions as asked for were retired.
    case budget
    /// No task can run before `Executive.nextDeadline`, or before something comes in.
    case idle
    /// The effects are spent: the driver must take some before tasks go on.
    case effectsPending
    /// So many events have come that a subscriber who reads now still loses none.
    case eventsPending
    /// A task met a break; it is paused.
    case breakpoint(PID, code: UInt8)
  }

  /// Instructions retired by all tasks.
  public var retired: UInt32
  /// Why it ended.
  public var reason: Reason
  /// The task that ran last.
  public var lastPID: PID?
}

extension Executive where Memory: ~Copyable {
  /// The most instructions that a task with the processor to itself gets in one go.
  private static var longestRun: UInt32 { 65_536 }

  /// Runs the tasks, each in its turn, until `budget` instructions are retired or none can run.
  ///
  /// - Parameter pid: run this task alone, outside the turns of the others.
  /// - Throws: `unknownTask`; `wrongTaskState` if `pid` is given and cannot run.
  public mutating func run(
    upTo budget: UInt32, only pid: PID? = nil, now: Instant
  ) throws(ProvisioningError) -> RunSummary {
    advance(to: now)
    if let pid {
      let index = try index(of: pid)
      guard tasks[index].isRunnable else { throw .wrongTaskState(pid, tasks[index].state) }
    }
    var summary = RunSummary(retired: 0, reason: .budget)
    let firstEvent = events.nextSequence
    while summary.retired < budget {
      guard !effects.isFull else {
        summary.reason = .effectsPending
        return summary
      }
      // A program can write faster than anybody reads; the driver lets the readers in before the ring turns over.
      guard events.nextSequence - firstEvent < UInt64(max(1, policy.budget.events / 2)) else {
        summary.reason = .eventsPending
        return summary
      }
      guard let index = pick(only: pid, now: now) else {
        summary.reason = .idle
        return summary
      }
      let running = tasks[index].pid
      summary.lastPID = running
      let result = runSlice(index, upTo: budget - summary.retired, isAlone: pid != nil, now: now)
      summary.retired += result.retired
      if let code = finish(running, result.reason, now: now) {
        summary.reason = .breakpoint(running, code: code)
        return summary
      }
    }
    return summary
  }

  /// Whose turn it is, and the tale of the switch if it is another's than before.
  private mutating func pick(only pid: PID?, now: Instant) -> Int? {
    if let pid { return tasks.firstIndex { $0.pid == pid && $0.isRunnable } }
    let before = scheduler.current
    let index = scheduler.select(&tasks)
    if let before, let index, tasks[index].pid != before {
      noteSwitch(from: before, to: tasks[index].pid, .quantumExpired, now: now)
    }
    return index
  }

  private mutating func runSlice(
    _ index: Int, upTo budget: UInt32, isAlone: Bool, now: Instant
  ) -> StepResult {
    let pid = tasks[index].pid
    if !tasks[index].hasRun {
      change(index, .started, now: now) { $0.hasRun = true }
      provisioner.taskRuns(pid, now: now)
      trialRuns(pid, now: now)
    }
    var slice = min(budget, isAlone ? Self.longestRun : scheduler.remaining)
    // With nobody to take turns with, a slice's end would only cost time.
    if !isAlone, tasks.lazy.filter({ $0.isRunnable }).prefix(2).count == 1 {
      slice = min(budget, max(slice, Self.longestRun))
    }
    let result = runMachine(pid, upTo: slice)
    if !isAlone { scheduler.spend(result.retired, quantum: tasks[index].quantum) }
    return result
  }

  /// Does what a stop asks for; returns the code if it was a break.
  private mutating func finish(_ pid: PID, _ reason: StopReason, now: Instant) -> UInt8? {
    switch reason {
    case .budget:
      return nil
    case .systemCall(let module, let function):
      answerSystemCall(pid, module: module, function: function, now: now)
      return nil
    case .breakpoint(let code):
      if let index = tasks.firstIndex(where: { $0.pid == pid }) {
        change(index, .debugBreak, detail: UInt32(code), now: now) { $0.isPaused = true }
      }
      switchAway(from: pid, .paused, now: now)
      return code
    case .fault(let fault):
      end(pid, .faulted(fault), now: now)
      return nil
    case .returned:
      end(pid, .returned(status: register(0, of: pid)), now: now)
      return nil
    }
  }

  /// Notes that a task has ended. It stays listed, with all it has, until it is killed or replaced.
  mutating func end(_ pid: PID, _ ending: ExecutiveTask.Ending, now: Instant) {
    guard let index = tasks.firstIndex(where: { $0.pid == pid }) else { return }
    let cause: RollbackCause?
    switch ending {
    case .faulted(let fault):
      change(index, .fault, detail: UInt32(fault.rawValue), now: now) { $0.ending = ending }
      cause = .fault(fault)
    case .returned(let status), .exited(let status):
      change(index, .returned, detail: status, now: now) { $0.ending = ending }
      cause = status == 0 ? nil : .exit(status: status)
    }
    switchAway(from: pid, .ended, now: now)
    noteEnding(pid, cause, now: now)
  }

  /// Ends the slice of a task that cannot go on.
  mutating func switchAway(from pid: PID, _ reason: SwitchReason, now: Instant) {
    guard scheduler.current == pid else { return }
    scheduler.forget(pid)
    noteSwitch(from: pid, to: nil, reason, now: now)
  }

  /// Switches come by the thousand in a second, so they are told only while somebody has asked for them.
  private mutating func noteSwitch(from: PID?, to: PID?, _ reason: SwitchReason, now: Instant) {
    guard events.isWanted(.scheduler) else { return }
    events.emit(.scheduler(from: from, to: to, reason: reason), pid: to ?? from, now: now)
  }
}
