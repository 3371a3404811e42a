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
