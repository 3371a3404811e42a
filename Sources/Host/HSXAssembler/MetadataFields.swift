import HXE

/// The fields of one metadata entry, read with the reference's leniency: numbers may be strings, names have
/// aliases, null is as good as absent, and what is not known is passed over.
struct MetadataFields {
  private let members: [[UInt8]: JSONValue.Member]
  private let cursor: Cursor
  private let position: Int

  /// The fields of the object at `position`, where errors about what is missing point.
  init(_ members: [JSONValue.Member], _ cursor: Cursor, at position: Int) {
    self.members = Dictionary(members.map { ($0.key, $0) }) { _, last in last }
    self.cursor = cursor
    self.position = position
  }

  /// The first of `names` that is there and not null.
  func member(_ names: [String]) -> (name: String, member: JSONValue.Member)? {
    for name in names {
      if let member = members[Array(name.utf8)], member.value != .null { return (name, member) }
    }
    return nil
  }

  func missing(_ name: String) -> AssemblyError { cursor.error(.missingField(name), at: position) }

  func wrong(_ field: (name: String, member: JSONValue.Member), _ expected: String) -> AssemblyError {
    cursor.error(.wrongField(field.name, expected: expected), at: field.member.position)
  }

  /// An unsigned number of that many bits; nil if it is absent.
  func unsigned(_ names: String..., bits: Int) throws(AssemblyError) -> UInt64? {
    guard let field = member(names) else { return nil }
    guard let number = Self.integer(field.member.value), number >> UInt64(bits) == 0 else {
      throw wrong(field, "a number from 0 to \(UInt64(1) << UInt64(bits) - 1)")
    }
    return number
  }

  /// A number as binary16 bits: `raw` if it is there, else `names` rounded to nearest, ties to even; 0 if
  /// both are absent. What is too large is infinite.
  func binary16(raw: String, _ names: String...) throws(AssemblyError) -> UInt16 {
    let bits = try unsigned(raw, bits: 16)
    var number = 0.0
    if let field = member(names) {
      guard let found = Self.real(field.member.value) else { throw wrong(field, "a number") }
      number = found
    }
    if let bits { return UInt16(truncatingIfNeeded: bits) }
    return number.isNaN ? 0x7E00 : Float16(number).bitPattern
  }

  /// Bits by number, or by names joined by `|`; 0 if absent.
  func bits(_ names: [String], _ known: [String: UInt8]) throws(AssemblyError) -> UInt8 {
    guard let field = member(names) else { return 0 }
    let expected =
      "a number from 0 to 255, or names joined by |: \(known.keys.sorted().joined(separator: ", "))"
    guard case .string(let bytes) = field.member.value else {
      guard let number = Self.integer(field.member.value), number <= 0xFF else {
        throw wrong(field, expected)
      }
      return UInt8(truncatingIfNeeded: number)
    }
    var result: UInt8 = 0
    for part in String(decoding: bytes, as: UTF8.self).split(separator: "|") {
      let name = Self.trimmed(String(part)).uppercased()
      if name.isEmpty { continue }
      if let bit = known[name] {
        result |= bit
      } else if let number = Self.integer(name), number <= 0xFF {
        result |= UInt8(truncatingIfNeeded: number)
      } else {
        throw wrong(field, expected)
      }
    }
    return result
  }

  /// A string, or a number written as one; nil if absent.
  func text(_ names: String...) throws(AssemblyError) -> [UInt8]? {
    guard let field = member(names) else { return nil }
    switch field.member.value {
    case .string(let bytes):
      guard !bytes.contains(0) else { throw wrong(field, "a string without NUL") }
      return bytes
    case .integer, .number: return field.member.value.canonicalText
    default: throw wrong(field, "a string")
    }
  }

  /// A whole number that is not negative, from a number, a truth value or a string.
  static func integer(_ value: JSONValue) -> UInt64? {
    switch value {
    case .bool(let bool): bool ? 1 : 0
    case .integer(let digits): UInt64(digits)
    case .number(let number): UInt64(exactly: number)
    case .string(let bytes): integer(String(decoding: bytes, as: UTF8.self))
    default: nil
    }
  }

  /// A whole number as Python reads one with its prefix: `12`, `0x0c`, `0b1100`, `0o14`.
  static func integer(_ text: String) -> UInt64? {
    let digits = trimmed(text).lowercased()
    for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] where digits.hasPrefix(prefix) {
      return plain(digits.dropFirst(2), radix: radix)
    }
    return plain(Substring(digits), radix: 10)
  }

  private static func plain(_ digits: Substring, radix: Int) -> UInt64? {
    guard digits.first != "-", digits.first != "+" else { return nil }
    return UInt64(digits, radix: radix)
  }

  private static func real(_ value: JSONValue) -> Double? {
    switch value {
    case .bool(let bool): return bool ? 1 : 0
    case .integer(let digits): return Double(digits)
    case .number(let number): return number
    case .string(let bytes):
      let text = trimmed(String(decoding: bytes, as: UTF8.self))
      return text.lowercased().hasPrefix("0x") || text.lowercased().hasPrefix("-0x") ? nil : Double(text)
    default: return nil
    }
  }

  /// `text` without white space around it, as Python's `strip` sees white space.
  static func trimmed(_ text: String) -> String {
    func isSpace(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }
    var scalars = Substring(text).unicodeScalars
    while let first = scalars.first, isSpace(first) { scalars.removeFirst() }
    while let last = scalars.last, isSpace(last) { scalars.removeLast() }
    return String(scalars)
  }
}
