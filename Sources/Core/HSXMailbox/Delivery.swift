public import HSXHAL

/// How long a receiver waits for a message.
public enum Wait: Equatable, Sendable {
  /// Not at all.
  case poll
  /// Up to this instant.
  case until(Instant)
  /// Until one comes or the box goes.
  case forever

  /// What the system call's timeout means: 0 polls, 0xFFFF and above wait forever.
  public static func milliseconds(_ timeout: UInt32, from now: Instant) -> Wait {
    switch timeout {
    case 0: .poll
    case ..<0xFFFF: .until(now.advanced(byMilliseconds: timeout))
    default: .forever
    }
  }
}

/// How a receive ends, or that it has not ended yet.
public enum Reception: Equatable, Sendable {
  /// A message, which is the receiver's now.
  case message(Message)
  /// None. With `messageTooLarge`, `length` is the next message's, which stays; else it is 0.
  case refused(MailboxStatus, length: UInt32)
  /// The receiver waits under this number; the end of it comes as a `Woken`.
  case waiting(UInt32)
}

/// A wait that has ended.
public struct Woken: Equatable, Sendable {
  /// The number that the wait was given.
  public var waiter: UInt32
  /// Who waited.
  public var receiver: HandleReference
  /// The mailbox.
  public var descriptor: UInt32
  /// How it ended; never `waiting`.
  public var reception: Reception
}

/// What became of a message sent.
public struct Delivery: Equatable, Sendable {
  /// `ok` if the box took it.
  public var status: MailboxStatus
  /// The mailbox; 0 if the handle names none.
  public var descriptor: UInt32 = 0
  /// The number that it got in the box, if it was taken.
  public var sequence: UInt64?
  /// The waits that it ended, first come, first served.
  public var woken: [Woken] = []
  /// The readers that lost messages to make room.
  public var overruns: [HandleReference] = []
  /// The messages discarded to make room.
  public var discarded: UInt32 = 0
  /// The taps that got a copy.
  public var copies: UInt32 = 0
  /// The taps that should have got one but had too many in a second, or no room for it.
  public var shed: UInt32 = 0

  init(_ status: MailboxStatus, descriptor: UInt32 = 0) {
    self.status = status
    self.descriptor = descriptor
  }
}

/// What went with a task, a handle, or a mailbox.
public struct MailboxRemoval: Equatable, Sendable {
  /// The mailboxes that are gone, by number.
  public var descriptors: [UInt32] = []
  /// The handles that are closed because their box is gone, other tasks' too.
  public var closed: [HandleReference] = []
  /// The waits that ended with `invalidHandle`, other tasks' too, first come, first.
  public var woken: [Woken] = []

  init() {}

  mutating func add(_ other: MailboxRemoval) {
    descriptors.append(contentsOf: other.descriptors)
    closed.append(contentsOf: other.closed)
    woken.append(contentsOf: other.woken)
  }
}
