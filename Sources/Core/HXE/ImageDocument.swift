/// A JSON text inside an image: tokens and values, with errors that are the image's.
struct ImageDocument: ~Escapable {
  var json: JSONReader
  /// The file offset of the text's first byte.
  let base: UInt32
  /// What is wrong with the image if the text is no JSON, or a field not what it must be.
  let reason: ImageError.Reason

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, base: UInt32, reason: ImageError.Reason) {
    json = JSONReader(bytes)
    self.base = base
    self.reason = reason
  }

  /// The file offset of the byte at `offset` of the text.
  func fileOffset(_ offset: Int) -> UInt32 { base &+ UInt32(truncatingIfNeeded: offset) }

  /// The error for a token that may be JSON but is not what must stand there.
  func fault(_ token: JSONToken) -> ImageError { ImageError(reason, at: fileOffset(token.offset)) }

  @_lifetime(self: copy self)
  mutating func next() throws(ImageError) -> JSONToken {
    do throws(JSONError) {
      return try json.next()
    } catch {
      throw ImageError(reason, at: fileOffset(error.offset))
    }
  }

  @_lifetime(self: copy self)
  mutating func skipValue() throws(ImageError) {
    do throws(JSONError) {
      try json.skipValue()
    } catch {
      throw ImageError(reason, at: fileOffset(error.offset))
    }
  }

  /// The name of the object's next member; nil behind the last.
  @_lifetime(self: copy self)
  mutating func member() throws(ImageError) -> JSONString? {
    // Within an object only these two come where a name may stand.
    guard case .name(let name) = try next().kind else { return nil }
    return name
  }

  /// A string; nil for null.
  @_lifetime(self: copy self)
  mutating func string() throws(ImageError) -> JSONString? {
    let token = try next()
    switch token.kind {
    case .string(let text): return text
    case .null: return nil
    default: throw fault(token)
    }
  }

  /// A number from 0 to `greatest`; nil for null.
  @_lifetime(self: copy self)
  mutating func number(upTo greatest: UInt32) throws(ImageError) -> UInt32? {
    let token = try next()
    switch token.kind {
    case .integer(let number):
      guard let number = UInt32(exactly: number), number <= greatest else { throw fault(token) }
      return number
    case .null: return nil
    default: throw fault(token)
    }
  }

  /// An integer within `range`, or a string that holds one (`"64"`, `"0x40"`), as tools write them; nil for null.
  @_lifetime(self: copy self)
  mutating func looseInteger(
    _ range: ClosedRange<Int64> = Int64.min...Int64.max
  ) throws(ImageError) -> Int64? {
    let token = try next()
    let number: Int64?
    switch token.kind {
    case .integer(let integer): number = integer
    case .null: return nil
    case .string(let text): number = parseInteger(json.decode(text).span)
    default: throw fault(token)
    }
    guard let number, number >= range.lowerBound, number <= range.upperBound else { throw fault(token) }
    return number
  }

  /// Begins the array that must come; false for null.
  @_lifetime(self: copy self)
  mutating func beginArray() throws(ImageError) -> Bool {
    let token = try next()
    switch token.kind {
    case .beginArray: return true
    case .null: return false
    default: throw fault(token)
    }
  }

  /// Begins the next object of an array of objects; nil behind the last.
  @_lifetime(self: copy self)
  mutating func beginElement() throws(ImageError) -> JSONToken? {
    let token = try next()
    switch token.kind {
    case .beginObject: return token
    case .endArray: return nil
    default: throw fault(token)
    }
  }
}

/// The integer that `bytes` spell, in decimal or, behind `0x`, in hexadecimal; nil if they do not or it is no Int64.
func parseInteger(_ bytes: Span<UInt8>) -> Int64? {
  let text = bytes.trimmingASCIIWhitespace()
  let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
  var index = isNegative ? 1 : 0
  let isHexadecimal =
    text.count > index + 1 && text[index] == UInt8(ascii: "0") && text[index + 1] | 0x20 == UInt8(ascii: "x")
  if isHexadecimal { index += 2 }
  guard index < text.count else { return nil }
  var number: Int64 = 0
  while index < text.count {
    guard let digit = isHexadecimal ? text[index].hexadecimalDigit : text[index].decimalDigit else {
      return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: isHexadecimal ? 16 : 10)
    let (sum, carry) = product.addingReportingOverflow(Int64(digit))
    guard !overflow, !carry else { return nil }
    number = sum
    index += 1
  }
  return isNegative ? -number : number
}
