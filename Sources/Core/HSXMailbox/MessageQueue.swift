/// A place in a queue: the number of the message there, and where its bytes begin since the queue was made.
struct QueuePosition: Equatable {
  var sequence: UInt64
  var offset: UInt64
}

/// Messages packed one behind the other, each behind a record of 16 bytes.
///
/// The bytes held are at most four times the cost of the messages in it: the record is twice what a message is
/// charged, and the removed part is cut off once it is half of all. Reading at a position costs the message's
/// length; appending and removing cost it too, on average.
struct MessageQueue {
  private static var recordSize: Int { 16 }

  private var storage: [UInt8] = []
  private var head = 0
  private(set) var count = 0
  private(set) var start = QueuePosition(sequence: 0, offset: 0)

  var isEmpty: Bool { count == 0 }

  /// The place behind the last message, where the next one comes.
  var end: QueuePosition {
    QueuePosition(
      sequence: start.sequence &+ UInt64(count), offset: start.offset &+ UInt64(storage.count - head))
  }

  /// What the messages cost.
  var bytesUsed: UInt32 { cost(from: start) }

  /// The number of messages from `position` on.
  func count(from position: QueuePosition) -> UInt32 {
    UInt32(truncatingIfNeeded: end.sequence &- position.sequence)
  }

  /// What the messages from `position` on cost.
  func cost(from position: QueuePosition) -> UInt32 {
    let stored = UInt32(truncatingIfNeeded: end.offset &- position.offset)
    return stored &- count(from: position) &* (UInt32(Self.recordSize) - MailboxLimits.messageOverhead)
  }

  /// The length of the message at `position`; nil at the end.
  func length(at position: QueuePosition) -> UInt32? {
    guard position.sequence < end.sequence else { return nil }
    return word(index(of: position))
  }

  /// The message at `position`, which must not be the end.
  func message(at position: QueuePosition) -> Message {
    let record = index(of: position)
    let body = record + Self.recordSize
    return Message(
      bytes: Array(storage[body..<(body + Int(word(record)))]),
      flags: MessageFlags(rawValue: word(record + 4)), channel: word(record + 8),
      source: word(record + 12), sequence: position.sequence)
  }

  /// The place behind the message at `position`.
  func position(after position: QueuePosition) -> QueuePosition {
    QueuePosition(
      sequence: position.sequence &+ 1,
      offset: position.offset &+ UInt64(Self.recordSize) &+ UInt64(length(at: position) ?? 0))
  }

  mutating func append(_ bytes: Span<UInt8>, flags: MessageFlags, channel: UInt32, source: UInt32) {
    storage.reserveCapacity(storage.count + Self.recordSize + bytes.count)
    appendWord(UInt32(truncatingIfNeeded: bytes.count))
    appendWord(flags.rawValue)
    appendWord(channel)
    appendWord(source)
    for index in bytes.indices { storage.append(bytes[index]) }
    count += 1
  }

  mutating func removeFirst() {
    guard count > 0 else { return }
    let next = position(after: start)
    head += Int(truncatingIfNeeded: next.offset &- start.offset)
    start = next
    count -= 1
    if head * 2 >= storage.count {
      storage.removeSubrange(0..<head)
      head = 0
    }
  }

  /// Removes what stands before `position`.
  mutating func remove(before position: QueuePosition) {
    while count > 0, start.sequence < position.sequence { removeFirst() }
  }

  mutating func removeAll() {
    remove(before: end)
  }

  /// Counts a message that was handed over and never stored. The queue must be empty.
  mutating func skip() {
    start.sequence &+= 1
  }

  private func index(of position: QueuePosition) -> Int {
    head + Int(truncatingIfNeeded: position.offset &- start.offset)
  }

  private func word(_ index: Int) -> UInt32 {
    UInt32(storage[index]) | UInt32(storage[index + 1]) << 8 | UInt32(storage[index + 2]) << 16
      | UInt32(storage[index + 3]) << 24
  }

  private mutating func appendWord(_ word: UInt32) {
    for shift: UInt32 in stride(from: 0, to: 32, by: 8) {
      storage.append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }
}
