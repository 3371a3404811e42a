/// An image that is stored.
public struct StoredRecord: Codable, Equatable, Sendable {
  /// Its slot.
  public var slot: UInt8
  /// Its revision.
  public var revision: UInt32
  /// CRC-32 of its file.
  public var crc32: UInt32
  /// `fram` or `flash`.
  public var target: String?
  /// Its task.
  public var pid: UInt32?

  /// One of these parts.
  public init(
    slot: UInt8,
    revision: UInt32,
    crc32: UInt32,
    target: String? = nil,
    pid: UInt32? = nil
  ) {
    self.slot = slot
    self.revision = revision
    self.crc32 = crc32
    self.target = target
    self.pid = pid
  }
}

/// What `provision.persist` answers.
public struct PersistAnswer: Codable, Equatable, Sendable {
  /// The image.
  public var image: StoredRecord

  /// One of these parts.
  public init(
    image: StoredRecord
  ) {
    self.image = image
  }
}

/// A slot of the store.
public struct SlotRecord: Codable, Equatable, Sendable {
  /// Its number.
  public var slot: UInt8
  /// `EMPTY`, `STAGING`, `VERIFIED`, `TRIAL`, `CONFIRMED` or `REJECTED`.
  public var state: String
  /// Whether it is its app's active image.
  public var active: Bool
  /// Whether it is what its app goes back to.
  public var fallback: Bool
  /// Whether it is never given up.
  public var factory: Bool
  /// Its app.
  @Nullable public var appName: String?
  /// Its revision.
  @Nullable public var revision: UInt32?
  /// Bytes of the image.
  @Nullable public var length: UInt32?
  /// CRC-32 of the image.
  @Nullable public var crc32: UInt32?
  /// Starts that failed.
  public var attempts: UInt8
  /// Why it was rejected.
  @Nullable public var cause: String?
  /// Whether its record or its bytes cannot be read.
  public var damaged: Bool
  /// Where it came from.
  public var source: JSONTree

  /// One of these parts.
  public init(
    slot: UInt8,
    state: String,
    active: Bool,
    fallback: Bool,
    factory: Bool,
    appName: String?,
    revision: UInt32?,
    length: UInt32?,
    crc32: UInt32?,
    attempts: UInt8,
    cause: String?,
    damaged: Bool,
    source: JSONTree
  ) {
    self.slot = slot
    self.state = state
    self.active = active
    self.fallback = fallback
    self.factory = factory
    self.appName = appName
    self.revision = revision
    self.length = length
    self.crc32 = crc32
    self.attempts = attempts
    self.cause = cause
    self.damaged = damaged
    self.source = source
  }

  enum CodingKeys: String, CodingKey {
    case slot, state, active, fallback, factory, revision, length, crc32, attempts, cause, damaged, source
    case appName = "app_name"
  }
}

/// What `provision.slots` answers.
public struct SlotsAnswer: Codable, Equatable, Sendable {
  /// All slots, in order.
  public var slots: [SlotRecord]

  /// One of these parts.
  public init(
    slots: [SlotRecord]
  ) {
    self.slots = slots
  }
}

/// An entry of the audit log.
public struct AuditEntry: Codable, Equatable, Sendable {
  /// Its number.
  public var seq: UInt64
  /// The start of the executive it belongs to.
  public var boot: UInt32
  /// Seconds since that start.
  public var seconds: UInt32
  /// What happened.
  public var event: String
  /// The slot it is about.
  @Nullable public var slot: UInt8?
  /// The revision it is about.
  @Nullable public var revision: UInt32?
  /// Why.
  @Nullable public var cause: String?
  /// How many equal ones it stands for.
  public var count: UInt32

  /// One of these parts.
  public init(
    seq: UInt64,
    boot: UInt32,
    seconds: UInt32,
    event: String,
    slot: UInt8?,
    revision: UInt32?,
    cause: String?,
    count: UInt32
  ) {
    self.seq = seq
    self.boot = boot
    self.seconds = seconds
    self.event = event
    self.slot = slot
    self.revision = revision
    self.cause = cause
    self.count = count
  }
}

/// What `provision.history` answers: images, or with `audit` the log.
public struct HistoryAnswer: Codable, Equatable, Sendable {
  /// The images of an app, the newest first.
  public var images: [SlotRecord]?
  /// The log, oldest first.
  public var records: [AuditEntry]?

  /// One of these parts.
  public init(
    images: [SlotRecord]? = nil,
    records: [AuditEntry]? = nil
  ) {
    self.images = images
    self.records = records
  }
}

/// What restarts.
public struct RestartRecord: Codable, Equatable, Sendable {
  /// What.
  public var targets: [String]

  /// One of these parts.
  public init(
    targets: [String]
  ) {
    self.targets = targets
  }
}

/// What `restart` and `shutdown` answer, before it is done.
public struct RestartAnswer: Codable, Equatable, Sendable {
  /// What restarts.
  public var restart: RestartRecord

  /// One of these parts.
  public init(
    restart: RestartRecord
  ) {
    self.restart = restart
  }
}
