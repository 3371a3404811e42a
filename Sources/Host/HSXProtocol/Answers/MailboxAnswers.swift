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
