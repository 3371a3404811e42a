/// A member that is written as null when it is absent, where Codable would leave it out.
@propertyWrapper
public struct Nullable<Wrapped: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
  /// The member.
  public var wrappedValue: Wrapped?

  /// A member with this value.
  public init(wrappedValue: Wrapped?) { self.wrappedValue = wrappedValue }

  /// The member, or nil for null.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Wrapped.self)
  }

  /// Writes the member or null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}
