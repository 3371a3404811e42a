/// A number that clients may send as a number or as a string, decimal or `0x…`; null and a missing member are nil.
///
/// Shells pass on what was typed, so a pid comes as `3`, `"3"` or `"0x3"`.
@propertyWrapper
public struct Loose<Number: FixedWidthInteger & Codable & Sendable>: Codable, Equatable, Sendable {
  /// The number.
  public var wrappedValue: Number?

  /// A member with this number.
  public init(wrappedValue: Number?) { self.wrappedValue = wrappedValue }

  /// The number, whichever form it has.
  ///
  /// - Throws: `DecodingError` for another type, another text, or a number that does not fit.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      wrappedValue = nil
    } else if let number = try? container.decode(Number.self) {
      wrappedValue = number
    } else if let text = try? container.decode(String.self), let number = Self.number(text) {
      wrappedValue = number
    } else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "an integer from \(Number.min) to \(Number.max), or one as a string")
    }
  }

  /// Writes the number; a nil one is left out by the container.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }

  /// The number of a text: decimal, or hexadecimal behind `0x`, with a sign before either.
  public static func number(_ text: String) -> Number? {
    var digits = Substring(text.trimmingPrefix { $0 == " " })
    while digits.last == " " { digits.removeLast() }
    let isNegative = digits.first == "-"
    if isNegative || digits.first == "+" { digits.removeFirst() }
    var radix = 10
    if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
      radix = 16
      digits = digits.dropFirst(2)
    }
    guard let first = digits.first, first != "-", first != "+" else { return nil }
    return Number((isNegative ? "-" : "") + digits, radix: radix)
  }
}

// Chosen by the compiler for members with this wrapper, so that a missing one is nil and a nil one is not written.
extension KeyedDecodingContainer {
  /// The member; nil inside if it is missing.
  public func decode<Number>(_ type: Loose<Number>.Type, forKey key: Key) throws -> Loose<Number> {
    try decodeIfPresent(type, forKey: key) ?? Loose(wrappedValue: nil)
  }
}

extension KeyedEncodingContainer {
  /// Writes the member, unless it is nil.
  public mutating func encode<Number>(_ value: Loose<Number>, forKey key: Key) throws {
    if let number = value.wrappedValue { try encode(number, forKey: key) }
  }
}
