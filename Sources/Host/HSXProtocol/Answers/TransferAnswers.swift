/// What `vm_load_begin` answers.
public struct BeginAnswer: Codable, Equatable, Sendable {
  /// What names the transfer.
  public var handle: UInt64
  /// The pid that the task will have.
  public var pid: UInt32
  /// The most bytes of a chunk.
  public var chunkBytes: UInt32
  /// The number of the first chunk.
  public var nextSequence: UInt32
  /// The place in the file where the first chunk starts.
  public var offset: UInt32

  /// One of these parts.
  public init(
    handle: UInt64,
    pid: UInt32,
    chunkBytes: UInt32,
    nextSequence: UInt32,
    offset: UInt32
  ) {
    self.handle = handle
    self.pid = pid
    self.chunkBytes = chunkBytes
    self.nextSequence = nextSequence
    self.offset = offset
  }

  enum CodingKeys: String, CodingKey {
    case handle, pid, offset
    case chunkBytes = "max_chunk"
    case nextSequence = "next_seq"
  }
}

/// What `vm_load_write` answers.
public struct WriteAnswer: Codable, Equatable, Sendable {
  /// The number of the chunk that is due.
  public var nextSequence: UInt32
  /// Bytes taken so far.
  public var bytesWritten: UInt32

  /// One of these parts.
  public init(
    nextSequence: UInt32,
    bytesWritten: UInt32
  ) {
    self.nextSequence = nextSequence
    self.bytesWritten = bytesWritten
  }

  enum CodingKeys: String, CodingKey {
    case nextSequence = "next_seq"
    case bytesWritten = "bytes_written"
  }
}

/// What `vm_load_abort` answers.
public struct AbortAnswer: Codable, Equatable, Sendable {
  /// Bytes that had come.
  public var bytesWritten: UInt32

  /// One of these parts.
  public init(
    bytesWritten: UInt32
  ) {
    self.bytesWritten = bytesWritten
  }

  enum CodingKeys: String, CodingKey {
    case bytesWritten = "bytes_written"
  }
}

/// Why a transfer failed.
public struct FailureRecord: Codable, Equatable, Sendable {
  /// The code.
  public var code: String
  /// The stable word.
  public var reason: String
  /// A sentence.
  public var detail: String
  /// The file offset, when it is about bytes.
  @Nullable public var offset: UInt32?

  /// One of these parts.
  public init(
    code: String,
    reason: String,
    detail: String,
    offset: UInt32?
  ) {
    self.code = code
    self.reason = reason
    self.detail = detail
    self.offset = offset
  }
}

/// How a transfer stands.
public struct TransferRecord: Codable, Equatable, Sendable {
  /// What names it; null for another's.
  @Nullable public var handle: UInt64?
  /// Its pid.
  public var pid: UInt32
  /// Its state.
  public var state: String
  /// Bytes taken.
  public var bytesWritten: UInt32
  /// Bytes announced.
  @Nullable public var totalBytes: UInt32?
  /// Whole percent.
  @Nullable public var percent: UInt8?
  /// The number of the chunk that is due.
  public var nextSequence: UInt32
  /// CRC-32 of the bytes taken.
  public var crc32: UInt32
  /// Whether nothing came for a while.
  public var stalled: Bool
  /// Why it failed.
  @Nullable public var lastError: FailureRecord?
  /// Where the image comes from.
  public var source: JSONTree

  /// One of these parts.
  public init(
    handle: UInt64?,
    pid: UInt32,
    state: String,
    bytesWritten: UInt32,
    totalBytes: UInt32?,
    percent: UInt8?,
    nextSequence: UInt32,
    crc32: UInt32,
    stalled: Bool,
    lastError: FailureRecord?,
    source: JSONTree
  ) {
    self.handle = handle
    self.pid = pid
    self.state = state
    self.bytesWritten = bytesWritten
    self.totalBytes = totalBytes
    self.percent = percent
    self.nextSequence = nextSequence
    self.crc32 = crc32
    self.stalled = stalled
    self.lastError = lastError
    self.source = source
  }

  enum CodingKeys: String, CodingKey {
    case handle, pid, state, percent, crc32, stalled, source
    case bytesWritten = "bytes_written"
    case totalBytes = "total_bytes"
    case nextSequence = "next_seq"
    case lastError = "last_error"
  }
}
