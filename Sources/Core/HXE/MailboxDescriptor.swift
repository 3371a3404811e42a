/// The modes of a mailbox, as bits.
public struct MailboxMode: OptionSet, Equatable, Sendable {
  /// The bits as in the image; those without a name are kept and do nothing.
  public let rawValue: UInt16

  /// The set with these bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// It may be read.
  public static var read: MailboxMode { MailboxMode(rawValue: 1) }
  /// It may be written.
  public static var write: MailboxMode { MailboxMode(rawValue: 2) }
  /// It may be tapped.
  public static var tap: MailboxMode { MailboxMode(rawValue: 4) }
  /// Every reader sees every message.
  public static var fanOut: MailboxMode { MailboxMode(rawValue: 8) }
  /// Fan-out that discards the oldest message when full.
  public static var fanOutDrop: MailboxMode { MailboxMode(rawValue: 0x10) }
  /// Fan-out that refuses when full.
  public static var fanOutBlock: MailboxMode { MailboxMode(rawValue: 0x20) }

  /// Reading and writing, the default.
  public static var readWrite: MailboxMode { [.read, .write] }
}

/// A binding that a mailbox declares. It is kept and shown; nothing is done with it.
public struct MailboxBinding: Equatable, Sendable {
  /// The task it names.
  public var pid: Int64
  /// Its flags, if it has any.
  public var flags: Int64?

  /// A binding of `pid`.
  public init(pid: Int64, flags: Int64?) {
    self.pid = pid
    self.flags = flags
  }
}

/// A mailbox that an image declares.
public struct MailboxDescriptor: Equatable, Sendable {
  /// The target: `prefix:name[@owner]`.
  public var target = ShortName()
  /// Bytes of room; nil when absent or 0, which means 64.
  public var capacity: UInt32?
  /// The modes as written, or reading and writing.
  public var mode = MailboxMode.readWrite
  /// The owner that the image names, if any.
  public var ownerPID: Int64?
  /// The bindings, in order.
  public var bindings: [MailboxBinding] = []

  /// A mailbox with an empty target.
  public init() {}
}
