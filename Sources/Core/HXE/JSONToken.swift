/// Why a byte string is not a JSON text.
public struct JSONError: Error, Equatable, Sendable {
  /// The rule that is broken.
  public enum Reason: UInt8, CaseIterable, Equatable, Sendable {
    /// The text ends within a value, or there is none.
    case endOfText
    /// No token of JSON, or none that may stand here, goes on with this byte.
    case unexpectedByte
    /// The string is not UTF-8.
    case notUTF8
    /// Half a surrogate pair: a code point that UTF-8 cannot hold.
    case loneSurrogate
    /// Arrays and objects lie deeper in one another than the reader allows.
    case tooDeep
  }

  /// The rule that is broken.
  public var reason: Reason
  /// The offset of the byte where the text stops making sense; its length for `endOfText`.
  public var offset: Int

  /// An error at `offset`.
  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }
}

/// What a JSON text consists of, in its order.
public struct JSONToken: Equatable, Sendable {
  /// The kinds of token.
  public enum Kind: Equatable, Sendable {
    case beginObject, endObject, beginArray, endArray
    /// The name of an object's member; its value follows.
    case name(JSONString)
    case string(JSONString)
    /// A number that is an integer within Int64, however it is written (`1e2` is 100).
    case integer(Int64)
    /// Any other number: with a fraction, or beyond Int64.
    case number
    case bool(Bool)
    case null
    /// Nothing follows but white space.
    case end
  }

  /// What it is.
  public var kind: Kind
  /// The offset of its first byte.
  public var offset: Int

  /// A token at `offset`.
  public init(_ kind: Kind, at offset: Int) {
    self.kind = kind
    self.offset = offset
  }
}

/// A string of a JSON text: where its bytes lie. `JSONReader` decodes it.
public struct JSONString: Equatable, Sendable {
  /// The offset of the first byte behind the opening quotation mark.
  public var start: Int
  /// The offset of the closing quotation mark.
  public var end: Int
  /// Whether there are escapes, so that the bytes differ from what they mean.
  public var isEscaped: Bool

  /// A string of the bytes from `start` up to `end`.
  public init(start: Int, end: Int, isEscaped: Bool) {
    self.start = start
    self.end = end
    self.isEscaped = isEscaped
  }
}
