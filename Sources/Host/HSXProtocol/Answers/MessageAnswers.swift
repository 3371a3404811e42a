/// A message.
public struct MessageRecord: Codable, Equatable, Sendable {
  /// The mailbox it was in.
  public var target: String
  /// It as text.
  public var text: String
  /// It in hexadecimal.
  public var dataHex: String
  /// Its flags.
  public var flags: UInt32
  /// Its channel.
  public var channel: UInt32
  /// Its bytes.
  public var length: Int
  /// Who sent it.
  public var source: UInt32

  /// One of these parts.
  public init(
    target: String,
    text: String,
    dataHex: String,
    flags: UInt32,
    channel: UInt32,
    length: Int,
    source: UInt32
  ) {
    self.target = target
    self.text = text
    self.dataHex = dataHex
    self.flags = flags
    self.channel = channel
    self.length = length
    self.source = source
  }

  enum CodingKeys: String, CodingKey {
    case target, text, flags, channel, length
    case dataHex = "data_hex"
    case source = "src_pid"
  }
}

/// What `listen` answers.
public struct MessagesAnswer: Codable, Equatable, Sendable {
  /// The messages, oldest first.
  public var messages: [MessageRecord]

  /// One of these parts.
  public init(
    messages: [MessageRecord]
  ) {
    self.messages = messages
  }
}

/// What the `mailbox_*` commands and `send` answer, as far as it applies.
public struct MailboxAnswer: Codable, Equatable, Sendable {
  /// 0, or the mailbox status that says why not.
  public var status: UInt8
  /// The handle.
  public var handle: UInt32?
  /// The mailbox.
  public var descriptor: UInt32?
  /// Its target.
  public var target: String?
  /// Bytes sent, or of the message.
  public var length: UInt32?
  /// Messages.
  public var depth: UInt32?
  /// Bytes in use.
  public var bytesUsed: UInt32?
  /// Bytes of the next message.
  public var nextLength: UInt32?
  /// The message.
  public var message: MessageRecord?

  /// One of these parts.
  public init(
    status: UInt8,
    handle: UInt32? = nil,
    descriptor: UInt32? = nil,
    target: String? = nil,
    length: UInt32? = nil,
    depth: UInt32? = nil,
    bytesUsed: UInt32? = nil,
    nextLength: UInt32? = nil,
    message: MessageRecord? = nil
  ) {
    self.status = status
    self.handle = handle
    self.descriptor = descriptor
    self.target = target
    self.length = length
    self.depth = depth
    self.bytesUsed = bytesUsed
    self.nextLength = nextLength
    self.message = message
  }

  enum CodingKeys: String, CodingKey {
    case handle, descriptor, target, length, depth, message
    case status = "mbx_status"
    case bytesUsed = "bytes_used"
    case nextLength = "next_len"
  }
}
