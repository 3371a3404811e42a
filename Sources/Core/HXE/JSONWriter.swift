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

  /// Whether `text` is UTF-8 and holds no NUL.
  static func isUTF8WithoutNUL(_ text: Span<UInt8>) -> Bool {
    var index = 0
    while index < text.count {
      guard let scalar = nextScalar(in: text, at: &index), scalar != 0 else { return false }
    }
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
    let first = UInt32(text[index])
    index += 1
    guard first >= 0x80 else { return first }
    let (count, least): (Int, UInt32)
    switch first {
    case 0xC2...0xDF: (count, least) = (1, 0x80)
    case 0xE0...0xEF: (count, least) = (2, 0x800)
    case 0xF0...0xF4: (count, least) = (3, 0x1_0000)
    default: return nil
    }
    var scalar = first & (0x3F >> UInt32(count))
    for _ in 0..<count {
      guard index < text.count, text[index] & 0xC0 == 0x80 else { return nil }
      scalar = scalar << 6 | UInt32(text[index] & 0x3F)
      index += 1
    }
    guard scalar >= least, scalar <= 0x10_FFFF, !(0xD800...0xDFFF).contains(scalar) else { return nil }
    return scalar
  }
}
