/// A place in one line of the source, and what can be read there.
///
/// There is no token list: whether a `;` starts a comment depends on what is being read, so each reader takes
/// what it needs from here. A cursor never leaves its line.
struct Cursor {
  let source: [UInt8]
  let line: Int
  private let start: Int
  private let end: Int
  private(set) var position: Int

  init(_ source: [UInt8], line: Int, range: Range<Int>) {
    self.source = source
    self.line = line
    start = range.lowerBound
    end = range.upperBound
    position = range.lowerBound
  }

  /// The byte here; nil at the end of the line.
  var byte: UInt8? { position < end ? source[position] : nil }

  /// The byte behind this one.
  var next: UInt8? { position + 1 < end ? source[position + 1] : nil }

  mutating func advance() {
    if position < end { position += 1 }
  }

  mutating func skipSpace() {
    while let byte, byte == 0x20 || byte == 0x09 || byte == 0x0B || byte == 0x0C { position += 1 }
  }

  /// Whether nothing but a comment follows.
  var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return byte == nil || byte == UInt8(ascii: ";")
    }
  }

  /// Takes `character` after white space; false if something else is there.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard let byte, byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(AssemblyError) {
    guard take(character) else { throw unexpected("`\(character)`") }
  }

  mutating func expectEnd() throws(AssemblyError) {
    guard isAtEnd else { throw unexpected("the end of the statement") }
  }

  /// Takes an identifier after white space; nil, and nothing taken, if there is none.
  mutating func identifier() -> String? {
    skipSpace()
    guard let first = byte, Self.startsIdentifier(first) else { return nil }
    let begin = position
    while let byte, Self.startsIdentifier(byte) || Self.isDigit(byte) || byte == UInt8(ascii: "$") {
      position += 1
    }
    return String(decoding: source[begin..<position], as: UTF8.self)
  }

  mutating func move(to position: Int) { self.position = min(max(position, start), end) }

  /// An error here, or at `position`.
  func error(_ problem: AssemblyError.Problem, at position: Int? = nil) -> AssemblyError {
    let before = source[start..<min(max(position ?? self.position, start), end)]
    // Columns count characters: bytes that do not continue one.
    let column = before.reduce(into: 1) { count, byte in if byte & 0xC0 != 0x80 { count += 1 } }
    return AssemblyError(line: line, column: column, problem)
  }

  /// The error that something else is here than `expected`.
  mutating func unexpected(_ expected: String) -> AssemblyError {
    skipSpace()
    return error(.unexpected(found: found, expected: expected))
  }

  /// What is here, cut to a few characters, for a message.
  private var found: String {
    guard let byte else { return "the end of the line" }
    if byte == UInt8(ascii: ";") { return "a comment" }
    var stop = position + 1
    if Self.isWord(byte) {
      while stop < end, Self.isWord(source[stop]), stop - position < 24 { stop += 1 }
    } else {
      while stop < end, source[stop] & 0xC0 == 0x80 { stop += 1 }
    }
    if byte < 0x20 || byte == 0x7F { return "a control character" }
    return "`\(String(decoding: source[position..<stop], as: UTF8.self))`"
  }

  static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func startsIdentifier(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool { startsIdentifier(byte) || isDigit(byte) }

  /// The value of a hexadecimal digit.
  static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
