/// A client session.
public struct SessionRecord: Codable, Equatable, Sendable {
  /// What names it.
  public var id: String
  /// What the client calls itself.
  public var client: String
  /// Seconds of silence that end it.
  public var heartbeat: UInt32
  /// Features that it uses.
  public var features: [String]
  /// The most events unacknowledged.
  public var maximumEvents: UInt32
  /// The task that nobody else may change; a list if there are several.
  @Nullable public var lock: PIDSelection?
  /// All of them.
  public var locks: [UInt32]
  /// What it may do.
  public var role: String
  /// Seconds since 1970.
  public var created: Double
  /// Seconds since 1970.
  public var lastSeen: Double
  /// Seconds since it was opened.
  public var age: Double
  /// What was asked for and not given.
  public var warnings: [String]

  /// One of these parts.
  public init(
    id: String,
    client: String,
    heartbeat: UInt32,
    features: [String],
    maximumEvents: UInt32,
    lock: PIDSelection?,
    locks: [UInt32],
    role: String,
    created: Double,
    lastSeen: Double,
    age: Double,
    warnings: [String]
  ) {
    self.id = id
    self.client = client
    self.heartbeat = heartbeat
    self.features = features
    self.maximumEvents = maximumEvents
    self.lock = lock
    self.locks = locks
    self.role = role
    self.created = created
    self.lastSeen = lastSeen
    self.age = age
    self.warnings = warnings
  }

  enum CodingKeys: String, CodingKey {
    case id, client, features, role, warnings
    case heartbeat = "heartbeat_s"
    case maximumEvents = "max_events"
    case lock = "pid_lock"
    case locks = "pid_locks"
    case created = "created_at"
    case lastSeen = "last_seen"
    case age = "age_s"
  }
}

/// What `session.open`, `.keepalive`, `.close` and `.current` answer.
public struct SessionAnswer: Codable, Equatable, Sendable {
  /// The session.
  @Nullable public var session: SessionRecord?

  /// One of these parts.
  public init(
    session: SessionRecord?
  ) {
    self.session = session
  }
}

/// What `session.list` answers.
public struct SessionsAnswer: Codable, Equatable, Sendable {
  /// The sessions; others than the caller's own by a shortened id, except for an admin.
  public var sessions: [SessionRecord]

  /// One of these parts.
  public init(
    sessions: [SessionRecord]
  ) {
    self.sessions = sessions
  }
}

/// A session that is gone.
public struct ClosedRecord: Codable, Equatable, Sendable {
  /// What named it.
  public var id: String
  /// Why.
  public var reason: String

  /// One of these parts.
  public init(
    id: String,
    reason: String
  ) {
    self.id = id
    self.reason = reason
  }
}

/// What `session.terminate` answers.
public struct ClosedAnswer: Codable, Equatable, Sendable {
  /// The session.
  public var closed: ClosedRecord

  /// One of these parts.
  public init(
    closed: ClosedRecord
  ) {
    self.closed = closed
  }
}

/// A subscription that begins.
public struct SubscriptionRecord: Codable, Equatable, Sendable {
  /// What names it.
  public var token: String
  /// The most events unacknowledged.
  public var maximum: UInt32
  /// Milliseconds that events stay, as far as it is known: 0, since the ring is bounded in events.
  public var retention: UInt32
  /// The number of the first event it looks at.
  public var cursor: UInt64
  /// Events that wait for it.
  public var pending: UInt32
  /// The most that ever waited.
  public var highWater: UInt32
  /// Events it lost.
  public var drops: UInt64

  /// One of these parts.
  public init(
    token: String,
    maximum: UInt32,
    retention: UInt32,
    cursor: UInt64,
    pending: UInt32,
    highWater: UInt32,
    drops: UInt64
  ) {
    self.token = token
    self.maximum = maximum
    self.retention = retention
    self.cursor = cursor
    self.pending = pending
    self.highWater = highWater
    self.drops = drops
  }

  enum CodingKeys: String, CodingKey {
    case token, cursor, pending, drops
    case maximum = "max"
    case retention = "retention_ms"
    case highWater = "high_water"
  }
}

/// What `events.subscribe` answers.
public struct SubscribeAnswer: Codable, Equatable, Sendable {
  /// The subscription.
  public var events: SubscriptionRecord

  /// One of these parts.
  public init(
    events: SubscriptionRecord
  ) {
    self.events = events
  }
}

/// How a subscription stands.
public struct BacklogRecord: Codable, Equatable, Sendable {
  /// Events that wait for it.
  public var pending: UInt32
  /// The most that ever waited.
  public var highWater: UInt32
  /// Events it lost.
  public var drops: UInt64
  /// The last number it acknowledged.
  public var lastAcknowledged: UInt64

  /// One of these parts.
  public init(
    pending: UInt32,
    highWater: UInt32,
    drops: UInt64,
    lastAcknowledged: UInt64
  ) {
    self.pending = pending
    self.highWater = highWater
    self.drops = drops
    self.lastAcknowledged = lastAcknowledged
  }

  enum CodingKeys: String, CodingKey {
    case pending, drops
    case highWater = "high_water"
    case lastAcknowledged = "last_ack"
  }
}

/// What `events.ack` answers.
public struct AcknowledgeAnswer: Codable, Equatable, Sendable {
  /// How it stands.
  public var events: BacklogRecord

  /// One of these parts.
  public init(
    events: BacklogRecord
  ) {
    self.events = events
  }
}

/// What `events.unsubscribe` answers.
public struct UnsubscribeAnswer: Codable, Equatable, Sendable {
  /// Whether there was one.
  public var unsubscribed: Bool

  /// One of these parts.
  public init(
    unsubscribed: Bool
  ) {
    self.unsubscribed = unsubscribed
  }
}
