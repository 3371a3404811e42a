extension Cursor {
  /// Takes a number without its sign: decimal, `0x…` or `0b…`, with `_` between digits.
  mutating func number() throws(AssemblyError) -> Int64 {
    skipSpace()
    let begin = position
    var radix: Int64 = 10
    if byte == UInt8(ascii: "0"), let next {
      if next | 0x20 == UInt8(ascii: "x") { radix = 16 }
      if next | 0x20 == UInt8(ascii: "b") { radix = 2 }
    }
    if radix != 10 {
      advance()
      advance()
    }
    var value: Int64 = 0
    var digits = 0
    while let byte {
      if byte == UInt8(ascii: "_"), digits > 0, let next, Self.hexDigit(next) != nil {
        advance()
        continue
      }
      guard let digit = Self.hexDigit(byte).map(Int64.init), digit < radix else { break }
      let (product, over) = value.multipliedReportingOverflow(by: radix)
      let (sum, overToo) = product.addingReportingOverflow(digit)
      if over || overToo { throw error(.numberTooLarge, at: begin) }
      value = sum
      digits += 1
      advance()
    }
    guard digits > 0 else { throw unexpected(radix == 16 ? "hexadecimal digits" : "digits") }
    // What clings to a number (`12ab`, `0x1g`) is a mistake, not a second token.
    let behind = position
    if identifier() != nil || byte.map(Self.isDigit) == true {
      move(to: behind)
      throw unexpected("the end of the number")
    }
    return value
  }

  /// Takes a string in either quote, one byte a character, escapes decoded.
  ///
  /// A character above U+007F is the byte of its number, as the reference assembler writes it.
  mutating func quoted() throws(AssemblyError) -> [UInt8] {
    skipSpace()
    let begin = position
    guard let quote = byte, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      throw unexpected("a string")
    }
    advance()
    var bytes = [UInt8]()
    while let byte {
      if byte == quote {
        advance()
        return bytes
      }
      if byte == UInt8(ascii: "\\") {
        guard next != nil else { break }
        bytes.append(try escape())
      } else if byte < 0x80 {
        bytes.append(byte)
        advance()
      } else {
        let place = position
        let scalar = try self.scalar()
        guard let single = UInt8(exactly: scalar.value) else {
          throw error(.characterTooLarge(String(scalar)), at: place)
        }
        bytes.append(single)
      }
    }
    throw error(.unterminatedString, at: begin)
  }

  private mutating func escape() throws(AssemblyError) -> UInt8 {
    let begin = position
    advance()
    guard let letter = byte else { throw error(.unterminatedString, at: begin) }
    switch letter {
    case UInt8(ascii: "x"):
      advance()
      if let high = byte.flatMap(Self.hexDigit), let low = next.flatMap(Self.hexDigit) {
        advance()
        advance()
        return high << 4 | low
      }
      throw error(.invalidEscape("\\x without two hexadecimal digits"), at: begin)
    case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "0"), UInt8(ascii: "\\"),
      UInt8(ascii: "\""), UInt8(ascii: "'"):
      advance()
      return switch letter {
      case UInt8(ascii: "n"): 0x0A
      case UInt8(ascii: "r"): 0x0D
      case UInt8(ascii: "t"): 0x09
      case UInt8(ascii: "0"): 0
      default: letter
      }
    default:
      throw error(.invalidEscape("\\" + String(try scalar())), at: begin)
    }
  }

  /// Takes one character of UTF-8.
  mutating func scalar() throws(AssemblyError) -> Unicode.Scalar {
    let begin = position
    var bytes = [UInt8]()
    while let byte, bytes.isEmpty || (byte & 0xC0 == 0x80 && bytes.count < 4) {
      bytes.append(byte)
      advance()
    }
    guard let text = String(validating: bytes, as: UTF8.self), let scalar = text.unicodeScalars.first else {
      throw error(.invalidUTF8, at: begin)
    }
    return scalar
  }
}
