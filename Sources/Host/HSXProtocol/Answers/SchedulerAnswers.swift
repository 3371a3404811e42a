/// What the scheduler has counted of a task.
public struct TaskCounters: Codable, Equatable, Sendable {
  /// Instructions that it has retired.
  public var steps: UInt64

  /// One of these parts.
  public init(
    steps: UInt64
  ) {
    self.steps = steps
  }
}

/// What the scheduler has counted of all tasks.
public struct SchedulerTotals: Codable, Equatable, Sendable {
  /// Tasks.
  public var tasks: UInt32
  /// Tasks that can run.
  public var ready: UInt32
  /// Instructions retired since the daemon began.
  public var retired: UInt64
  /// Slices begun.
  public var slices: UInt64

  /// One of these parts.
  public init(
    tasks: UInt32,
    ready: UInt32,
    retired: UInt64,
    slices: UInt64
  ) {
    self.tasks = tasks
    self.ready = ready
    self.retired = retired
    self.slices = slices
  }
}

/// A switch from one task to another.
public struct SwitchRecord: Codable, Equatable, Sendable {
  /// The number of its event.
  public var seq: UInt64
  /// Seconds since 1970.
  public var ts: Double
  /// Why it was: the event's reason.
  public var event: String
  /// The task that ran before; missing if none did.
  public var pid: UInt32?
  /// The task that runs next; missing if none does.
  public var next: UInt32?

  /// One of these parts.
  public init(
    seq: UInt64,
    ts: Double,
    event: String,
    pid: UInt32?,
    next: UInt32?
  ) {
    self.seq = seq
    self.ts = ts
    self.event = event
    self.pid = pid
    self.next = next
  }

  enum CodingKeys: String, CodingKey {
    case seq, ts, event, pid
    case next = "next_pid"
  }
}

/// The scheduler.
public struct SchedulerRecord: Codable, Equatable, Sendable {
  /// What it has counted, by pid.
  public var counters: [String: TaskCounters]
  /// What it has counted of all.
  public var totals: SchedulerTotals
  /// Its last switches, newest last.
  public var trace: [SwitchRecord]

  /// One of these parts.
  public init(
    counters: [String: TaskCounters],
    totals: SchedulerTotals,
    trace: [SwitchRecord]
  ) {
    self.counters = counters
    self.totals = totals
    self.trace = trace
  }
}

/// What `sched` answers: the task it changed, or how the scheduler stands.
public struct ScheduleAnswer: Codable, Equatable, Sendable {
  /// The task.
  public var task: TaskRecord?
  /// The scheduler.
  public var scheduler: SchedulerRecord?

  /// One of these parts.
  public init(
    task: TaskRecord? = nil,
    scheduler: SchedulerRecord? = nil
  ) {
    self.task = task
    self.scheduler = scheduler
  }
}
