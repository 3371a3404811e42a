/// Reads a JSON text (RFC 8259, strictly) token by token.
///
/// It does not recurse and allocates nothing: nesting is a bit a level, strings are ranges until they are
/// decoded. Names that occur twice are for the caller to judge. After an error the reader stays where it is and
/// gives the same error again.
public struct JSONReader: ~Escapable {
  /// The depth of arrays and objects that can be read at most.
  public static var depthLimit: Int { 32 }

  /// What may come next.
  enum Expectation {
    case value, valueOrEndArray, name, nameOrEndObject, separator, end
  }

  let bytes: Span<UInt8>
  var position = 0
  private var expectation = Expectation.value
  /// A bit for each open container, the innermost lowest: 1 for an object.
  private var objects: UInt32 = 0
  /// The number of open arrays and objects.
  public private(set) var depth = 0

  /// A reader of `bytes`, all of which must be one JSON text.
  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
  }

  /// The next token; `end` behind the last one, again and again.
  @_lifetime(self: copy self)
  public mutating func next() throws(JSONError) -> JSONToken {
    while true {
      while position < bytes.count, isBlank(bytes[position]) { position += 1 }
      let start = position
      guard start < bytes.count else {
        guard expectation == .end else { throw JSONError(.endOfText, at: start) }
        return JSONToken(.end, at: start)
      }
      let byte = bytes[start]
      switch expectation {
      case .value, .valueOrEndArray:
        if byte == UInt8(ascii: "]"), expectation == .valueOrEndArray { return close(.endArray) }
        return JSONToken(try value(byte), at: start)
      case .name, .nameOrEndObject:
        if byte == UInt8(ascii: "}"), expectation == .nameOrEndObject { return close(.endObject) }
        guard byte == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: start) }
        return JSONToken(.name(try name()), at: start)
      case .separator:
        let isObject = objects & 1 == 1
        switch byte {
        case UInt8(ascii: ","):
          position += 1
          expectation = isObject ? .name : .value
        case UInt8(ascii: "}") where isObject: return close(.endObject)
        case UInt8(ascii: "]") where !isObject: return close(.endArray)
        default: throw JSONError(.unexpectedByte, at: start)
        }
      case .end: throw JSONError(.unexpectedByte, at: start)
      }
    }
  }

  /// Reads over the next value, whatever it is. To be called where a value is due: at the start, behind a name.
  @_lifetime(self: copy self)
  public mutating func skipValue() throws(JSONError) {
    let outside = depth
    repeat { _ = try next() } while depth > outside
  }

  @_lifetime(self: copy self)
  private mutating func value(_ byte: UInt8) throws(JSONError) -> JSONToken.Kind {
    let kind: JSONToken.Kind
    switch byte {
    case UInt8(ascii: "{"):
      try open(isObject: true)
      return .beginObject
    case UInt8(ascii: "["):
      try open(isObject: false)
      return .beginArray
    case UInt8(ascii: "\""): kind = .string(try scanString())
    case UInt8(ascii: "t"): kind = try scanWord("true", .bool(true))
    case UInt8(ascii: "f"): kind = try scanWord("false", .bool(false))
    case UInt8(ascii: "n"): kind = try scanWord("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): kind = try scanNumber()
    default: throw JSONError(.unexpectedByte, at: position)
    }
    expectation = depth == 0 ? .end : .separator
    return kind
  }

  /// Reads a name and the colon behind it. The position moves only when both are there.
  @_lifetime(self: copy self)
  private mutating func name() throws(JSONError) -> JSONString {
    let start = position
    let name = try scanString()
    var colon = position
    while colon < bytes.count, isBlank(bytes[colon]) { colon += 1 }
    guard colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else {
      position = start
      throw JSONError(colon < bytes.count ? .unexpectedByte : .endOfText, at: colon)
    }
    position = colon + 1
    expectation = .value
    return name
  }

  @_lifetime(self: copy self)
  private mutating func open(isObject: Bool) throws(JSONError) {
    guard depth < Self.depthLimit else { throw JSONError(.tooDeep, at: position) }
    position += 1
    depth += 1
    objects = objects << 1 | (isObject ? 1 : 0)
    expectation = isObject ? .nameOrEndObject : .valueOrEndArray
  }

  @_lifetime(self: copy self)
  private mutating func close(_ kind: JSONToken.Kind) -> JSONToken {
    let token = JSONToken(kind, at: position)
    position += 1
    depth -= 1
    objects >>= 1
    expectation = depth == 0 ? .end : .separator
    return token
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }
}
