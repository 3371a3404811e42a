/// What `provision.status` answers: one transfer with its members on the top level, or all that the caller may see.
public enum StatusAnswer: Codable, Equatable, Sendable {
  /// The transfer asked for.
  case one(TransferRecord)
  /// All transfers.
  case all([TransferRecord])

  enum CodingKeys: String, CodingKey { case transfers }

  /// Reads whichever it is.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let transfers = try container.decodeIfPresent([TransferRecord].self, forKey: .transfers) {
      self = .all(transfers)
    } else {
      self = .one(try TransferRecord(from: decoder))
    }
  }

  /// Writes it.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .one(let transfer): try transfer.encode(to: encoder)
    case .all(let transfers):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(transfers, forKey: .transfers)
    }
  }
}
