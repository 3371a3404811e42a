/// The flags of a message.
public struct MessageFlags: OptionSet, Equatable, Sendable {
  /// The bits; those without a name travel with the message.
  public let rawValue: UInt32

  /// The set with these bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// It was written to the standard output.
  public static var standardOutput: MessageFlags { MessageFlags(rawValue: 1) }
  /// It was written to the standard error.
  public static var standardError: MessageFlags { MessageFlags(rawValue: 2) }
  /// It is out of band.
  public static var outOfBand: MessageFlags { MessageFlags(rawValue: 4) }
  /// This reader has lost messages before this one.
  public static var overrun: MessageFlags { MessageFlags(rawValue: 8) }
}

/// A message as a receiver gets it.
public struct Message: Equatable, Sendable {
  /// The payload.
  public var bytes: [UInt8]
  /// Its flags; `overrun` is this receiver's own.
  public var flags: MessageFlags
  /// The channel that the sender chose.
  public var channel: UInt32
  /// The sender; 0 is the executive.
  public var source: UInt32
  /// Its number in its mailbox, from 0.
  public var sequence: UInt64

  /// A message of these parts.
  public init(bytes: [UInt8], flags: MessageFlags, channel: UInt32, source: UInt32, sequence: UInt64) {
    self.bytes = bytes
    self.flags = flags
    self.channel = channel
    self.source = source
    self.sequence = sequence
  }
}

/// An open handle of a task.
public struct HandleReference: Equatable, Sendable {
  /// The task.
  public var pid: UInt32
  /// Its number for the handle.
  public var handle: UInt32

  /// The handle `handle` of `pid`.
  public init(pid: UInt32, handle: UInt32) {
    self.pid = pid
    self.handle = handle
  }
}
