// What strings mean, once their escapes are resolved.
extension JSONReader {
  /// Calls `body` with the bytes that `text` means, in UTF-8, until it returns false; false if it did.
  ///
  /// `text` must come from this reader.
  @discardableResult
  public func forEachByte(of text: JSONString, _ body: (UInt8) -> Bool) -> Bool {
    var offset = text.start
    while offset < text.end {
      guard bytes[offset] == UInt8(ascii: "\\") else {
        guard body(bytes[offset]) else { return false }
        offset += 1
        continue
      }
      // It was scanned before, so it cannot fail for a string of this reader.
      let point: UInt32
      do throws(JSONError) { point = try scanEscape(&offset) } catch { return false }
      guard emit(point, body) else { return false }
    }
    return true
  }

  /// The bytes that `text` means, in UTF-8.
  public func decode(_ text: JSONString) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(text.end - text.start)
    forEachByte(of: text) {
      decoded.append($0)
      return true
    }
    return decoded
  }

  /// Whether `text` means `word`.
  public func matches(_ text: JSONString, _ word: String) -> Bool {
    var expected = word.utf8.makeIterator()
    return forEachByte(of: text) { $0 == expected.next() } && expected.next() == nil
  }

  /// Calls `body` with the UTF-8 of a code point.
  private func emit(_ point: UInt32, _ body: (UInt8) -> Bool) -> Bool {
    func continuation(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: point >> shift & 0x3F) }
    func lead(_ mark: UInt8, _ shift: UInt32) -> UInt8 { mark | UInt8(truncatingIfNeeded: point >> shift) }
    switch point {
    case ..<0x80: return body(lead(0, 0))
    case ..<0x800: return body(lead(0xC0, 6)) && body(continuation(0))
    case ..<0x1_0000: return body(lead(0xE0, 12)) && body(continuation(6)) && body(continuation(0))
    default:
      return body(lead(0xF0, 18)) && body(continuation(12)) && body(continuation(6)) && body(continuation(0))
    }
  }
}
