/// A request: one line of JSON.
///
/// Decoding reads a command's members in the same pass, so that a chunk of 32 KiB is looked at once.
public struct Request: Codable, Sendable {
  /// The version of the protocol that this module speaks.
  public static let version = 1

  /// What is asked; the name alone if there is no such command.
  public enum Body: Sendable {
    case command(ProtocolCommand)
    case unknown(String)
  }

  /// The version that the client speaks; a missing one counts as 1.
  public var version: Int
  /// The client session on whose behalf it is asked.
  public var session: String?
  /// Echoed in the reply.
  public var id: JSONTree?
  /// What is asked.
  public var body: Body

  enum CodingKeys: String, CodingKey {
    case version, session, id, cmd
  }

  /// A request for `command`.
  public init(_ command: ProtocolCommand, session: String? = nil, id: JSONTree? = nil) {
    version = Self.version
    self.session = session
    self.id = id
    body = .command(command)
  }

  /// Reads a request. Its members are read only if its version is known.
  ///
  /// - Throws: `RequestError` with what of the request could be read.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = container.contains(.id) ? try container.decode(JSONTree.self, forKey: .id) : nil
    do {
      version = try container.decode(Loose<Int>.self, forKey: .version).wrappedValue ?? Self.version
      session = try container.decode(LooseText.self, forKey: .session).wrappedValue
      let name = try container.decode(LooseText.self, forKey: .cmd).wrappedValue
      guard let name else { throw RequestError.missingField("cmd") }
      guard version == Self.version else { throw RequestError.unsupportedVersion(version) }
      if let known = CommandName(rawValue: name) {
        body = .command(try ProtocolCommand(known, from: decoder))
      } else {
        body = .unknown(name)
      }
    } catch let error as RequestError {
      throw IdentifiedRequestError(id: id, error: error)
    } catch let error as DecodingError {
      throw IdentifiedRequestError(id: id, error: RequestError(error))
    }
  }

  /// Writes the request.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(version, forKey: .version)
    try container.encodeIfPresent(session, forKey: .session)
    try container.encodeIfPresent(id, forKey: .id)
    switch body {
    case .command(let command):
      try container.encode(command.name.rawValue, forKey: .cmd)
      try command.encode(to: encoder)
    case .unknown(let name): try container.encode(name, forKey: .cmd)
    }
  }
}

/// Why a line is no request that can be answered with what it asks for.
public enum RequestError: Error, Equatable, Sendable {
  /// The line is not a JSON object.
  case notJSON
  /// The line is longer than `LineDecoder.limit`.
  case tooLong(limit: Int)
  /// The line nests deeper than `LineDecoder.depthLimit`.
  case tooDeep(limit: Int)
  /// Another version of the protocol.
  case unsupportedVersion(Int)
  /// A member that the command cannot do without is missing or null.
  case missingField(String)
  /// A member has a type or a text that the command does not take.
  case invalidField(String, expected: String)

  init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, _): self = .missingField(key.stringValue)
    case .valueNotFound(_, let context) where !context.codingPath.isEmpty:
      self = .missingField(Self.path(context))
    case .typeMismatch(let type, let context) where !context.codingPath.isEmpty:
      self = .invalidField(Self.path(context), expected: Self.noun(type))
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      self = .invalidField(Self.path(context), expected: context.debugDescription)
    default: self = .notJSON
    }
  }

  private static func path(_ context: DecodingError.Context) -> String {
    context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }

  private static func noun(_ type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Bool.Type: "true or false"
    case is any BinaryInteger.Type: "an integer"
    case is [String].Type, is [Any].Type: "a list"
    default: "an object"
    }
  }
}

/// A `RequestError` of a request whose `id` could be read.
public struct IdentifiedRequestError: Error, Sendable {
  /// Echoed in the reply.
  public var id: JSONTree?
  /// What is wrong.
  public var error: RequestError
}
