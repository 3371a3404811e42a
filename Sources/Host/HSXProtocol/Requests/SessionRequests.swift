/// What `session.open` takes.
public struct OpenRequest: Codable, Equatable, Sendable {
  /// What the client calls itself.
  public var client: String?
  /// What it understands.
  public var capabilities: ClientCapabilities?
  /// Tasks that nobody else may change while the session lasts.
  public var pidLock: PIDSelection?
  /// Seconds of silence that end it.
  @Loose public var heartbeat: UInt32?
  /// Who the client is.
  public var token: String?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case client, capabilities, token
    case pidLock = "pid_lock"
    case heartbeat = "heartbeat_s"
  }
}

/// What a client says it understands.
public struct ClientCapabilities: Codable, Equatable, Sendable {
  /// Features it would use.
  public var features: [String]?
  /// The most events unacknowledged.
  @Loose public var maximumEvents: UInt32?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case features
    case maximumEvents = "max_events"
  }
}

/// What `session.terminate` takes.
public struct TerminateRequest: Codable, Equatable, Sendable {
  /// The session to end.
  public var target: String?

  /// One that names nothing.
  public init() {}
}

/// What `events.subscribe` takes.
public struct SubscribeRequest: Codable, Equatable, Sendable {
  /// Which events.
  public var filters: EventFilters?
  /// Whether delivery waits for acknowledgements.
  @LooseFlag public var acknowledges: Bool?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case filters
    case acknowledges = "ack"
  }
}

/// Which events a subscriber wants.
public struct EventFilters: Codable, Equatable, Sendable {
  /// Of these tasks.
  @Loose public var pid: UInt32?
  /// Of these types or families.
  public var categories: [String]?
  /// From that number on.
  @Loose public var since: UInt64?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case pid, categories
    case since = "since_seq"
  }
}

/// What `events.ack` takes.
public struct AcknowledgeRequest: Codable, Equatable, Sendable {
  /// Everything up to that event has been read.
  @Loose public var sequence: UInt64?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case sequence = "seq"
  }
}

/// What `events.unsubscribe` takes.
public struct UnsubscribeRequest: Codable, Equatable, Sendable {
  /// The subscription; the session's if not told.
  @LooseText public var token: String?

  /// One that names nothing.
  public init() {}
}
