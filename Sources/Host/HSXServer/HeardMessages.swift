import HSXMailbox

/// What was written to mailboxes that somebody may listen to, and has not been listened to yet: the newest of it.
///
/// Each mailbox keeps a bounded number of bytes; what is older goes, and the next message says so by its overrun flag.
struct HeardMessages {
  /// Bytes that are kept of each mailbox, with a little for each message.
  private static let capacity = 16 * 1024
  /// Bytes up to which what is written in pieces becomes one message.
  private static let pieceLimit = 1024
  private static let overhead = 32

  private struct Queue {
    var messages: [Message] = []
    var cost = 0
    var hasOverrun = false
    /// Whether the newest message is text, which more text may be added to.
    var endsInText = false
  }

  private var queues: [UInt32: Queue] = [:]

  /// The mailboxes of which there is something.
  var descriptors: [UInt32] { Array(queues.keys) }

  /// Adds text that a program has written with a system call, whose pieces become one message.
  mutating func append(text: some Collection<UInt8>, source: UInt32, to descriptor: UInt32) {
    guard !text.isEmpty else { return }
    var queue = queues[descriptor] ?? Queue()
    var rest = text[...]
    while !rest.isEmpty {
      if queue.endsInText, let last = queue.messages.last, last.source == source,
        last.bytes.count < Self.pieceLimit
      {
        let piece = rest.prefix(Self.pieceLimit - last.bytes.count)
        queue.messages[queue.messages.count - 1].bytes.append(contentsOf: piece)
        queue.cost += piece.count
        rest = rest.dropFirst(piece.count)
      } else {
        queue.messages.append(
          Message(bytes: [], flags: .standardOutput, channel: 0, source: source, sequence: 0))
        queue.cost += Self.overhead
        queue.endsInText = true
      }
    }
    insert(&queue, for: descriptor)
  }

  /// Adds a message, which stays one.
  mutating func append(_ message: Message, to descriptor: UInt32) {
    var queue = queues[descriptor] ?? Queue()
    if message.flags.contains(.overrun) { queue.hasOverrun = true }
    var message = message
    message.flags.remove(.overrun)
    queue.messages.append(message)
    queue.cost += message.bytes.count + Self.overhead
    queue.endsInText = false
    insert(&queue, for: descriptor)
  }

  private mutating func insert(_ queue: inout Queue, for descriptor: UInt32) {
    while queue.cost > Self.capacity, queue.messages.count > 1 {
      queue.cost -= queue.messages.removeFirst().bytes.count + Self.overhead
      queue.hasOverrun = true
    }
    queues[descriptor] = queue
  }

  /// Takes the oldest message of a mailbox; nil if there is none.
  mutating func next(of descriptor: UInt32) -> Message? {
    guard var queue = queues[descriptor], !queue.messages.isEmpty else { return nil }
    var message = queue.messages.removeFirst()
    queue.cost -= message.bytes.count + Self.overhead
    if queue.hasOverrun { message.flags.insert(.overrun) }
    queue.hasOverrun = false
    queues[descriptor] = queue.messages.isEmpty ? nil : queue
    return message
  }

  mutating func forget(_ descriptor: UInt32) { queues.removeValue(forKey: descriptor) }
}
