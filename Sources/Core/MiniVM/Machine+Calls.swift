extension Machine {
  /// What R0 is set to by a system call that nobody knows: ENOSYS.
  public static var unknownCall: UInt32 { 0xFFFF_FF01 }

  /// Answers the two system calls that concern the task alone, after a run has stopped at one: module 0
  /// function 0 puts the instructions retired before it into R0; module 1 function 0, exit, ends the task with
  /// R0 as its status. False for every other call, which is the caller's to answer.
  public mutating func answerTaskCall(_ pid: PID, module: UInt8, function: UInt8) throws(MachineError) -> Bool
  {
    let index = try index(of: pid)
    switch (module, function) {
    case (0, 0):
      contexts[index].processor.registers[0] = UInt32(truncatingIfNeeded: contexts[index].retired &- 1)
      return true
    case (1, 0):
      contexts[index].status = .returned
      return true
    default: return false
    }
  }

  /// Sets a task aside and points it at a command handler, to be run at an instruction boundary on its own
  /// stack. The handler's own RET ends its run with `.returned`.
  ///
  /// Registers, flags and stack are as they were; set the arguments, run, read R0, then call `leaveCall`,
  /// whatever the run came to. A task that has returned can be called, one that is loading or faulted cannot.
  /// `handler` must be a multiple of 4 inside the code.
  public mutating func enterCall(_ pid: PID, at handler: UInt32) throws(MachineError) -> SavedContext {
    let index = try index(of: pid)
    let codeLength = UInt32(truncatingIfNeeded: contexts[index].code.count)
    switch contexts[index].status {
    case .ready, .returned: break
    case .loading, .faulted: throw .wrongState(pid, contexts[index].status)
    }
    guard handler < codeLength, handler & 3 == 0 else {
      throw .outOfRange(offset: handler, count: 4, limit: codeLength)
    }
    let saved = SavedContext(processor: contexts[index].processor, status: contexts[index].status)
    contexts[index].processor.programCounter = handler
    contexts[index].processor.callDepth = 0
    contexts[index].status = .ready
    return saved
  }

  /// Puts registers, program counter, stack pointer, flags, call depth and status back to where `enterCall`
  /// found them. Memory stays as the handler left it, and what it retired stays counted.
  public mutating func leaveCall(_ pid: PID, _ saved: SavedContext) throws(MachineError) {
    let index = try index(of: pid)
    contexts[index].processor = saved.processor
    contexts[index].status = saved.status
  }
}
