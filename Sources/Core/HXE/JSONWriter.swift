/// Writes the pieces of canonical JSON: compact, ASCII only, what is not ASCII as `\uXXXX`.
public enum JSONWriter {
  /// Appends fixed text as it is.
  public static func append(_ text: StaticString, to bytes: inout [UInt8]) {
    text.withUTF8Buffer { buffer in
      for index in buffer.indices { bytes.append(unsafe buffer[index]) }
    }
  }

  /// Appends a number in decimal.
  public static func append(_ number: UInt32, to bytes: inout [UInt8]) {
    if number >= 10 { append(number / 10, to: &bytes) }
    bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
  }

  /// Appends UTF-8 as a JSON string with its quotes; false, and part of it appended, if it is not UTF-8.
  public static func appendQuoted(_ text: Span<UInt8>, to bytes: inout [UInt8]) -> Bool {
    bytes.append(UInt8(ascii: "\""))
    var index = 0
    while index < text.count {
      guard let scalar = nextScalar(in: text, at: &index) else { return false }
      append(scalar: scalar, to: &bytes)
    }
    bytes.append(UInt8(ascii: "\""))
    return true
  }

  private static func append(scalar: UInt32, to bytes: inout [UInt8]) {
    let short: UInt8? =
      switch scalar {
      case 0x08: UInt8(ascii: "b")
      case 0x09: UInt8(ascii: "t")
      case 0x0A: UInt8(ascii: "n")
      case 0x0C: UInt8(ascii: "f")
      case 0x0D: UInt8(ascii: "r")
      case 0x22, 0x5C: UInt8(truncatingIfNeeded: scalar)
      default: nil
      }
    if let short {
      bytes.append(UInt8(ascii: "\\"))
      bytes.append(short)
    } else if scalar >= 0x20 && scalar < 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x1_0000 {
      append(unit: scalar, to: &bytes)
    } else {
      append(unit: 0xD800 + (scalar - 0x1_0000) >> 10, to: &bytes)
      append(unit: 0xDC00 + (scalar - 0x1_0000) & 0x3FF, to: &bytes)
    }
  }

  private static func append(unit: UInt32, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\\"))
    bytes.append(UInt8(ascii: "u"))
    for shift: UInt32 in [12, 8, 4, 0] {
      let digit = UInt8(truncatingIfNeeded: unit >> shift & 0xF)
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }

  /// The scalar at `index`, which moves past it; nil if the bytes there are not UTF-8.
  private static func nextScalar(in text: Span<UInt8>, at index: inout Int) -> UInt32? {
    guard let length = UTF8Text.sequenceLength(in: text, at: index) else { return nil }
    // The leading byte has as many ones as there are bytes, unless it is alone.
    var scalar = UInt32(text[index]) & (length == 1 ? 0x7F : 0xFF >> UInt32(length + 1))
    for offset in 1..<max(length, 1) { scalar = scalar << 6 | UInt32(text[index + offset] & 0x3F) }
    index += length
    return scalar
  }
}
