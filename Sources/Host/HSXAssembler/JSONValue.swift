import HXE

/// A JSON value as it is written canonically.
public enum JSONValue: Equatable, Sendable {
  /// A member of an object.
  public struct Member: Equatable, Sendable {
    /// The key, UTF-8.
    public var key: [UInt8]
    /// The value.
    public var value: JSONValue
    /// The offset of the value in the text it was read from; it has no part in equality.
    var position = 0

    /// A member with this key and value.
    public init(_ key: [UInt8], _ value: JSONValue) {
      self.key = key
      self.value = value
    }

    /// Whether key and value are the same.
    public static func == (left: Member, right: Member) -> Bool {
      left.key == right.key && left.value == right.value
    }
  }

  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// A number without fraction and exponent, any number of digits, kept as its decimal text.
  case integer(String)
  /// Any other number.
  case number(Double)
  /// A string, UTF-8.
  case string([UInt8])
  /// An array.
  case array([JSONValue])
  /// An object; its keys differ.
  case object([Member])
}

extension JSONValue {
  /// The text of the value: compact, keys sorted by code point at every level, ASCII only, numbers as
  /// Python's `json.dumps` writes them.
  ///
  /// What JSON cannot say is written as Python does: `NaN`, `Infinity`, `-Infinity`.
  public var canonicalText: [UInt8] {
    var text = [UInt8]()
    appendCanonicalText(to: &text)
    return text
  }

  private func appendCanonicalText(to text: inout [UInt8]) {
    switch self {
    case .null: text += "null".utf8
    case .bool(let bool): text += (bool ? "true" : "false").utf8
    case .integer(let digits): text += digits.utf8
    case .number(let number): text += Self.text(of: number).utf8
    case .string(let bytes): Self.append(bytes, to: &text)
    case .array(let elements):
      text.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        element.appendCanonicalText(to: &text)
      }
      text.append(UInt8(ascii: "]"))
    case .object(let members):
      text.append(UInt8(ascii: "{"))
      // Bytes of UTF-8 are in the order of the code points they encode.
      let sorted = members.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      for (index, member) in sorted.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        Self.append(member.key, to: &text)
        text.append(UInt8(ascii: ":"))
        member.value.appendCanonicalText(to: &text)
      }
      text.append(UInt8(ascii: "}"))
    }
  }

  private static func append(_ string: [UInt8], to text: inout [UInt8]) {
    let start = text.count
    if JSONWriter.appendQuoted(string.span, to: &text) { return }
    // Not UTF-8, which only a caller's own value can be: the replacement character for what is not.
    text.removeSubrange(start...)
    let repaired = Array(String(decoding: string, as: UTF8.self).utf8)
    _ = JSONWriter.appendQuoted(repaired.span, to: &text)
  }

  /// The shortest digits that read back as `number`, laid out as Python's `repr` does: with an exponent
  /// below 1e-4 and from 1e16 on.
  static func text(of number: Double) -> String {
    guard number.isFinite else { return number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity" }
    // Swift finds the same digits but draws the lines elsewhere, so take its digits and lay them out anew.
    let parts = "\(number.magnitude)".split(separator: "e")
    let mantissa = parts[0].split(separator: ".")
    let whole = mantissa[0]
    let fraction = mantissa.count > 1 && mantissa[1] != "0" ? String(mantissa[1]) : ""
    var digits = Array((whole + fraction).utf8)
    var point = whole.utf8.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    while digits.count > 1, digits.first == UInt8(ascii: "0") {
      digits.removeFirst()
      point -= 1
    }
    while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
    if number == 0 { point = 1 }
    let sign = number.sign == .minus ? "-" : ""
    return sign + layOut(String(decoding: digits, as: UTF8.self), point: point)
  }

  /// `digits` with the decimal point behind the first `point` of them.
  private static func layOut(_ digits: String, point: Int) -> String {
    let exponent = point - 1
    if exponent < -4 || exponent >= 16 {
      let tail = digits.dropFirst()
      let magnitude = String(abs(exponent))
      let padded = magnitude.utf8.count < 2 ? "0" + magnitude : magnitude
      return digits.prefix(1) + (tail.isEmpty ? "" : "." + tail) + "e" + (exponent < 0 ? "-" : "+") + padded
    }
    if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
    if point >= digits.utf8.count {
      return digits + String(repeating: "0", count: point - digits.utf8.count) + ".0"
    }
    return digits.prefix(point) + "." + digits.dropFirst(point)
  }
}
