/// A reply that says yes: one line of JSON, with the members of the answer beside its own.
public struct Reply<Answer: Codable & Sendable>: Encodable, Sendable {
  /// The request's `id`.
  public var id: JSONTree?
  /// The answer.
  public var answer: Answer

  /// The reply to the request with this `id`.
  public init(id: JSONTree?, _ answer: Answer) {
    self.id = id
    self.answer = answer
  }

  /// Writes the reply.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: ReplyKeys.self)
    try container.encode(Request.version, forKey: .version)
    try container.encode("ok", forKey: .status)
    try container.encodeIfPresent(id, forKey: .id)
    try answer.encode(to: encoder)
  }
}

/// A reply that says no.
public struct Refusal: Codable, Error, Equatable, Sendable {
  /// The request's `id`.
  public var id: JSONTree?
  /// The reason, for clients that read nothing else: the stable word, often with `:` and what it is about.
  public var error: String
  /// The code: `EINVAL`, …
  public var code: String
  /// The stable word.
  public var reason: String
  /// What was found, what was expected and where: a sentence for people.
  public var detail: String
  /// The file offset, when it is about bytes.
  public var offset: UInt32?
  /// The chunk that is due, behind `sequence_gap`.
  public var expected: UInt32?

  /// A refusal of these parts; `error` is the reason if it is not told.
  public init(
    code: String, reason: String, detail: String, error: String? = nil, offset: UInt32? = nil,
    expected: UInt32? = nil
  ) {
    self.error = error ?? reason
    self.code = code
    self.reason = reason
    self.detail = detail
    self.offset = offset
    self.expected = expected
  }

  /// Reads a refusal; a server that sends no more than `error` is understood too.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: ReplyKeys.self)
    error = try container.decode(String.self, forKey: .error)
    reason =
      try container.decodeIfPresent(String.self, forKey: .reason) ?? String(error.prefix { $0 != ":" })
    code = try container.decodeIfPresent(String.self, forKey: .code) ?? ""
    detail = try container.decodeIfPresent(String.self, forKey: .detail) ?? error
    offset = try container.decodeIfPresent(UInt32.self, forKey: .offset)
    expected = try container.decodeIfPresent(UInt32.self, forKey: .expected)
    id = try container.decodeIfPresent(JSONTree.self, forKey: .id)
  }

  /// Writes the reply.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: ReplyKeys.self)
    try container.encode(Request.version, forKey: .version)
    try container.encode("error", forKey: .status)
    try container.encodeIfPresent(id, forKey: .id)
    try container.encode(error, forKey: .error)
    try container.encode(code, forKey: .code)
    try container.encode(reason, forKey: .reason)
    try container.encode(detail, forKey: .detail)
    try container.encodeIfPresent(offset, forKey: .offset)
    try container.encodeIfPresent(expected, forKey: .expected)
  }
}

enum ReplyKeys: String, CodingKey {
  case version, status, id, error, code, reason, detail, offset, expected
}

/// A line from the server: an answer, a refusal, or an event.
public enum ServerLine<Answer: Decodable & Sendable>: Decodable, Sendable {
  /// The answer to the oldest request that has none.
  case answer(Answer)
  /// The refusal of the oldest request that has no answer.
  case refusal(Refusal)
  /// An event; it has no `status`.
  case event(EventRecord)

  /// Reads whichever it is.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: ReplyKeys.self)
    switch try container.decodeIfPresent(String.self, forKey: .status) {
    case nil: self = .event(try EventRecord(from: decoder))
    case "ok": self = .answer(try Answer(from: decoder))
    default: self = .refusal(try Refusal(from: decoder))
    }
  }
}
