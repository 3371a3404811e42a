/// What `ping` answers.
public struct PongAnswer: Codable, Equatable, Sendable {
  /// `pong`.
  public var reply: String

  /// One of these parts.
  public init(
    reply: String
  ) {
    self.reply = reply
  }
}

/// A task.
public struct TaskRecord: Codable, Equatable, Sendable {
  /// Its pid.
  public var pid: UInt32
  /// Its state.
  public var state: String
  /// The name it runs under.
  public var appName: String
  /// The name of its app.
  public var appNameBase: String
  /// Where its image came from, in short.
  public var program: String
  /// A lower number runs first.
  public var priority: UInt8
  /// Instructions in a row.
  public var quantum: UInt32
  /// The next instruction's address.
  public var pc: UInt32
  /// Whether it sleeps.
  public var sleepPending: Bool
  /// Instructions retired.
  public var accountedSteps: UInt64
  /// Whether its instructions are kept.
  public var trace: Bool
  /// What it ended with.
  @Nullable public var exitStatus: UInt32?
  /// Where its registers lie; they are outside memory, so 0.
  public var regBase: UInt32
  /// The lowest byte of its stack.
  public var stackBase: UInt32
  /// The stack pointer below which its stack is full.
  public var stackLimit: UInt32
  /// Bytes of its stack.
  public var stackSize: UInt32
  /// How much its image declares.
  public var metadata: DeclaredRecord
  /// Where its image came from.
  public var source: JSONTree

  /// One of these parts.
  public init(
    pid: UInt32,
    state: String,
    appName: String,
    appNameBase: String,
    program: String,
    priority: UInt8,
    quantum: UInt32,
    pc: UInt32,
    sleepPending: Bool,
    accountedSteps: UInt64,
    trace: Bool,
    exitStatus: UInt32?,
    regBase: UInt32,
    stackBase: UInt32,
    stackLimit: UInt32,
    stackSize: UInt32,
    metadata: DeclaredRecord,
    source: JSONTree
  ) {
    self.pid = pid
    self.state = state
    self.appName = appName
    self.appNameBase = appNameBase
    self.program = program
    self.priority = priority
    self.quantum = quantum
    self.pc = pc
    self.sleepPending = sleepPending
    self.accountedSteps = accountedSteps
    self.trace = trace
    self.exitStatus = exitStatus
    self.regBase = regBase
    self.stackBase = stackBase
    self.stackLimit = stackLimit
    self.stackSize = stackSize
    self.metadata = metadata
    self.source = source
  }

  enum CodingKeys: String, CodingKey {
    case pid, state, program, priority, quantum, pc, trace, metadata, source
    case appName = "app_name"
    case appNameBase = "app_name_base"
    case sleepPending = "sleep_pending"
    case accountedSteps = "accounted_steps"
    case exitStatus = "exit_status"
    case regBase = "reg_base"
    case stackBase = "stack_base"
    case stackLimit = "stack_limit"
    case stackSize = "stack_size"
  }
}

/// The tasks.
public struct TaskList: Codable, Equatable, Sendable {
  /// Rising by pid.
  public var tasks: [TaskRecord]
  /// The task whose slice it is.
  @Nullable public var currentPID: UInt32?

  /// One of these parts.
  public init(
    tasks: [TaskRecord],
    currentPID: UInt32?
  ) {
    self.tasks = tasks
    self.currentPID = currentPID
  }

  enum CodingKeys: String, CodingKey {
    case tasks
    case currentPID = "current_pid"
  }
}

/// What `ps` answers.
public struct TasksAnswer: Codable, Equatable, Sendable {
  /// The tasks.
  public var tasks: TaskList

  /// One of these parts.
  public init(
    tasks: TaskList
  ) {
    self.tasks = tasks
  }
}

/// A task that is gone.
public struct TerminatedRecord: Codable, Equatable, Sendable {
  /// Its pid.
  public var pid: UInt32
  /// `terminated`.
  public var state: String

  /// One of these parts.
  public init(
    pid: UInt32,
    state: String
  ) {
    self.pid = pid
    self.state = state
  }
}

/// What `kill` answers.
public struct TerminatedAnswer: Codable, Equatable, Sendable {
  /// The task.
  public var task: TerminatedRecord

  /// One of these parts.
  public init(
    task: TerminatedRecord
  ) {
    self.task = task
  }
}

/// What `pause`, `resume` and a changing `sched` answer.
public struct TaskAnswer: Codable, Equatable, Sendable {
  /// The task, as it is now.
  public var task: TaskRecord

  /// One of these parts.
  public init(
    task: TaskRecord
  ) {
    self.task = task
  }
}
