/// A mailbox of a task.
public struct ChannelRecord: Codable, Equatable, Sendable {
  /// Its number.
  public var descriptor: UInt32
  /// Its target.
  public var target: String
  /// Its name.
  public var name: String
  /// 0 pid, 1 svc, 2 app, 3 shared.
  public var namespace: UInt8
  /// Its mode.
  public var mode: UInt16
  /// Bytes of room.
  public var capacity: UInt32
  /// Bytes in use.
  public var used: UInt32
  /// Messages.
  public var depth: UInt32
  /// Readers.
  public var subscribers: Int

  /// One of these parts.
  public init(
    descriptor: UInt32,
    target: String,
    name: String,
    namespace: UInt8,
    mode: UInt16,
    capacity: UInt32,
    used: UInt32,
    depth: UInt32,
    subscribers: Int
  ) {
    self.descriptor = descriptor
    self.target = target
    self.name = name
    self.namespace = namespace
    self.mode = mode
    self.capacity = capacity
    self.used = used
    self.depth = depth
    self.subscribers = subscribers
  }

  enum CodingKeys: String, CodingKey {
    case target, name, namespace, capacity
    case descriptor = "descriptor_id"
    case mode = "mode_mask"
    case used = "bytes_used"
    case depth = "queue_depth"
    case subscribers = "subscriber_count"
  }
}

/// The mailboxes of a task.
public struct ChannelList: Codable, Equatable, Sendable {
  /// The task.
  public var pid: UInt32
  /// Its mailboxes.
  public var channels: [ChannelRecord]

  /// One of these parts.
  public init(
    pid: UInt32,
    channels: [ChannelRecord]
  ) {
    self.pid = pid
    self.channels = channels
  }
}

/// What `list` answers.
public struct ChannelsAnswer: Codable, Equatable, Sendable {
  /// The mailboxes.
  public var channels: ChannelList

  /// One of these parts.
  public init(
    channels: ChannelList
  ) {
    self.channels = channels
  }
}

/// A mailbox.
public struct DescriptorRecord: Codable, Equatable, Sendable {
  /// Its number.
  public var descriptor: UInt32
  /// 0 pid, 1 svc, 2 app, 3 shared.
  public var namespace: UInt8
  /// Its name.
  public var name: String
  /// Its target.
  public var target: String
  /// Whose it is.
  @Nullable public var ownerPID: UInt32?
  /// Bytes of room.
  public var capacity: UInt32
  /// Bytes in use.
  public var used: UInt32
  /// Messages.
  public var depth: UInt32
  /// Its mode.
  public var mode: UInt16
  /// The number of its oldest message.
  public var head: UInt64
  /// The number that the next gets.
  public var next: UInt64
  /// Receivers waiting.
  public var waiters: Int
  /// Taps.
  public var taps: Int

  /// One of these parts.
  public init(
    descriptor: UInt32,
    namespace: UInt8,
    name: String,
    target: String,
    ownerPID: UInt32?,
    capacity: UInt32,
    used: UInt32,
    depth: UInt32,
    mode: UInt16,
    head: UInt64,
    next: UInt64,
    waiters: Int,
    taps: Int
  ) {
    self.descriptor = descriptor
    self.namespace = namespace
    self.name = name
    self.target = target
    self.ownerPID = ownerPID
    self.capacity = capacity
    self.used = used
    self.depth = depth
    self.mode = mode
    self.head = head
    self.next = next
    self.waiters = waiters
    self.taps = taps
  }

  enum CodingKeys: String, CodingKey {
    case namespace, name, target, capacity, waiters, taps
    case descriptor = "descriptor_id"
    case ownerPID = "owner_pid"
    case used = "bytes_used"
    case depth = "queue_depth"
    case mode = "mode_mask"
    case head = "head_seq"
    case next = "next_seq"
  }
}

/// All mailboxes in numbers.
public struct MailboxStatistics: Codable, Equatable, Sendable {
  /// The most mailboxes.
  public var maximum: Int
  /// Mailboxes.
  public var active: Int
  /// Mailboxes that can still be made.
  public var free: Int
  /// Bytes in use.
  public var used: UInt64
  /// Bytes that nothing has reserved.
  public var available: UInt32
  /// Messages.
  public var depth: UInt32
  /// Open handles.
  public var handles: Int
  /// Open handles by pid.
  public var handlesPerTask: [String: Int]
  /// The most of one task.
  public var handleLimit: Int
  /// Taps.
  public var taps: Int
  /// Messages that wait for taps.
  public var tapDepth: UInt32
  /// Receivers waiting.
  public var waiters: Int
  /// Mailboxes that fan out.
  public var fanOuts: Int

  /// One of these parts.
  public init(
    maximum: Int,
    active: Int,
    free: Int,
    used: UInt64,
    available: UInt32,
    depth: UInt32,
    handles: Int,
    handlesPerTask: [String: Int],
    handleLimit: Int,
    taps: Int,
    tapDepth: UInt32,
    waiters: Int,
    fanOuts: Int
  ) {
    self.maximum = maximum
    self.active = active
    self.free = free
    self.used = used
    self.available = available
    self.depth = depth
    self.handles = handles
    self.handlesPerTask = handlesPerTask
    self.handleLimit = handleLimit
    self.taps = taps
    self.tapDepth = tapDepth
    self.waiters = waiters
    self.fanOuts = fanOuts
  }

  enum CodingKeys: String, CodingKey {
    case maximum = "max_descriptors"
    case active = "active_descriptors"
    case free = "free_descriptors"
    case used = "bytes_used"
    case available = "bytes_available"
    case depth = "queue_depth"
    case handles = "handles_total"
    case handlesPerTask = "handles_per_pid"
    case handleLimit = "handle_limit_per_pid"
    case taps = "tap_count"
    case tapDepth = "tap_queue_depth"
    case waiters = "waiter_count"
    case fanOuts = "fanout_descriptors"
  }
}

/// What `mailbox_snapshot` answers.
public struct SnapshotAnswer: Codable, Equatable, Sendable {
  /// Every mailbox.
  public var descriptors: [DescriptorRecord]
  /// All in numbers.
  public var stats: MailboxStatistics

  /// One of these parts.
  public init(
    descriptors: [DescriptorRecord],
    stats: MailboxStatistics
  ) {
    self.descriptors = descriptors
    self.stats = stats
  }
}

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

/// How one stream fans out.
public struct StreamRecord: Codable, Equatable, Sendable {
  /// `in`, `out` or `err`.
  public var stream: String
  /// `off`, `drop` or `block`.
  public var mode: String
  /// The mode's bits.
  public var mask: UInt16

  /// One of these parts.
  public init(
    stream: String,
    mode: String,
    mask: UInt16
  ) {
    self.stream = stream
    self.mode = mode
    self.mask = mask
  }

  enum CodingKeys: String, CodingKey {
    case stream, mode
    case mask = "mode_mask"
  }
}

/// How a task's streams fan out.
public struct TaskStreamsRecord: Codable, Equatable, Sendable {
  /// The task.
  public var pid: UInt32
  /// Its streams.
  public var streams: [StreamRecord]

  /// One of these parts.
  public init(
    pid: UInt32,
    streams: [StreamRecord]
  ) {
    self.pid = pid
    self.streams = streams
  }
}

/// A stream whose mode was set.
public struct AppliedStreamRecord: Codable, Equatable, Sendable {
  /// `in`, `out` or `err`.
  public var stream: String
  /// Its mailbox; missing for tasks still to come.
  public var target: String?
  /// What came of it: 0.
  public var status: UInt8

  /// One of these parts.
  public init(
    stream: String,
    target: String?,
    status: UInt8
  ) {
    self.stream = stream
    self.target = target
    self.status = status
  }

  enum CodingKeys: String, CodingKey {
    case stream, target
    case status = "mbx_status"
  }
}

/// How streams fan out.
public struct StdioRecord: Codable, Equatable, Sendable {
  /// `all`, `default` (tasks still to come) or `pid`.
  public var scope: String
  /// The task, if the scope is one.
  public var pid: UInt32?
  /// The streams of the task, or of tasks still to come; none if the scope is all.
  public var streams: [StreamRecord]
  /// The streams of tasks still to come.
  public var `default`: [StreamRecord]
  /// The streams of each task, if the scope is all.
  public var tasks: [TaskStreamsRecord]
  /// The mode that all of these have, or `mixed`.
  public var mode: String
  /// The mode's bits; of the first, if they differ.
  public var mask: UInt16
  /// The streams that were changed.
  public var applied: [AppliedStreamRecord]

  /// One of these parts.
  public init(
    scope: String,
    pid: UInt32?,
    streams: [StreamRecord],
    `default`: [StreamRecord],
    tasks: [TaskStreamsRecord],
    mode: String,
    mask: UInt16,
    applied: [AppliedStreamRecord]
  ) {
    self.scope = scope
    self.pid = pid
    self.streams = streams
    self.default = `default`
    self.tasks = tasks
    self.mode = mode
    self.mask = mask
    self.applied = applied
  }

  enum CodingKeys: String, CodingKey {
    case scope, pid, streams, `default`, tasks, mode, applied
    case mask = "mode_mask"
  }
}

/// What `stdio_fanout` answers.
public struct StdioAnswer: Codable, Equatable, Sendable {
  /// How it is set.
  public var config: StdioRecord

  /// One of these parts.
  public init(
    config: StdioRecord
  ) {
    self.config = config
  }
}

/// An entry of the log.
public struct LogRecord: Codable, Equatable, Sendable {
  /// Its number.
  public var seq: UInt64
  /// Seconds since 1970.
  public var ts: Double
  /// `debug`, `info`, `warning` or `error`.
  public var level: String
  /// What it says.
  public var message: String
  /// Instructions retired by then.
  public var clockSteps: UInt64
  /// The client session it is about, in short.
  @Nullable public var sessionID: String?
  /// What it is about.
  @Nullable public var category: String?
  /// The task it is about.
  @Nullable public var pid: UInt32?

  /// One of these parts.
  public init(
    seq: UInt64,
    ts: Double,
    level: String,
    message: String,
    clockSteps: UInt64,
    sessionID: String?,
    category: String?,
    pid: UInt32?
  ) {
    self.seq = seq
    self.ts = ts
    self.level = level
    self.message = message
    self.clockSteps = clockSteps
    self.sessionID = sessionID
    self.category = category
    self.pid = pid
  }

  enum CodingKeys: String, CodingKey {
    case seq, ts, level, message, category, pid
    case clockSteps = "clock_steps"
    case sessionID = "session_id"
  }
}

/// What `dmesg` answers.
public struct LogsAnswer: Codable, Equatable, Sendable {
  /// Oldest first.
  public var logs: [LogRecord]

  /// One of these parts.
  public init(
    logs: [LogRecord]
  ) {
    self.logs = logs
  }
}
