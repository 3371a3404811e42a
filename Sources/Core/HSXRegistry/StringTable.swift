/// A string in a `StringTable`. Good until whoever interned it releases it.
public struct StringID: Equatable, Sendable {
  let slot: UInt16
}

/// Strings of values and commands: each different one once, its bytes packed, counted by its uses.
///
/// Bytes of a string nobody uses any more are given back at once, so that what is free is always in one piece.
/// Interning costs a look at each string; giving one back a move of the bytes behind it.
public struct StringTable: Sendable {
  private struct Entry {
    var start: Int
    var count: Int
    var uses: Int
  }

  /// The most bytes it holds.
  public let capacity: Int
  private var bytes: [UInt8] = []
  /// By `StringID`; an entry with no uses is free.
  private var entries: [Entry] = []

  init(capacity: Int) { self.capacity = capacity }

  /// The bytes in use.
  public var usedBytes: Int { bytes.count }

  /// The number of different strings.
  public var count: Int {
    var count = 0
    for entry in entries where entry.uses > 0 { count += 1 }
    return count
  }

  /// The bytes of a string, without copying them; none if it has been released.
  @_lifetime(borrow self)
  public func text(_ id: StringID) -> Span<UInt8> {
    let slot = Int(id.slot)
    guard slot < entries.count, entries[slot].uses > 0 else { return bytes.span.extracting(first: 0) }
    let start = entries[slot].start
    return bytes.span.extracting(start..<(start + entries[slot].count))
  }

  /// Counts a use of the string, which must not be empty, and holds it if it is new; nil if it does not fit.
  mutating func intern(_ text: Span<UInt8>) -> StringID? {
    var free: Int?
    for slot in entries.indices {
      if entries[slot].uses == 0 {
        if free == nil { free = slot }
      } else if holds(slot, text) {
        entries[slot].uses += 1
        return StringID(slot: UInt16(truncatingIfNeeded: slot))
      }
    }
    guard text.count <= capacity - bytes.count else { return nil }
    let entry = Entry(start: bytes.count, count: text.count, uses: 1)
    let slot = free ?? entries.count
    guard slot <= UInt16.max else { return nil }
    for index in text.indices { bytes.append(text[index]) }
    if slot == entries.count { entries.append(entry) } else { entries[slot] = entry }
    return StringID(slot: UInt16(truncatingIfNeeded: slot))
  }

  /// Counts one use less.
  mutating func release(_ id: StringID?) {
    guard let id, Int(id.slot) < entries.count, entries[Int(id.slot)].uses > 0 else { return }
    let slot = Int(id.slot)
    entries[slot].uses -= 1
    guard entries[slot].uses == 0 else { return }
    let start = entries[slot].start
    let count = entries[slot].count
    bytes.removeSubrange(start..<(start + count))
    for other in entries.indices where entries[other].start > start { entries[other].start -= count }
    while let last = entries.last, last.uses == 0 { entries.removeLast() }
  }

  /// Whether the string is `text`.
  func equals(_ id: StringID?, _ text: Span<UInt8>) -> Bool {
    guard let id, Int(id.slot) < entries.count, entries[Int(id.slot)].uses > 0 else { return false }
    return holds(Int(id.slot), text)
  }

  /// Whether the string is held.
  func contains(_ text: Span<UInt8>) -> Bool {
    for slot in entries.indices where entries[slot].uses > 0 && holds(slot, text) { return true }
    return false
  }

  private func holds(_ slot: Int, _ text: Span<UInt8>) -> Bool {
    let entry = entries[slot]
    guard entry.count == text.count else { return false }
    for index in 0..<entry.count where bytes[entry.start + index] != text[index] { return false }
    return true
  }
}
