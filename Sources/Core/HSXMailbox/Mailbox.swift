import HSXHAL
import HXE

/// A mailbox with its messages.
struct Mailbox {
  let id: UInt32
  let target: MailboxTarget
  var capacity: UInt32
  var mode: MailboxMode
  /// The tasks that made or declared it, rising. Without any, it goes with its last handle.
  var declarers: [UInt32] = []
  var handleCount = 0
  var tapCount = 0
  var queue = MessageQueue()

  var isFanOut: Bool { !mode.isDisjoint(with: [.fanOut, .fanOutDrop, .fanOutBlock]) }

  /// Whether a full box discards its oldest. One that says both drop and block loses nothing.
  var dropsOldest: Bool { mode.contains(.fanOutDrop) && !mode.contains(.fanOutBlock) }

  /// The bytes that it holds of the table's room.
  var reserved: UInt32 { max(capacity, queue.bytesUsed) }

  func isDeclared(by pid: UInt32) -> Bool { declarers.contains(pid) }

  /// Whether the modes do not bind `pid`: they say what others may do.
  func isExempt(_ pid: UInt32) -> Bool { pid == 0 || target.owner == pid || isDeclared(by: pid) }

  mutating func addDeclarer(_ pid: UInt32) {
    var index = 0
    while index < declarers.count, declarers[index] < pid { index += 1 }
    if index < declarers.count, declarers[index] == pid { return }
    declarers.insert(pid, at: index)
  }

  mutating func removeDeclarer(_ pid: UInt32) {
    declarers.removeAll { $0 == pid }
  }
}

/// A task's handle to a mailbox.
struct OpenHandle {
  let reference: HandleReference
  let descriptor: UInt32
  /// What it may do: reading, writing.
  let access: MailboxMode
  /// In a fan-out box, where its reader stands.
  var cursor: QueuePosition
  /// Whether its reader has lost messages since the last one it got.
  var hasOverrun = false
  var tap: Tap?

  /// Whether messages wait for it.
  var isReader: Bool { access.contains(.read) && tap == nil }
}

/// The copies that wait for a tap.
struct Tap {
  let capacity: UInt32
  private(set) var queue = MessageQueue()
  /// The numbers that the messages in `queue` have in their box, where some may have passed this tap by.
  private var sequences: [UInt64] = []
  private var windowStart = Instant.zero
  private var windowCount: UInt32 = 0

  init(capacity: UInt32) { self.capacity = capacity }

  /// Whether another copy is within `rate` a second at `now`; counts it if so.
  mutating func admit(rate: UInt32?, now: Instant) -> Bool {
    guard let rate else { return true }
    if windowCount == 0 || now.milliseconds(since: windowStart) >= 1_000 {
      windowStart = now
      windowCount = 0
    }
    guard windowCount < rate else { return false }
    windowCount += 1
    return true
  }

  /// Keeps a copy; false if older ones had to go for it. The caller has checked that it fits at all.
  mutating func append(
    _ bytes: Span<UInt8>, flags: MessageFlags, channel: UInt32, source: UInt32, sequence: UInt64
  ) -> Bool {
    let cost = UInt32(truncatingIfNeeded: bytes.count) + MailboxLimits.messageOverhead
    var isComplete = true
    while !queue.isEmpty, queue.bytesUsed + cost > capacity {
      queue.removeFirst()
      sequences.removeFirst()
      isComplete = false
    }
    queue.append(bytes, flags: flags, channel: channel, source: source)
    sequences.append(sequence)
    return isComplete
  }

  /// The oldest copy, or that the receiver has no room for it; nil if there is none.
  mutating func takeFirst(room: UInt32) -> Reception? {
    guard let length = queue.length(at: queue.start) else { return nil }
    guard length <= room else { return .refused(.messageTooLarge, length: length) }
    var message = queue.message(at: queue.start)
    queue.removeFirst()
    message.sequence = sequences.removeFirst()
    return .message(message)
  }
}

/// A receiver that waits.
struct Waiter {
  let id: UInt32
  let receiver: HandleReference
  let descriptor: UInt32
  let room: UInt32
  let deadline: Instant?

  func woken(_ reception: Reception) -> Woken {
    Woken(waiter: id, receiver: receiver, descriptor: descriptor, reception: reception)
  }
}
