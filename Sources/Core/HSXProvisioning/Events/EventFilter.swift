public import MiniVM

/// Types of events: what a subscriber asks for, one by one or a family at a time.
public struct EventTypes: OptionSet, Equatable, Sendable {
  /// The bits.
  public let rawValue: UInt32

  /// The set with these bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Changes of a task's state.
  public static var taskState: EventTypes { EventTypes(rawValue: 1 << 0) }
  /// Switches between tasks.
  public static var scheduler: EventTypes { EventTypes(rawValue: 1 << 1) }
  /// A message was sent.
  public static var mailboxSend: EventTypes { EventTypes(rawValue: 1 << 2) }
  /// A message was received.
  public static var mailboxReceive: EventTypes { EventTypes(rawValue: 1 << 3) }
  /// A task waits for a message.
  public static var mailboxWait: EventTypes { EventTypes(rawValue: 1 << 4) }
  /// A wait ended with a message.
  public static var mailboxWake: EventTypes { EventTypes(rawValue: 1 << 5) }
  /// A wait ended without one.
  public static var mailboxTimeout: EventTypes { EventTypes(rawValue: 1 << 6) }
  /// A reader lost messages.
  public static var mailboxOverrun: EventTypes { EventTypes(rawValue: 1 << 7) }
  /// Mailboxes or their room ran out.
  public static var mailboxExhausted: EventTypes { EventTypes(rawValue: 1 << 8) }
  /// A full mailbox took no message.
  public static var mailboxBackpressure: EventTypes { EventTypes(rawValue: 1 << 9) }
  /// A mailbox call was refused.
  public static var mailboxError: EventTypes { EventTypes(rawValue: 1 << 10) }
  /// A value was registered.
  public static var valueRegistered: EventTypes { EventTypes(rawValue: 1 << 11) }
  /// A value changed.
  public static var valueChanged: EventTypes { EventTypes(rawValue: 1 << 12) }
  /// A value was stored.
  public static var valueStored: EventTypes { EventTypes(rawValue: 1 << 13) }
  /// A command was called.
  public static var commandInvoked: EventTypes { EventTypes(rawValue: 1 << 14) }
  /// A command ended.
  public static var commandCompleted: EventTypes { EventTypes(rawValue: 1 << 15) }
  /// Text on a standard output.
  public static var standardOutput: EventTypes { EventTypes(rawValue: 1 << 16) }
  /// Text on a standard error.
  public static var standardError: EventTypes { EventTypes(rawValue: 1 << 17) }
  /// Warnings.
  public static var warning: EventTypes { EventTypes(rawValue: 1 << 18) }
  /// Changes of a transfer's state.
  public static var transferState: EventTypes { EventTypes(rawValue: 1 << 19) }
  /// A transfer began.
  public static var transferStarted: EventTypes { EventTypes(rawValue: 1 << 20) }
  /// Bytes have come.
  public static var transferProgress: EventTypes { EventTypes(rawValue: 1 << 21) }
  /// An image is ready.
  public static var transferComplete: EventTypes { EventTypes(rawValue: 1 << 22) }
  /// A transfer was refused.
  public static var transferError: EventTypes { EventTypes(rawValue: 1 << 23) }
  /// A transfer was given up.
  public static var transferAborted: EventTypes { EventTypes(rawValue: 1 << 24) }
  /// An image was stored.
  public static var persisted: EventTypes { EventTypes(rawValue: 1 << 25) }
  /// An image was gone back to.
  public static var rollback: EventTypes { EventTypes(rawValue: 1 << 26) }

  /// Whatever happens to mailboxes.
  public static var mailbox: EventTypes { EventTypes(rawValue: 0x1FF << 2) }
  /// Whatever happens to values.
  public static var value: EventTypes { [.valueRegistered, .valueChanged, .valueStored] }
  /// Whatever happens to commands.
  public static var command: EventTypes { [.commandInvoked, .commandCompleted] }
  /// Whatever happens to transfers and stored images.
  public static var provisioning: EventTypes { EventTypes(rawValue: 0xFF << 19) }
  /// All but switches between tasks, which come by the thousand in a second.
  public static var ordinary: EventTypes { EventTypes(rawValue: (1 << 27) - 1).subtracting(.scheduler) }
}

/// What a subscriber wants to see.
public struct EventFilter: Equatable, Sendable {
  /// Of this task only; nil for all.
  public var pid: PID?
  /// Of these types only.
  public var types: EventTypes

  /// A filter for the events of `pid`, or of everybody, of these types.
  public init(pid: PID? = nil, types: EventTypes = .ordinary) {
    self.pid = pid
    self.types = types
  }

  /// Whether an event passes.
  func accepts(_ event: Event) -> Bool {
    if let pid, event.pid != pid { return false }
    return types.contains(event.body.type)
  }
}

extension EventBody {
  /// The type of this event: one bit.
  public var type: EventTypes {
    switch self {
    case .taskState: .taskState
    case .scheduler: .scheduler
    case .mailbox(let event):
      EventTypes(rawValue: EventTypes.mailboxSend.rawValue << UInt32(event.kind.rawValue))
    case .valueRegistered: .valueRegistered
    case .valueChanged: .valueChanged
    case .valueStored: .valueStored
    case .commandInvoked: .commandInvoked
    case .commandCompleted: .commandCompleted
    case .output(.standardOutput, _): .standardOutput
    case .output(.standardError, _): .standardError
    case .warning: .warning
    case .transferState: .transferState
    case .transferStarted: .transferStarted
    case .transferProgress: .transferProgress
    case .transferComplete: .transferComplete
    case .transferError: .transferError
    case .transferAborted: .transferAborted
    case .persisted: .persisted
    case .rollback: .rollback
    }
  }

  /// Whether a subscriber that misses this event can no longer be trusted to know what happened.
  var isTerminal: Bool {
    switch self {
    case .transferComplete, .transferError, .transferAborted, .persisted, .rollback: true
    default: false
    }
  }

  /// The transfer whose older progress this event makes stale, if it is a progress.
  var progressHandle: UInt64? {
    if case .transferProgress(let facts, _) = self { facts.handle } else { nil }
  }
}
