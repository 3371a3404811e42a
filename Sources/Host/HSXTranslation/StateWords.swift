public import HSXProvisioning
public import MiniVM

extension TransferState {
  /// The word on the wire.
  public var word: String { "\(self)".uppercased() }
}

extension TaskState {
  /// The word on the wire.
  public var word: String {
    switch self {
    case .waitingMailbox: "waiting_mbx"
    case .waitingFile: "waiting_io"
    case .loading, .ready, .running, .sleeping, .paused, .returned, .stopped, .terminated: "\(self)"
    }
  }
}

extension TaskStateReason {
  /// The word on the wire.
  public var word: String {
    switch self {
    case .debugBreak: "debug_break"
    case .mailboxWait: "mailbox_wait"
    case .mailboxWake: "mailbox_wake"
    case .fileWait: "file_wait"
    case .fileDone: "file_done"
    case .userPause: "user_pause"
    case .rolledBack: "rolled_back"
    case .loaded, .started, .sleep, .timeout, .returned, .killed, .resume, .fault, .replaced, .restored:
      "\(self)"
    }
  }
}

extension SwitchReason {
  /// The word on the wire.
  public var word: String {
    switch self {
    case .quantumExpired: "quantum_expired"
    case .waitMailbox: "wait_mbx"
    case .waitFile: "wait_io"
    case .sleep, .paused, .killed, .ended: "\(self)"
    }
  }
}

extension Fault {
  /// The word on the wire.
  public var word: String {
    switch self {
    case .illegalInstruction: "illegal_instruction"
    case .programCounter: "program_counter"
    case .memory: "memory"
    case .stackOverflow: "stack_overflow"
    case .stackUnderflow: "stack_underflow"
    case .divideByZero: "divide_by_zero"
    case .codeEnd: "code_end"
    }
  }
}
