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
  }

  private var queues: [UInt32: Queue] = [:]

  /// The mailboxes of which there is something.
  var descriptors: [UInt32] { Array(queues.keys) }

  mutating func append(
    _ bytes: some Collection<UInt8>, flags: MessageFlags, channel: UInt32, source: UInt32,
    to descriptor: UInt32
  ) {
    var queue = queues[descriptor] ?? Queue()
    let message = Message(
      bytes: [], flags: flags.subtracting(.overrun), channel: channel, source: source, sequence: 0)
    if flags.contains(.overrun) { queue.hasOverrun = true }
    var rest = bytes[...]
    repeat {
      if let last = queue.messages.last, last.flags == message.flags, last.channel == channel,
        last.source == source, last.bytes.count < Self.pieceLimit
      {
        let piece = rest.prefix(Self.pieceLimit - last.bytes.count)
        queue.messages[queue.messages.count - 1].bytes.append(contentsOf: piece)
        queue.cost += piece.count
        rest = rest.dropFirst(piece.count)
      } else {
        queue.messages.append(message)
        queue.cost += Self.overhead
      }
    } while !rest.isEmpty
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
