import HSXExecutive
import HSXHAL
import HSXProtocol
import HSXProvisioning
import HSXTranslation
import MiniVM

/// The clock and steps over the protocol.
extension ExecutiveHost {
  /// Events that a step's reply shows at most.
  private static let shownEvents = 256
  /// Bytes of text in these at most, so that a reply stays far below what a line may have.
  private static let shownText = 16 * 1024

  var clockRecord: ClockRecord {
    let reason: String? =
      if !clock.isRunning || executive.hasRunnableTask {
        clock.isRunning && clock.rate > 0 ? "rate_limit" : nil
      } else {
        waitReason
      }
    return ClockRecord(
      state: clock.isRunning ? "running" : "stopped", running: clock.isRunning,
      mode: clock.rate > 0 ? "rate" : "active", throttled: reason != nil, throttleReason: reason,
      stepSize: clock.slice, rateHz: clock.rate, lastWait: clock.lastWait, autoSteps: clock.autoSteps,
      autoTotalSteps: clock.autoTotal, manualSteps: clock.manualSteps, manualTotalSteps: clock.manualTotal)
  }

  /// Why no task can run.
  private var waitReason: String {
    let states = executive.taskList.map(\.state)
    if states.contains(.sleeping) { return "sleep" }
    if states.contains(.waitingMailbox) { return "mailbox" }
    return states.contains(.paused) ? "paused" : "idle"
  }

  func setClock(_ request: ClockRequest) throws(Refusal) -> ClockAnswer {
    switch request.operation {
    case nil, "status": return ClockAnswer(clock: clockRecord)
    case "start", "run": return startClock()
    case "stop", "halt": return stopClock()
    case "rate":
      let text = try require(request.rate, "rate")
      guard let rate = Double(text), rate.isFinite, (0...1e9).contains(rate) else {
        throw Refusal(invalid: "rate", expected: "a number from 0 to 1,000,000,000")
      }
      clock.setRate(rate, now: now)
      return ClockAnswer(clock: clockRecord)
    default: throw Refusal(invalid: "op", expected: "start, run, stop, halt, step or rate")
    }
  }

  func startClock() -> ClockAnswer {
    clock.start(now: now)
    log.info("clock started")
    return ClockAnswer(clock: clockRecord)
  }

  func stopClock() -> ClockAnswer {
    clock.isRunning = false
    log.info("clock stopped")
    return ClockAnswer(clock: clockRecord)
  }

  // MARK: Steps

  func beginStep(_ request: StepRequest) throws(Refusal) -> Job.Work {
    if let pid = request.pid { _ = try selected(pid) }
    clock.beginManual()
    return .step(
      StepJob(
        left: request.steps ?? 1, only: request.pid, firstEvent: executive.events.nextSequence))
  }

  /// Runs a piece of a step; its reply when it has come to its end.
  func progress(_ job: inout StepJob, now: Instant) -> Result<StepAnswer, Refusal>? {
    let budget = min(job.left, clock.slice)
    let began = self.now
    do throws(ProvisioningError) {
      let summary = try executive.run(upTo: budget, only: job.only, now: now)
      // Before the reply, behind which the next request may ask for what was written.
      carryOutEffects()
      clock.noteManual(summary.retired)
      let microseconds = elapsed(since: began)
      clock.adapt(retired: summary.retired, of: budget, microseconds: microseconds)
      metrics.ran(summary.retired, microseconds: microseconds)
      job.executed += summary.retired
      job.left -= summary.retired
      job.lastPID = summary.lastPID ?? job.lastPID
      switch summary.reason {
      case .effectsPending, .eventsPending: return nil
      case .budget where job.left > 0: return nil
      case .budget, .idle, .breakpoint: return .success(answer(job))
      }
    } catch {
      // A task that cannot run has been stepped by nothing, and the answer says why; clients take a refusal for a
      // request that was wrong.
      if case .wrongTaskState = error { return .success(answer(job)) }
      return job.executed > 0 ? .success(answer(job)) : .failure(Refusal(error))
    }
  }

  private func answer(_ job: StepJob) -> StepAnswer {
    let pid = job.lastPID ?? job.only ?? currentPID
    let task = pid.flatMap { try? executive.task($0) }
    let context = task.map { self.context(of: $0) }
    var events: [EventRecord] = []
    var text = 0
    var sequence = max(job.firstEvent, executive.events.oldestSequence)
    while sequence < executive.events.nextSequence, events.count < Self.shownEvents {
      if let event = executive.events.event(sequence) {
        if case .output(_, let bytes) = event.body { text += bytes.count }
        guard text <= Self.shownText else { break }
        events.append(record(of: event))
      }
      sequence += 1
    }
    let result = StepRecord(
      executed: job.executed, running: executive.hasRunnableTask, pc: context?.pc ?? 0,
      steps: context?.accountedSteps ?? 0, sleepPending: task?.state == .sleeping,
      paused: task?.state == .paused, currentPID: pid, nextPID: currentPID, events: events)
    return StepAnswer(result: result, clock: clockRecord)
  }
}
