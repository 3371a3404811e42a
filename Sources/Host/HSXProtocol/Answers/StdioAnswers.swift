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
