/// Why a task was stopped for good. The instruction at fault is not counted and the program counter stays on
/// it, except that an illegal one is counted and left behind.
public enum Fault: UInt8, CaseIterable, Equatable, Sendable {
  /// A word whose operation is unknown.
  case illegalInstruction
  /// The program counter is outside the code or not a multiple of 4.
  case programCounter
  /// An access that would run past the end of memory.
  case memory
  /// A PUSH or CALL below the stack limit.
  case stackOverflow
  /// A POP or RET from beyond memory.
  case stackUnderflow
  /// A zero divisor.
  case divideByZero
  /// An LDI32 whose word lies past the code.
  case codeEnd

  /// What R0 is set to; nil where it is left alone.
  public var result: UInt32? {
    switch self {
    case .stackUnderflow: 0xFFFF_FF02
    case .stackOverflow: 0xFFFF_FF03
    case .memory: 0xFFFF_FF04
    case .divideByZero: 0xFFFF_FF05
    case .illegalInstruction, .programCounter, .codeEnd: nil
    }
  }
}

/// Why a run came to its end.
public enum StopReason: Equatable, Sendable {
  /// As many instructions as asked for were retired.
  case budget
  /// An SVC; it is counted and left behind. The caller answers it and runs on.
  case systemCall(module: UInt8, function: UInt8)
  /// A BRK; it is counted and left behind. The task can run on.
  case breakpoint(code: UInt8)
  /// The task is stopped for good.
  case fault(Fault)
  /// A RET with no call outstanding; it is not counted and the program counter stays on it.
  case returned
}

/// What a run did.
public struct StepResult: Equatable, Sendable {
  /// The instructions retired, never more than asked for.
  public var retired: UInt32
  /// Why it ended.
  public var reason: StopReason

  /// A run of `retired` instructions that ended for `reason`.
  public init(retired: UInt32, reason: StopReason) {
    self.retired = retired
    self.reason = reason
  }
}
