/// What the machine keeps of a task.
public struct ContextRecord: Codable, Equatable, Sendable {
  /// The task.
  public var pid: UInt32
  /// Its state.
  public var state: String
  /// A lower number runs first.
  public var priority: UInt8
  /// Instructions in a row.
  public var quantum: UInt32
  /// The next instruction.
  public var pc: UInt32
  /// The stack pointer.
  public var sp: UInt32
  /// The flags.
  public var psw: UInt8
  /// 0: registers lie outside memory.
  public var regBase: UInt32
  /// The lowest byte of the stack.
  public var stackBase: UInt32
  /// The stack pointer below which the stack is full.
  public var stackLimit: UInt32
  /// Bytes of the stack.
  public var stackSize: UInt32
  /// Instructions retired.
  public var accountedSteps: UInt64
  /// What it ended with.
  @Nullable public var exitStatus: UInt32?

  /// One of these parts.
  public init(
    pid: UInt32,
    state: String,
    priority: UInt8,
    quantum: UInt32,
    pc: UInt32,
    sp: UInt32,
    psw: UInt8,
    regBase: UInt32,
    stackBase: UInt32,
    stackLimit: UInt32,
    stackSize: UInt32,
    accountedSteps: UInt64,
    exitStatus: UInt32?
  ) {
    self.pid = pid
    self.state = state
    self.priority = priority
    self.quantum = quantum
    self.pc = pc
    self.sp = sp
    self.psw = psw
    self.regBase = regBase
    self.stackBase = stackBase
    self.stackLimit = stackLimit
    self.stackSize = stackSize
    self.accountedSteps = accountedSteps
    self.exitStatus = exitStatus
  }

  enum CodingKeys: String, CodingKey {
    case pid, state, priority, quantum, pc, sp, psw
    case regBase = "reg_base"
    case stackBase = "stack_base"
    case stackLimit = "stack_limit"
    case stackSize = "stack_size"
    case accountedSteps = "accounted_steps"
    case exitStatus = "exit_status"
  }
}

/// What `dumpregs` answers.
public struct RegistersAnswer: Codable, Equatable, Sendable {
  /// The registers.
  public var registers: RegistersRecord

  /// One of these parts.
  public init(
    registers: RegistersRecord
  ) {
    self.registers = registers
  }
}

/// What `vm_reg_get` and `vm_reg_set` answer.
public struct RegisterAnswer: Codable, Equatable, Sendable {
  /// The task.
  public var pid: UInt32
  /// The register.
  public var register: JSONTree
  /// What it holds.
  public var value: UInt32

  /// One of these parts.
  public init(
    pid: UInt32,
    register: JSONTree,
    value: UInt32
  ) {
    self.pid = pid
    self.register = register
    self.value = value
  }

  enum CodingKeys: String, CodingKey {
    case pid, value
    case register = "reg"
  }
}

/// What `peek` and `poke` answer.
public struct DataAnswer: Codable, Equatable, Sendable {
  /// The bytes in hexadecimal.
  public var data: String

  /// One of these parts.
  public init(
    data: String
  ) {
    self.data = data
  }
}
