/// What the `mailbox_*` commands, `listen` and `send` take.
public struct MailboxRequest: Codable, Equatable, Sendable {
  /// The task whose handle it is, or for which it is done; 0 is the executive.
  @Loose public var pid: UInt32?
  /// The mailbox: `prefix:name[@owner]`.
  public var target: String?
  /// The handle.
  @Loose public var handle: UInt32?
  /// Mode bits to open with, or the message's flags.
  @Loose public var flags: UInt32?
  /// Bytes of room.
  @Loose public var capacity: UInt32?
  /// The mode: bits or words.
  @LooseText public var mode: String?
  /// The message as text.
  @LooseText public var data: String?
  /// The message in hexadecimal.
  public var dataHex: String?
  /// The message's channel; for `send`, also `in`, `out` or `err`.
  @LooseText public var channel: String?
  /// Milliseconds to wait; 0 looks once, 65535 waits as long as it takes.
  @Loose public var timeout: UInt32?
  /// The most bytes of a message.
  @Loose public var maximumLength: UInt32?
  /// The most messages.
  @Loose public var limit: UInt32?
  /// Whether the tap is to be on.
  @LooseFlag public var enable: Bool?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case pid, target, handle, flags, capacity, mode, data, channel, timeout, limit, enable
    case dataHex = "data_hex"
    case maximumLength = "max_len"
  }
}

/// What `stdio_fanout` takes; without a mode it looks.
public struct StdioRequest: Codable, Equatable, Sendable {
  /// A pid, or `default` for tasks still to come.
  @LooseText public var scope: String?
  /// `in`, `out`, `err` or `both`.
  public var stream: String?
  /// `off`, `drop` or `block`.
  @LooseText public var mode: String?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case stream, mode
    case scope = "pid"
  }
}

/// What `dmesg` takes.
public struct LogRequest: Codable, Equatable, Sendable {
  /// The most entries, the newest.
  @Loose public var limit: UInt32?
  /// `debug`, `info`, `warning` or `error`.
  public var minimumLevel: String?
  /// Of that client session alone.
  public var filterSession: String?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case limit
    case minimumLevel = "min_level"
    case filterSession = "filter_session"
  }
}
