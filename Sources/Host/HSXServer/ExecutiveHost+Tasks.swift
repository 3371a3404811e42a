import HSXRegistry
import HSXExecutive
import HSXProtocol
import HSXProvisioning
import HSXTranslation
import HXE
import MiniVM

/// Tasks over the protocol.
extension ExecutiveHost {
  /// Switches between tasks that `sched` shows, unless it is told otherwise, and at most.
  private static let usualSwitches: UInt32 = 64
  private static let mostSwitches: UInt32 = 1024

  // MARK: Looking

  /// The task that a command means when it names none: whose slice it is, or the first there is.
  var currentPID: PID? { executive.currentPID ?? executive.taskList.first?.pid }

  /// All tasks.
  var taskList: TaskList {
    TaskList(tasks: executive.taskList.map { record(of: $0) }, currentPID: currentPID)
  }

  func record(of task: ExecutiveTask) -> TaskRecord {
    let context = context(of: task)
    return TaskRecord(
      pid: task.pid, state: task.state.word, appName: task.name.text, appNameBase: task.baseName.text,
      program: task.source.program, priority: task.priority, quantum: task.quantum, pc: context.pc,
      sleepPending: task.state == .sleeping, accountedSteps: context.accountedSteps, trace: false,
      exitStatus: task.exitStatus, regBase: context.regBase, stackBase: context.stackBase,
      stackLimit: context.stackLimit, stackSize: context.stackSize,
      metadata: DeclaredRecord(task.declared), source: task.source.tree)
  }

  /// What the machine keeps of a task.
  func context(of task: ExecutiveTask) -> ContextRecord {
    // A task that is listed has a context; should that ever fail, zeros are better than no answer.
    let processor = try? executive.processor(of: task.pid)
    let limit = processor?.stackLimit ?? 0
    let top = processor?.stackTop ?? 0
    return ContextRecord(
      pid: task.pid, state: task.state.word, priority: task.priority, quantum: task.quantum,
      pc: processor?.programCounter ?? 0, sp: processor?.stackPointer ?? 0, psw: processor?.flags ?? 0,
      regBase: 0, stackBase: limit, stackLimit: limit, stackSize: top >= limit ? top - limit : 0,
      accountedSteps: processor?.retired ?? 0, exitStatus: task.exitStatus)
  }

  func info(_ request: TaskSelector) -> InfoAnswer {
    let current = currentPID.flatMap { try? executive.task($0) }
    let context = current.map { self.context(of: $0) }
    var record = InfoRecord(
      program: current?.source.program, loaded: current != nil, running: clock.isRunning,
      paused: current?.state == .paused, attached: isAttached, pc: context?.pc ?? 0,
      sleepPending: current?.state == .sleeping, currentPID: current?.pid, activeContext: context,
      clock: clockRecord, tasks: taskList.tasks)
    if let pid = request.pid {
      record.selectedPID = pid
      do throws(ProvisioningError) {
        let task = try executive.task(pid)
        record.task = self.record(of: task)
        record.selectedRegisters = registers(of: task)
      } catch {
        record.selectedError = error.wireText
      }
    }
    return InfoAnswer(info: record)
  }

  /// Notes that a client has attached or detached; nothing hangs on it but what `info` says.
  func attach(_ attached: Bool) -> InfoAnswer {
    isAttached = attached
    return info(TaskSelector())
  }

  func registers(of task: ExecutiveTask) -> RegistersRecord {
    let context = context(of: task)
    let processor = try? executive.processor(of: task.pid)
    return RegistersRecord(
      pc: context.pc, sp: context.sp, flags: context.psw, regs: processor?.registers ?? [],
      running: task.ending == nil && task.state != .paused, steps: context.accountedSteps, context: context)
  }

  // MARK: Changing

  /// The task that was named, or the current one.
  func selected(_ pid: UInt32?) throws(Refusal) -> PID {
    guard let pid = pid ?? currentPID else {
      throw Refusal(code: "ESRCH", reason: "no_task", detail: "No task is loaded.")
    }
    _ = try refusing { () throws(ProvisioningError) in try executive.task(pid) }
    return pid
  }

  func pause(_ request: TaskSelector) throws(Refusal) -> TaskAnswer {
    let pid = try selected(request.pid)
    try refusing { () throws(ProvisioningError) in try executive.pause(pid, now: now) }
    return TaskAnswer(task: try taskRecord(pid))
  }

  func resume(_ request: TaskSelector) throws(Refusal) -> TaskAnswer {
    let pid = try selected(request.pid)
    try refusing { () throws(ProvisioningError) in try executive.resume(pid, now: now) }
    return TaskAnswer(task: try taskRecord(pid))
  }

  func kill(_ request: TaskSelector) throws(Refusal) -> TerminatedAnswer {
    let pid = try selected(request.pid)
    try refusing { () throws(ProvisioningError) in try executive.kill(pid, now: now) }
    forgetTask(pid)
    return TerminatedAnswer(task: TerminatedRecord(pid: pid, state: TaskState.terminated.word))
  }

  /// Makes a task anew from the file that its image came from.
  func reload(_ request: TaskSelector, _ requester: Requester) throws(Refusal) -> ReloadAnswer {
    let old = try selected(request.pid)
    let task = try refusing { () throws(ProvisioningError) in try executive.task(old) }
    guard case .file(let path) = task.source else {
      throw Refusal(
        code: "ENOTSUP", reason: "not_reloadable",
        detail: "The image of task \(old) came from \(task.source.program), and only files can be read again."
      )
    }
    // Everything that can refuse does so before the old task is gone.
    let image = try readImage(String(decoding: path, as: UTF8.self))
    var options = LoadOptions(source: task.source, fallbackName: task.baseName)
    options.replaces = true
    let activation = try refusing { () throws(ProvisioningError) in
      try executive.load(image.span, options: options, nonce: .random(in: .min ... .max), now: now)
    }
    guard let activation else { throw Refusal(.wrongState(.sealed)) }
    if activation.replacement?.pid != old, (try? executive.task(old)) != nil {
      try refusing { () throws(ProvisioningError) in try executive.kill(old, now: now) }
    }
    sessions.moveLock(from: old, to: activation.pid)
    forgetTask(old)
    return ReloadAnswer(
      reload: ReloadRecord(
        oldPID: old, newPID: activation.pid, program: task.source.program, image: ImageRecord(activation),
        task: try taskRecord(activation.pid)))
  }

  func schedule(_ request: ScheduleRequest) throws(Refusal) -> ScheduleAnswer {
    guard request.priority != nil || request.quantum != nil || request.pid != nil else {
      return ScheduleAnswer(scheduler: schedulerRecord(request))
    }
    let pid = try selected(request.pid)
    try refusing { () throws(ProvisioningError) in
      try executive.schedule(pid, priority: request.priority, quantum: request.quantum)
    }
    return ScheduleAnswer(task: try taskRecord(pid))
  }

  private func schedulerRecord(_ request: ScheduleRequest) -> SchedulerRecord {
    let tasks = executive.taskList
    let limit = Int(min(request.limit ?? Self.usualSwitches, Self.mostSwitches))
    var switches: [SwitchRecord] = []
    var sequence = executive.events.nextSequence
    while sequence > executive.events.oldestSequence, switches.count < limit {
      sequence -= 1
      if let event = executive.events.event(sequence),
        case .scheduler(let from, let to, let reason) = event.body
      {
        switches.append(
          SwitchRecord(
            seq: event.sequence, ts: timestamp(event.time), event: reason.word, pid: from, next: to))
      }
    }
    var counters: [String: TaskCounters] = [:]
    for task in tasks {
      counters[String(task.pid)] = TaskCounters(steps: context(of: task).accountedSteps)
    }
    return SchedulerRecord(
      counters: counters,
      totals: SchedulerTotals(
        tasks: UInt32(tasks.count), ready: UInt32(tasks.filter { $0.isRunnable }.count),
        retired: clock.autoTotal + clock.manualTotal, slices: executive.sliceCount),
      trace: switches.reversed())
  }

  func taskRecord(_ pid: PID) throws(Refusal) -> TaskRecord {
    record(of: try refusing { () throws(ProvisioningError) in try executive.task(pid) })
  }

  /// Drops what the host has kept about a task that is gone.
  func forgetTask(_ pid: PID) {
    sessions.unlock(pid)
    files.close(pid)
  }
}
