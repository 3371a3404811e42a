extension JSONValue {
  /// The deepest nesting that is read.
  static let maximumDepth = 32
  /// The most digits of an integer, as many as Python reads.
  static let maximumDigits = 4300
}

extension Cursor {
  /// Takes a JSON value after white space. Python's `NaN`, `Infinity` and `-Infinity` are numbers too; of
  /// equal keys the last one counts.
  mutating func json(depth: Int = 0) throws(AssemblyError) -> JSONValue {
    skipJSONSpace()
    guard depth < JSONValue.maximumDepth else {
      throw error(.nestedTooDeep(limit: JSONValue.maximumDepth))
    }
    switch byte {
    case UInt8(ascii: "{"): return .object(try jsonMembers(depth: depth))
    case UInt8(ascii: "["): return .array(try jsonElements(depth: depth))
    case UInt8(ascii: "\""): return .string(try jsonString())
    case UInt8(ascii: "-"): return try jsonNumber()
    case let digit? where Self.isDigit(digit): return try jsonNumber()
    default: break
    }
    let begin = position
    switch identifier() {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "NaN": return .number(.nan)
    case "Infinity": return .number(.infinity)
    default:
      move(to: begin)
      throw unexpected("a JSON value")
    }
  }

  /// Skips what JSON calls white space.
  mutating func skipJSONSpace() {
    while let byte, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { advance() }
  }

  private mutating func takeJSON(_ character: Unicode.Scalar) -> Bool {
    skipJSONSpace()
    guard byte == UInt8(ascii: character) else { return false }
    advance()
    return true
  }

  private mutating func jsonMembers(depth: Int) throws(AssemblyError) -> [JSONValue.Member] {
    advance()
    var members = [JSONValue.Member]()
    var places: [[UInt8]: Int] = [:]
    if takeJSON("}") { return members }
    repeat {
      skipJSONSpace()
      guard byte == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
      let key = try jsonString()
      guard takeJSON(":") else { throw unexpected("`:`") }
      skipJSONSpace()
      let position = position
      var member = JSONValue.Member(key, try json(depth: depth + 1))
      member.position = position
      if let place = places[key] {
        members[place] = member
      } else {
        places[key] = members.count
        members.append(member)
      }
    } while takeJSON(",")
    guard takeJSON("}") else { throw unexpected("`,` or `}`") }
    return members
  }

  private mutating func jsonElements(depth: Int) throws(AssemblyError) -> [JSONValue] {
    advance()
    var elements = [JSONValue]()
    if takeJSON("]") { return elements }
    repeat { elements.append(try json(depth: depth + 1)) } while takeJSON(",")
    guard takeJSON("]") else { throw unexpected("`,` or `]`") }
    return elements
  }

  private mutating func jsonNumber() throws(AssemblyError) -> JSONValue {
    let begin = position
    if byte == UInt8(ascii: "-") { advance() }
    if byte == UInt8(ascii: "I"), identifier() == "Infinity" { return .number(-.infinity) }
    let first = position
    let leadingZero = byte == UInt8(ascii: "0")
    let whole = skipDigits()
    guard whole > 0, !leadingZero || whole == 1 else {
      move(to: first)
      throw error(.unexpected(found: "such a number", expected: "a JSON number"))
    }
    var isInteger = true
    if byte == UInt8(ascii: ".") {
      isInteger = false
      advance()
      guard skipDigits() > 0 else { throw unexpected("digits") }
    }
    if let letter = byte, letter | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      advance()
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { advance() }
      guard skipDigits() > 0 else { throw unexpected("digits") }
    }
    let text = String(decoding: source[begin..<position], as: UTF8.self)
    guard isInteger else { return .number(Double(text) ?? .nan) }
    guard whole <= JSONValue.maximumDigits else { throw error(.numberTooLarge, at: begin) }
    return .integer(text == "-0" ? "0" : text)
  }

  private mutating func skipDigits() -> Int {
    let begin = position
    while let byte, Self.isDigit(byte) { advance() }
    return position - begin
  }

  private mutating func jsonString() throws(AssemblyError) -> [UInt8] {
    let begin = position
    advance()
    var bytes = [UInt8]()
    while let byte {
      switch byte {
      case UInt8(ascii: "\""):
        advance()
        return bytes
      case UInt8(ascii: "\\"): bytes += try jsonEscape()
      case ..<0x20: throw unexpected("a character of a JSON string")
      case ..<0x80:
        bytes.append(byte)
        advance()
      default: bytes += try String(scalar()).utf8
      }
    }
    throw error(.unterminatedString, at: begin)
  }

  private mutating func jsonEscape() throws(AssemblyError) -> [UInt8] {
    let begin = position
    advance()
    guard let letter = byte else { throw error(.unterminatedString, at: begin) }
    advance()
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var units = [try jsonUnit(begin)]
      if 0xD800..<0xDC00 ~= units[0], byte == UInt8(ascii: "\\"), next == UInt8(ascii: "u") {
        advance()
        advance()
        units.append(try jsonUnit(begin))
      }
      // Half a pair has no UTF-8, and no reader of images takes it.
      guard let text = String(validating: units, as: UTF16.self) else { break }
      return Array(text.utf8)
    default: break
    }
    throw error(.unexpected(found: "no escape of JSON", expected: "a JSON string"), at: begin)
  }

  private mutating func jsonUnit(_ begin: Int) throws(AssemblyError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = byte.flatMap(Self.hexDigit) else { throw unexpected("four hexadecimal digits") }
      unit = unit << 4 | UInt16(digit)
      advance()
    }
    return unit
  }
}
