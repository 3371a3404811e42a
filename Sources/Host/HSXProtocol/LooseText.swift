/// A text that clients may also send as a number or a truth value: `"heat:setpoint"`, `257` or `true`, each as text.
@propertyWrapper
public struct LooseText: Codable, Equatable, Sendable {
  /// The text; nil for null and for a missing member.
  public var wrappedValue: String?

  /// A member with this text.
  public init(wrappedValue: String?) { self.wrappedValue = wrappedValue }

  /// The text, whichever form it has.
  ///
  /// - Throws: `DecodingError` for an array or an object.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      wrappedValue = nil
    } else if let text = try? container.decode(String.self) {
      wrappedValue = text
    } else if let number = try? container.decode(Int64.self) {
      wrappedValue = String(number)
    } else if let number = try? container.decode(Double.self) {
      wrappedValue = String(number)
    } else if let flag = try? container.decode(Bool.self) {
      wrappedValue = String(flag)
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "a text or a number")
    }
  }

  /// Writes the text; a nil one is left out by the container.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}

/// A truth value that clients may send as `true`, `1`, `"1"`, `"true"`, `"yes"` or `"on"`, and their opposites.
@propertyWrapper
public struct LooseFlag: Codable, Equatable, Sendable {
  /// The truth value; nil for null and for a missing member.
  public var wrappedValue: Bool?

  /// A member with this truth value.
  public init(wrappedValue: Bool?) { self.wrappedValue = wrappedValue }

  /// The truth value, whichever form it has.
  ///
  /// - Throws: `DecodingError` for anything else.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      wrappedValue = nil
    } else if let flag = try? container.decode(Bool.self) {
      wrappedValue = flag
    } else {
      switch try LooseText(from: decoder).wrappedValue?.lowercased() {
      case "1", "true", "yes", "on": wrappedValue = true
      case "0", "false", "no", "off", "": wrappedValue = false
      default: throw DecodingError.dataCorruptedError(in: container, debugDescription: "true or false")
      }
    }
  }

  /// Writes the truth value; a nil one is left out by the container.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}

// As for `Loose`: a missing member is nil, and a nil one is not written.
extension KeyedDecodingContainer {
  /// The member; nil inside if it is missing.
  public func decode(_ type: LooseText.Type, forKey key: Key) throws -> LooseText {
    try decodeIfPresent(type, forKey: key) ?? LooseText(wrappedValue: nil)
  }

  /// The member; nil inside if it is missing.
  public func decode(_ type: LooseFlag.Type, forKey key: Key) throws -> LooseFlag {
    try decodeIfPresent(type, forKey: key) ?? LooseFlag(wrappedValue: nil)
  }
}

extension KeyedEncodingContainer {
  /// Writes the member, unless it is nil.
  public mutating func encode(_ value: LooseText, forKey key: Key) throws {
    if let text = value.wrappedValue { try encode(text, forKey: key) }
  }

  /// Writes the member, unless it is nil.
  public mutating func encode(_ value: LooseFlag, forKey key: Key) throws {
    if let flag = value.wrappedValue { try encode(flag, forKey: key) }
  }
}
