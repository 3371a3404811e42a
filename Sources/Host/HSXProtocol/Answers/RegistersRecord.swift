/// A task's registers, by list and by name.
public struct RegistersRecord: Codable, Equatable, Sendable {
  /// The next instruction's address.
  public var pc: UInt32
  /// The stack pointer.
  public var sp: UInt32
  /// Bit 0 Z, 1 C, 2 N, 3 V.
  public var flags: UInt8
  /// R0 to R15.
  public var regs: [UInt32]
  /// Whether the task can run.
  public var running: Bool
  /// Instructions that the task has retired.
  public var steps: UInt64
  /// What the machine keeps of the task beside.
  public var context: ContextRecord

  /// The registers of a task.
  public init(
    pc: UInt32, sp: UInt32, flags: UInt8, regs: [UInt32], running: Bool, steps: UInt64, context: ContextRecord
  ) {
    self.pc = pc
    self.sp = sp
    self.flags = flags
    self.regs = regs
    self.running = running
    self.steps = steps
    self.context = context
  }

  /// Names of the wire, of which `R0` to `R15` are made.
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads the registers.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    pc = try container.decode(UInt32.self, forKey: Key("pc"))
    sp = try container.decode(UInt32.self, forKey: Key("sp"))
    flags = try container.decode(UInt8.self, forKey: Key("flags"))
    regs = try container.decode([UInt32].self, forKey: Key("regs"))
    running = try container.decode(Bool.self, forKey: Key("running"))
    steps = try container.decode(UInt64.self, forKey: Key("steps"))
    context = try container.decode(ContextRecord.self, forKey: Key("context"))
  }

  /// Writes the registers, each by its name too.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(pc, forKey: Key("pc"))
    try container.encode(sp, forKey: Key("sp"))
    try container.encode(sp, forKey: Key("sp_effective"))
    try container.encode(flags, forKey: Key("flags"))
    try container.encode(flags, forKey: Key("PSW"))
    try container.encode(regs, forKey: Key("regs"))
    for (number, register) in regs.enumerated() { try container.encode(register, forKey: Key("R\(number)")) }
    try container.encode(running, forKey: Key("running"))
    try container.encode(steps, forKey: Key("steps"))
    try container.encode(context.regBase, forKey: Key("reg_base"))
    try container.encode(context.stackBase, forKey: Key("stack_base"))
    try container.encode(context.stackLimit, forKey: Key("stack_limit"))
    try container.encode(context.stackSize, forKey: Key("stack_size"))
    try container.encode(context, forKey: Key("context"))
  }
}
