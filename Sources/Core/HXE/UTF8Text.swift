/// Well-formedness of UTF-8, as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
public enum UTF8Text {
  /// The length of the well-formed sequence that begins at `offset`, or nil if there is none.
  @inlinable
  public static func sequenceLength(in bytes: Span<UInt8>, at offset: Int) -> Int? {
    guard offset >= 0, offset < bytes.count else { return nil }
    let lead = bytes[offset]
    // The range of the second byte is where overlong forms, surrogates and the upper end are told apart.
    let length: Int
    var least: UInt8 = 0x80
    var greatest: UInt8 = 0xBF
    switch lead {
    case 0x00...0x7F: return 1
    case 0xC2...0xDF: length = 2
    case 0xE0:
      length = 3
      least = 0xA0
    case 0xED:
      length = 3
      greatest = 0x9F
    case 0xE1...0xEF: length = 3
    case 0xF0:
      length = 4
      least = 0x90
    case 0xF4:
      length = 4
      greatest = 0x8F
    case 0xF1...0xF3: length = 4
    default: return nil
    }
    guard bytes.count - offset >= length else { return nil }
    guard bytes[offset + 1] >= least, bytes[offset + 1] <= greatest else { return nil }
    for index in 2..<4 where index < length {
      guard bytes[offset + index] & 0xC0 == 0x80 else { return nil }
    }
    return length
  }

  /// The offset of the first byte that is not part of a well-formed sequence, or nil if all are.
  @inlinable
  public static func firstFault(in bytes: Span<UInt8>) -> Int? {
    var offset = 0
    while offset < bytes.count {
      guard let length = sequenceLength(in: bytes, at: offset) else { return offset }
      offset += length
    }
    return nil
  }
}

extension Span where Element == UInt8 {
  /// The bytes without the ASCII white space (space, tab, line feed, vertical tab, form feed, carriage return)
  /// at both ends.
  @_lifetime(copy self)
  public func trimmingASCIIWhitespace() -> Span<UInt8> {
    var start = 0
    var end = count
    while start < end, self[start].isASCIIWhitespace { start += 1 }
    while end > start, self[end - 1].isASCIIWhitespace { end -= 1 }
    return extracting(start..<end)
  }
}

extension UInt8 {
  /// Whether it is a space, tab, line feed, vertical tab, form feed or carriage return.
  public var isASCIIWhitespace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }
}
