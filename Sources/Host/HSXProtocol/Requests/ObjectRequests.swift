/// What the `val.*` commands take.
public struct ValueRequest: Codable, Equatable, Sendable {
  /// Act as that task; for `val.list`, its values alone.
  @Loose public var pid: UInt32?
  /// That group alone: its number or its name.
  @LooseText public var group: String?
  /// The number, or `group:id`.
  @LooseText public var object: String?
  /// The name, or `group:name`, instead of the number.
  public var name: String?
  /// The new number.
  @LooseText public var value: String?
  /// The new number as binary16 bits, instead of `value`.
  @Loose public var bits: UInt16?
  /// The token of a pin.
  public var token: String?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case pid, group, name, value, token
    case object = "oid"
    case bits = "f16"
  }
}

/// What the `cmd.*` commands take.
public struct CommandRequest: Codable, Equatable, Sendable {
  /// Act as that task; for `cmd.list`, its commands alone.
  @Loose public var pid: UInt32?
  /// That group alone: its number or its name.
  @LooseText public var group: String?
  /// The number, or `group:id`.
  @LooseText public var object: String?
  /// The name, or `group:name`, instead of the number.
  public var name: String?
  /// The token of a pin.
  @LooseText public var token: String?
  /// Whether only commands that need not be waited for are called.
  @LooseFlag public var isAsync: Bool?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case pid, group, name, token
    case object = "oid"
    case isAsync = "async"
  }
}
