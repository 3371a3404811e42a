public import MiniVM

/// The families that events come in: what a filter may ask for.
public struct EventFamilies: OptionSet, Equatable, Sendable {
  /// One bit a family.
  public let rawValue: UInt16

  /// The set with these bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Changes of a task's state.
  public static var taskState: EventFamilies { EventFamilies(rawValue: 1 << 0) }
  /// Switches between tasks.
  public static var scheduler: EventFamilies { EventFamilies(rawValue: 1 << 1) }
  /// Mailboxes.
  public static var mailbox: EventFamilies { EventFamilies(rawValue: 1 << 2) }
  /// Values.
  public static var value: EventFamilies { EventFamilies(rawValue: 1 << 3) }
  /// Commands.
  public static var command: EventFamilies { EventFamilies(rawValue: 1 << 4) }
  /// Text on standard output.
  public static var standardOutput: EventFamilies { EventFamilies(rawValue: 1 << 5) }
  /// Text on standard error.
  public static var standardError: EventFamilies { EventFamilies(rawValue: 1 << 6) }
  /// Warnings.
  public static var warning: EventFamilies { EventFamilies(rawValue: 1 << 7) }
  /// Transfers.
  public static var provisioning: EventFamilies { EventFamilies(rawValue: 1 << 8) }
  /// All but the scheduler's, which come by the thousand in a second and must be asked for.
  public static var ordinary: EventFamilies { EventFamilies(rawValue: 0x1FD) }
}

/// Which events a subscriber wants.
public struct EventFilter: Equatable, Sendable {
  /// Only those of this task, if set.
  public var pid: PID?
  /// Only those of these families.
  public var families: EventFamilies

  /// Events of `families`, of one task if `pid` is given.
  public init(pid: PID? = nil, families: EventFamilies = .ordinary) {
    self.pid = pid
    self.families = families
  }

  /// Whether an event passes.
  func accepts(_ event: Event) -> Bool {
    if let pid, event.pid != pid { return false }
    return families.contains(event.body.family)
  }
}

extension EventBody {
  /// The family this event belongs to.
  public var family: EventFamilies {
    switch self {
    case .taskState: .taskState
    case .scheduler: .scheduler
    case .mailbox: .mailbox
    case .valueRegistered, .valueChanged, .valueStored: .value
    case .commandInvoked, .commandCompleted: .command
    case .output(.standardOutput, _): .standardOutput
    case .output(.standardError, _): .standardError
    case .warning: .warning
    case .transferState, .transferStarted, .transferProgress, .transferComplete, .transferError,
      .transferAborted, .persisted, .rollback:
      .provisioning
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
