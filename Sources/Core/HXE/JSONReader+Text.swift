// What strings mean, once their escapes are resolved. A string must come from the reader that is asked.
extension JSONReader {
  /// The bytes that `text` means, in UTF-8.
  public func decode(_ text: JSONString) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(text.end - text.start)
    var cursor = JSONCursor(text)
    while let byte = nextByte(&cursor) { decoded.append(byte) }
    return decoded
  }

  /// Whether `text` means `word`.
  public func matches(_ text: JSONString, _ word: String) -> Bool {
    let word = word.utf8.span
    var cursor = JSONCursor(text)
    var index = 0
    while let byte = nextByte(&cursor) {
      guard index < word.count, word[index] == byte else { return false }
      index += 1
    }
    return index == word.count
  }

  /// The next byte of UTF-8; nil behind the last.
  private func nextByte(_ cursor: inout JSONCursor) -> UInt8? {
    if cursor.pendingCount > 0 { return cursor.takePending() }
    guard cursor.offset < cursor.end else { return nil }
    let byte = bytes[cursor.offset]
    guard byte == UInt8(ascii: "\\") else {
      cursor.offset += 1
      return byte
    }
    // It was scanned before, so it cannot fail for a string of this reader.
    do throws(JSONError) {
      let point = try scanEscape(&cursor.offset)
      return cursor.encode(point)
    } catch {
      return nil
    }
  }
}

/// A place in a string, and the bytes of an escape that are still to be given.
private struct JSONCursor {
  var offset: Int
  let end: Int
  private var pending: UInt32 = 0
  private(set) var pendingCount: UInt32 = 0

  init(_ text: JSONString) {
    offset = text.start
    end = text.end
  }

  mutating func takePending() -> UInt8 {
    pendingCount -= 1
    return 0x80 | UInt8(truncatingIfNeeded: pending >> (6 * pendingCount) & 0x3F)
  }

  /// The first byte of the UTF-8 of `point`; the others become pending.
  mutating func encode(_ point: UInt32) -> UInt8 {
    pending = point
    let mark: UInt32
    switch point {
    case ..<0x80: (mark, pendingCount) = (0, 0)
    case ..<0x800: (mark, pendingCount) = (0xC0, 1)
    case ..<0x1_0000: (mark, pendingCount) = (0xE0, 2)
    default: (mark, pendingCount) = (0xF0, 3)
    }
    return UInt8(truncatingIfNeeded: mark | point >> (6 * pendingCount))
  }
}
