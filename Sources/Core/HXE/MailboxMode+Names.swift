extension MailboxMode {
  /// The bits that a list of names means: names and integers, joined by `|` or `,`, in any case, with white space
  /// around them; nil if one is unknown. An empty list is 0.
  static func bits(naming list: Span<UInt8>) -> UInt16? {
    var bits: UInt16 = 0
    var start = 0
    for index in 0...list.count {
      guard index == list.count || list[index] == UInt8(ascii: "|") || list[index] == UInt8(ascii: ",") else {
        continue
      }
      let name = list.extracting(start..<index).trimmingASCIIWhitespace()
      start = index + 1
      if name.isEmpty { continue }
      guard let named = Self.bits(named: name) else { return nil }
      bits |= named
    }
    return bits
  }

  private static func bits(named name: Span<UInt8>) -> UInt16? {
    if let number = parseInteger(name) { return UInt16(exactly: number) }
    if matches(name, "RDONLY") || matches(name, "RO") || matches(name, "READONLY") { return 0x01 }
    if matches(name, "WRONLY") || matches(name, "WO") || matches(name, "WRITEONLY") { return 0x02 }
    if matches(name, "RDWR") || matches(name, "RW") { return 0x03 }
    if matches(name, "TAP") { return 0x04 }
    if matches(name, "FANOUT") { return 0x08 }
    if matches(name, "FANOUT_DROP") { return 0x10 }
    if matches(name, "FANOUT_BLOCK") { return 0x20 }
    return nil
  }

  private static func matches(_ name: Span<UInt8>, _ word: String) -> Bool {
    let word = word.utf8.span
    guard name.count == word.count else { return false }
    for index in word.indices {
      let byte = name[index]
      let upper = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 0x20 : byte
      guard upper == word[index] else { return false }
    }
    return true
  }
}
