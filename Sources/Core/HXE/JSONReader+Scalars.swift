// Strings, numbers and words. Each leaves the position behind what it read, and where it was if it throws.
extension JSONReader {
  /// Reads a string from its opening quotation mark on and checks it, escapes and UTF-8.
  @_lifetime(self: copy self)
  mutating func scanString() throws(JSONError) -> JSONString {
    let start = position + 1
    var offset = start
    var isEscaped = false
    while offset < bytes.count {
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\""):
        position = offset + 1
        return JSONString(start: start, end: offset, isEscaped: isEscaped)
      case UInt8(ascii: "\\"):
        isEscaped = true
        _ = try scanEscape(&offset)
      case 0x20...0x7F: offset += 1
      case 0x00...0x1F: throw JSONError(.unexpectedByte, at: offset)
      default:
        guard let length = UTF8Text.sequenceLength(in: bytes, at: offset) else {
          throw JSONError(.notUTF8, at: offset)
        }
        offset += length
      }
    }
    throw JSONError(.endOfText, at: bytes.count)
  }

  /// The code point that the escape at `offset` means; `offset` moves behind it. A surrogate pair is one escape.
  func scanEscape(_ offset: inout Int) throws(JSONError) -> UInt32 {
    let start = offset
    guard start + 1 < bytes.count else { throw JSONError(.endOfText, at: bytes.count) }
    let point: UInt32
    switch bytes[start + 1] {
    case UInt8(ascii: "\""): point = 0x22
    case UInt8(ascii: "\\"): point = 0x5C
    case UInt8(ascii: "/"): point = 0x2F
    case UInt8(ascii: "b"): point = 0x08
    case UInt8(ascii: "f"): point = 0x0C
    case UInt8(ascii: "n"): point = 0x0A
    case UInt8(ascii: "r"): point = 0x0D
    case UInt8(ascii: "t"): point = 0x09
    case UInt8(ascii: "u"):
      let unit = try scanCodeUnit(start + 2)
      guard unit & 0xF800 == 0xD800 else {
        offset = start + 6
        return unit
      }
      // A high surrogate, then a low one in an escape of its own; nothing else makes a pair.
      let isPair = bytes.count - start > 7 && bytes[start + 6] == UInt8(ascii: "\\")
      guard unit < 0xDC00, isPair, bytes[start + 7] == UInt8(ascii: "u") else {
        throw JSONError(.loneSurrogate, at: start)
      }
      let low = try scanCodeUnit(start + 8)
      guard low & 0xFC00 == 0xDC00 else { throw JSONError(.loneSurrogate, at: start) }
      offset = start + 12
      return 0x1_0000 + (unit & 0x3FF) << 10 + low & 0x3FF
    default: throw JSONError(.unexpectedByte, at: start + 1)
    }
    offset = start + 2
    return point
  }

  private func scanCodeUnit(_ start: Int) throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for offset in start..<(start + 4) {
      guard offset < bytes.count else { throw JSONError(.endOfText, at: bytes.count) }
      guard let digit = bytes[offset].hexadecimalDigit else { throw JSONError(.unexpectedByte, at: offset) }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  /// Reads the bytes of `word`, which mean `kind`.
  @_lifetime(self: copy self)
  mutating func scanWord(_ word: String, _ kind: JSONToken.Kind) throws(JSONError) -> JSONToken.Kind {
    let word = word.utf8.span
    for index in word.indices {
      let offset = position + index
      guard offset < bytes.count else { throw JSONError(.endOfText, at: offset) }
      guard bytes[offset] == word[index] else { throw JSONError(.unexpectedByte, at: offset) }
    }
    position += word.count
    return kind
  }

  /// Reads a number; `integer` if its value is one within Int64.
  @_lifetime(self: copy self)
  mutating func scanNumber() throws(JSONError) -> JSONToken.Kind {
    var offset = position
    var number = Decimal(isNegative: bytes[offset] == UInt8(ascii: "-"))
    if number.isNegative { offset += 1 }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "0") {
      offset += 1
    } else {
      try scanDigits(&offset) { number.append($0) }
    }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      offset += 1
      let start = offset
      try scanDigits(&offset) { number.append($0) }
      number.scale = start - offset
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      offset += 1
      var isNegative = false
      if offset < bytes.count, bytes[offset] == UInt8(ascii: "-") || bytes[offset] == UInt8(ascii: "+") {
        isNegative = bytes[offset] == UInt8(ascii: "-")
        offset += 1
      }
      var exponent = 0
      // A text is far shorter than a thousand million digits, so a greater exponent decides as much.
      try scanDigits(&offset) { exponent = min(exponent &* 10 &+ Int($0), 100_000_000) }
      number.scale += isNegative ? -exponent : exponent
    }
    position = offset
    guard let integer = number.integer else { return .number }
    return .integer(integer)
  }

  /// Reads one digit and those behind it.
  private func scanDigits(_ offset: inout Int, _ take: (UInt8) -> Void) throws(JSONError) {
    guard offset < bytes.count else { throw JSONError(.endOfText, at: offset) }
    guard bytes[offset].decimalDigit != nil else { throw JSONError(.unexpectedByte, at: offset) }
    while offset < bytes.count, let digit = bytes[offset].decimalDigit {
      take(digit)
      offset += 1
    }
  }
}

/// A decimal number of any length, as far as it takes to tell whether it is an Int64.
private struct Decimal {
  let isNegative: Bool
  /// The power of ten that the digits are multiplied with.
  var scale = 0
  private var magnitude: UInt64 = 0
  /// Zeros that follow the magnitude, unless no other digit comes: then they only raise the scale.
  private var zeros = 0
  private var isTooLong = false

  init(isNegative: Bool) { self.isNegative = isNegative }

  mutating func append(_ digit: UInt8) {
    guard digit != 0 else {
      if magnitude != 0 { zeros += 1 }
      return
    }
    // Digits beyond UInt64 that do not end in zeros are either a fraction or too large, whatever the scale.
    multiply(byPowerOfTen: zeros + 1)
    zeros = 0
    let (sum, overflow) = magnitude.addingReportingOverflow(UInt64(digit))
    magnitude = sum
    if overflow { isTooLong = true }
  }

  private mutating func multiply(byPowerOfTen power: Int) {
    guard magnitude != 0 else { return }
    for _ in 0..<power {
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      guard !overflow else {
        isTooLong = true
        return
      }
      magnitude = product
    }
  }

  /// The value, if it is an Int64.
  var integer: Int64? {
    guard !isTooLong else { return nil }
    guard magnitude != 0 else { return 0 }
    let power = scale + zeros
    guard power >= 0 else { return nil }
    var whole = self
    whole.multiply(byPowerOfTen: power)
    guard !whole.isTooLong else { return nil }
    guard isNegative else { return Int64(exactly: whole.magnitude) }
    return whole.magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- whole.magnitude) : nil
  }
}

extension UInt8 {
  /// The value of an ASCII digit.
  var decimalDigit: UInt8? { self >= 0x30 && self <= 0x39 ? self - 0x30 : nil }

  /// The value of an ASCII hexadecimal digit of either case.
  var hexadecimalDigit: UInt8? {
    if let digit = decimalDigit { return digit }
    let lower = self | 0x20
    return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : nil
  }
}
