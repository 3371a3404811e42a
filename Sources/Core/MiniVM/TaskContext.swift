/// What an instruction can change beside memory.
struct ProcessorState: Equatable, Sendable {
  var registers = InlineArray<16, UInt32>(repeating: 0)
  var programCounter: UInt32
  /// At most `Machine.memorySize`.
  var stackPointer: UInt32
  /// Bit 0 Z, 1 C, 2 N, 3 V.
  var flags: UInt8 = 0
  /// CALLs less RETs. 64 bits, since a program may call for ever and take the return addresses off its stack.
  var callDepth: UInt64 = 0

  static func == (left: ProcessorState, right: ProcessorState) -> Bool {
    for index in 0..<16 where left.registers[index] != right.registers[index] { return false }
    return left.programCounter == right.programCounter && left.stackPointer == right.stackPointer
      && left.flags == right.flags && left.callDepth == right.callDepth
  }
}

/// Everything of one task. It lives in the machine's table and is changed there, never copied.
struct TaskContext {
  /// The instruction retired last, as little as it can be told from.
  struct Trace {
    var programCounter: UInt32
    /// The address it accessed, if its operation accesses memory.
    var address: UInt32
  }

  let pid: PID
  var status = TaskStatus.loading
  var processor: ProcessorState
  var stackLimit: UInt32
  var retired: UInt64 = 0
  var trace: Trace?
  /// Whether every run takes the exact loop, so that `trace` always holds.
  var isTraced = false
  let rodataLength: UInt32
  /// Big-endian words, as in the image.
  var code: [UInt8]
  var memory: [UInt8]
  var decoded = DecodedCode()

  init(pid: PID, layout: TaskLayout) {
    self.pid = pid
    processor = ProcessorState(programCounter: layout.entry, stackPointer: TaskLayout.stackTop)
    stackLimit = TaskLayout.stackTop &- layout.stackSize
    rodataLength = layout.rodataLength
    code = [UInt8](repeating: 0, count: Int(layout.codeLength))
    memory = [UInt8](repeating: 0, count: Int(TaskLayout.partLimit))
  }

  /// Stops the task for `fault`.
  mutating func stop(for fault: Fault) {
    if let result = fault.result { processor.registers[0] = result }
    status = .faulted(fault)
  }
}
