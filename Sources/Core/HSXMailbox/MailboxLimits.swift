/// What a mailbox table may hold. Nothing of it grows beyond these numbers.
public struct MailboxLimits: Equatable, Sendable {
  /// Mailboxes, those of every task included.
  public var descriptors: Int
  /// Open handles of one task, the three of its stdio included. The executive (pid 0) may have as many as
  /// there are `descriptors`.
  public var handlesPerTask: Int
  /// Bytes of room over all mailboxes and taps: each reserves its capacity.
  public var bytes: UInt32
  /// Receivers waiting at once.
  public var waiters: Int
  /// Messages a tap gets in a second; nil for as many as come.
  public var tapMessagesPerSecond: UInt32?

  /// Limits with these numbers.
  public init(
    descriptors: Int, handlesPerTask: Int, bytes: UInt32, waiters: Int, tapMessagesPerSecond: UInt32?
  ) {
    self.descriptors = descriptors
    self.handlesPerTask = handlesPerTask
    self.bytes = bytes
    self.waiters = waiters
    self.tapMessagesPerSecond = tapMessagesPerSecond
  }

  /// The limits of a gateway or a workstation.
  public static var desktop: MailboxLimits {
    MailboxLimits(
      descriptors: 256, handlesPerTask: 64, bytes: 0x10_0000, waiters: 256, tapMessagesPerSecond: nil)
  }

  /// The limits of a microcontroller.
  public static var embedded: MailboxLimits {
    MailboxLimits(
      descriptors: 16, handlesPerTask: 8, bytes: 0x2000, waiters: 16, tapMessagesPerSecond: 20)
  }

  /// The capacity of a mailbox that names none, in bytes.
  public static var defaultCapacity: UInt32 { 64 }

  /// What a message costs beside its length, in bytes.
  public static var messageOverhead: UInt32 { 8 }
}
