extension Machine {
  /// A register, 0 to 15.
  public func register(_ number: UInt32, of pid: PID) throws(MachineError) -> UInt32 {
    let index = try index(of: pid)
    return contexts[index].processor.registers[try Self.register(number)]
  }

  /// All sixteen registers.
  public func registers(of pid: PID) throws(MachineError) -> InlineArray<16, UInt32> {
    contexts[try index(of: pid)].processor.registers
  }

  /// Sets a register, 0 to 15.
  public mutating func setRegister(_ number: UInt32, of pid: PID, to value: UInt32) throws(MachineError) {
    let index = try index(of: pid)
    contexts[index].processor.registers[try Self.register(number)] = value
  }

  /// The code address of the next instruction.
  public func programCounter(of pid: PID) throws(MachineError) -> UInt32 {
    contexts[try index(of: pid)].processor.programCounter
  }

  /// Sets the program counter; one that is not an instruction's address faults when the task runs on.
  public mutating func setProgramCounter(of pid: PID, to address: UInt32) throws(MachineError) {
    let index = try index(of: pid)
    contexts[index].processor.programCounter = address
  }

  /// The stack pointer.
  public func stackPointer(of pid: PID) throws(MachineError) -> UInt32 {
    contexts[try index(of: pid)].processor.stackPointer
  }

  /// Sets the stack pointer, to the end of memory at most. R15 is not touched.
  public mutating func setStackPointer(of pid: PID, to address: UInt32) throws(MachineError) {
    let index = try index(of: pid)
    _ = try Self.start(of: 0, at: address, limit: Self.memorySize)
    contexts[index].processor.stackPointer = address
  }

  /// The status word: bit 0 Z, 1 C, 2 N, 3 V.
  public func flags(of pid: PID) throws(MachineError) -> UInt8 {
    contexts[try index(of: pid)].processor.flags
  }

  /// Sets the status word; its upper four bits are ignored.
  public mutating func setFlags(of pid: PID, to flags: UInt8) throws(MachineError) {
    let index = try index(of: pid)
    contexts[index].processor.flags = flags & 0xF
  }

  /// The CALLs outstanding.
  public func callDepth(of pid: PID) throws(MachineError) -> UInt64 {
    contexts[try index(of: pid)].processor.callDepth
  }

  /// The instructions that the task has retired in its life, those of command handlers included.
  public func retired(of pid: PID) throws(MachineError) -> UInt64 {
    contexts[try index(of: pid)].retired
  }

  /// The stack pointer below which PUSH and CALL may not go.
  public func stackLimit(of pid: PID) throws(MachineError) -> UInt32 {
    contexts[try index(of: pid)].stackLimit
  }

  /// Bytes of code.
  public func codeLength(of pid: PID) throws(MachineError) -> UInt32 {
    UInt32(truncatingIfNeeded: contexts[try index(of: pid)].code.count)
  }

  /// The word at a code address: a multiple of 4 below the code's length.
  public func codeWord(of pid: PID, at address: UInt32) throws(MachineError) -> UInt32 {
    let index = try index(of: pid)
    return try Self.word(contexts[index].code, at: address)
  }

  /// The instruction retired last, or nil if there was none or nobody knows.
  ///
  /// The exact engine always knows. The predecoded one does too, except after a fault or return that it met
  /// within a slice: a debugger that must know then as well turns tracing on.
  public func lastInstruction(of pid: PID) throws(MachineError) -> RetiredInstruction? {
    let index = try index(of: pid)
    guard let trace = contexts[index].trace else { return nil }
    let word = try Self.word(contexts[index].code, at: trace.programCounter)
    let kind = Instruction(word).opcode?.access
    return RetiredInstruction(
      programCounter: trace.programCounter, word: word,
      access: kind.map { kind in
        RetiredInstruction.Access(
          address: trace.address, byteCount: kind.byteCount, isWrite: kind.isWrite)
      })
  }

  /// Has every run of the task keep `lastInstruction`, at the exact engine's speed; or no longer.
  public mutating func setTracing(of pid: PID, to isTraced: Bool) throws(MachineError) {
    let index = try index(of: pid)
    contexts[index].isTraced = isTraced
  }

  private static func register(_ number: UInt32) throws(MachineError) -> Int {
    guard number < 16 else { throw .noSuchRegister(number) }
    return Int(number)
  }

  private static func word(_ code: [UInt8], at address: UInt32) throws(MachineError) -> UInt32 {
    guard address & 3 == 0 else {
      throw .outOfRange(offset: address, count: 4, limit: UInt32(truncatingIfNeeded: code.count))
    }
    let start = try start(of: 4, at: address, limit: UInt32(truncatingIfNeeded: code.count))
    return UInt32(code[start]) << 24 | UInt32(code[start + 1]) << 16 | UInt32(code[start + 2]) << 8
      | UInt32(code[start + 3])
  }
}
