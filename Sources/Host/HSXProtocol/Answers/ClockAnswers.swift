/// The clock that lets tasks run.
public struct ClockRecord: Codable, Equatable, Sendable {
  /// `running` or `stopped`.
  public var state: String
  /// Whether tasks run.
  public var running: Bool
  /// `active` at full speed, `rate` with a limit.
  public var mode: String
  /// Whether it runs slower than it could, or waits.
  public var throttled: Bool
  /// Why: `rate_limit`, `sleep`, `mailbox`, `paused` or `idle`.
  @Nullable public var throttleReason: String?
  /// Instructions of a slice.
  public var stepSize: UInt32
  /// Instructions a second at most; 0 for no limit.
  public var rateHz: Double
  /// Seconds that it last waited.
  public var lastWait: Double
  /// Instructions since it was started.
  public var autoSteps: UInt64
  /// Instructions while it ran, ever.
  public var autoTotalSteps: UInt64
  /// Instructions of the last step.
  public var manualSteps: UInt64
  /// Instructions of all steps.
  public var manualTotalSteps: UInt64

  /// One of these parts.
  public init(
    state: String,
    running: Bool,
    mode: String,
    throttled: Bool,
    throttleReason: String?,
    stepSize: UInt32,
    rateHz: Double,
    lastWait: Double,
    autoSteps: UInt64,
    autoTotalSteps: UInt64,
    manualSteps: UInt64,
    manualTotalSteps: UInt64
  ) {
    self.state = state
    self.running = running
    self.mode = mode
    self.throttled = throttled
    self.throttleReason = throttleReason
    self.stepSize = stepSize
    self.rateHz = rateHz
    self.lastWait = lastWait
    self.autoSteps = autoSteps
    self.autoTotalSteps = autoTotalSteps
    self.manualSteps = manualSteps
    self.manualTotalSteps = manualTotalSteps
  }

  enum CodingKeys: String, CodingKey {
    case state, running, mode, throttled
    case throttleReason = "throttle_reason"
    case stepSize = "step_size"
    case rateHz = "rate_hz"
    case lastWait = "last_wait_s"
    case autoSteps = "auto_steps"
    case autoTotalSteps = "auto_total_steps"
    case manualSteps = "manual_steps"
    case manualTotalSteps = "manual_total_steps"
  }
}

/// What a step came to.
public struct StepRecord: Codable, Equatable, Sendable {
  /// Instructions retired.
  public var executed: UInt32
  /// Whether any task can still run.
  public var running: Bool
  /// The next instruction of the task that ran last.
  public var pc: UInt32
  /// Instructions that this task has retired in all.
  public var steps: UInt64
  /// Whether it sleeps.
  public var sleepPending: Bool
  /// Whether it is paused.
  public var paused: Bool
  /// The task that ran last.
  @Nullable public var currentPID: UInt32?
  /// The task whose turn is next, as far as known.
  @Nullable public var nextPID: UInt32?
  /// What happened, at most 256.
  public var events: [EventRecord]

  /// One of these parts.
  public init(
    executed: UInt32,
    running: Bool,
    pc: UInt32,
    steps: UInt64,
    sleepPending: Bool,
    paused: Bool,
    currentPID: UInt32?,
    nextPID: UInt32?,
    events: [EventRecord]
  ) {
    self.executed = executed
    self.running = running
    self.pc = pc
    self.steps = steps
    self.sleepPending = sleepPending
    self.paused = paused
    self.currentPID = currentPID
    self.nextPID = nextPID
    self.events = events
  }

  enum CodingKeys: String, CodingKey {
    case executed, running, pc, steps, paused, events
    case sleepPending = "sleep_pending"
    case currentPID = "current_pid"
    case nextPID = "next_pid"
  }
}

/// What `clock`, `start_auto` and `stop_auto` answer.
public struct ClockAnswer: Codable, Equatable, Sendable {
  /// The clock.
  public var clock: ClockRecord
  /// What a step came to.
  public var result: StepRecord?

  /// One of these parts.
  public init(
    clock: ClockRecord,
    result: StepRecord? = nil
  ) {
    self.clock = clock
    self.result = result
  }
}

/// What `step` answers.
public struct StepAnswer: Codable, Equatable, Sendable {
  /// What it came to.
  public var result: StepRecord
  /// The clock.
  public var clock: ClockRecord

  /// One of these parts.
  public init(
    result: StepRecord,
    clock: ClockRecord
  ) {
    self.result = result
    self.clock = clock
  }
}

/// The machine as a shell sees it.
public struct InfoRecord: Codable, Equatable, Sendable {
  /// Where the image of the current task came from.
  @Nullable public var program: String?
  /// Whether there is a task.
  public var loaded: Bool
  /// Whether the clock runs.
  public var running: Bool
  /// Whether the current task is paused.
  public var paused: Bool
  /// Whether a client has attached.
  public var attached: Bool
  /// The current task's next instruction.
  public var pc: UInt32
  /// Whether the current task sleeps.
  public var sleepPending: Bool
  /// The current task.
  @Nullable public var currentPID: UInt32?
  /// Its context.
  @Nullable public var activeContext: ContextRecord?
  /// The clock.
  public var clock: ClockRecord
  /// All tasks.
  public var tasks: [TaskRecord]
  /// The task that was asked for.
  public var selectedPID: UInt32?
  /// Its registers.
  public var selectedRegisters: RegistersRecord?
  /// Why there is none.
  public var selectedError: String?
  /// The task itself, if it was asked for and there is one.
  public var task: TaskRecord?

  /// One of these parts.
  public init(
    program: String?,
    loaded: Bool,
    running: Bool,
    paused: Bool,
    attached: Bool,
    pc: UInt32,
    sleepPending: Bool,
    currentPID: UInt32?,
    activeContext: ContextRecord?,
    clock: ClockRecord,
    tasks: [TaskRecord],
    selectedPID: UInt32? = nil,
    selectedRegisters: RegistersRecord? = nil,
    selectedError: String? = nil,
    task: TaskRecord? = nil
  ) {
    self.program = program
    self.loaded = loaded
    self.running = running
    self.paused = paused
    self.attached = attached
    self.pc = pc
    self.sleepPending = sleepPending
    self.currentPID = currentPID
    self.activeContext = activeContext
    self.clock = clock
    self.tasks = tasks
    self.selectedPID = selectedPID
    self.selectedRegisters = selectedRegisters
    self.selectedError = selectedError
    self.task = task
  }

  enum CodingKeys: String, CodingKey {
    case program, loaded, running, paused, attached, pc, clock, tasks, task
    case sleepPending = "sleep_pending"
    case currentPID = "current_pid"
    case activeContext = "active_context"
    case selectedPID = "selected_pid"
    case selectedRegisters = "selected_registers"
    case selectedError = "selected_error"
  }
}

/// What `info`, `attach` and `detach` answer.
public struct InfoAnswer: Codable, Equatable, Sendable {
  /// The machine.
  public var info: InfoRecord

  /// One of these parts.
  public init(
    info: InfoRecord
  ) {
    self.info = info
  }
}
