/// What `vm_load_begin` takes.
public struct BeginRequest: Codable, Equatable, Sendable {
  /// Bytes in all.
  @Loose public var totalBytes: UInt32?
  /// CRC-32 of all bytes.
  @Loose public var crc32: UInt32?
  /// The name if the image has none.
  public var appName: String?
  /// SHA-256 of all bytes, in hexadecimal.
  public var sha256: String?
  /// Whether a task of that name gives way.
  @LooseFlag public var replace: Bool?
  /// `fram` or `flash`: where the image is stored too.
  public var persist: String?
  /// What the client says of where it has the image. Taken and not used: the source that is shown is the connection.
  public var source: JSONTree?
  /// Milliseconds between chunks.
  @Loose public var writeTimeout: UInt32?
  /// Milliseconds for all.
  @Loose public var totalTimeout: UInt32?
  /// Milliseconds that a replacement must run without a fault.
  @Loose public var probation: UInt32?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case crc32, sha256, replace, persist, source
    case totalBytes = "total_bytes"
    case appName = "app_name"
    case writeTimeout = "write_timeout_ms"
    case totalTimeout = "total_timeout_ms"
    case probation = "probation_ms"
  }
}

/// What `vm_load_write` takes.
public struct WriteRequest: Codable, Equatable, Sendable {
  /// The transfer.
  @Loose public var handle: UInt64?
  /// Its pid, instead of the handle.
  @Loose public var pid: UInt32?
  /// The chunk's number.
  @Loose public var sequence: UInt32?
  /// The bytes in base64.
  public var data: String?
  /// The bytes in hexadecimal, instead.
  public var dataHex: String?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case handle, pid, data
    case sequence = "seq"
    case dataHex = "data_hex"
  }
}

/// Names a transfer, by handle or pid.
public struct TransferSelector: Codable, Equatable, Sendable {
  /// The transfer.
  @Loose public var handle: UInt64?
  /// Its pid, instead of the handle.
  @Loose public var pid: UInt32?
  /// Why it is given up.
  public var reason: String?

  /// One that names nothing.
  public init() {}
}

/// What the commands of the store take.
public struct StoreRequest: Codable, Equatable, Sendable {
  /// The task.
  @Loose public var pid: UInt32?
  /// The app.
  public var app: String?
  /// The slot.
  @Loose public var slot: UInt8?
  /// `fram` or `flash`.
  public var target: String?
  /// Whether `provision.history` reads the audit log instead.
  @LooseFlag public var isAudit: Bool?
  /// The most entries.
  @Loose public var limit: UInt32?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case pid, app, slot, target, limit
    case isAudit = "audit"
  }
}

/// What `restart` takes.
public struct RestartRequest: Codable, Equatable, Sendable {
  /// `vm`, `executive` or both.
  public var targets: Targets?

  /// One that names nothing.
  public init() {}
}
