public import HXE

extension MailboxTable {
  /// A mailbox as a person sees it.
  public struct Snapshot: Equatable, Sendable {
    /// Its number.
    public var descriptor: UInt32
    /// Its kind, name and owner.
    public var target: MailboxTarget
    /// Bytes of room.
    public var capacity: UInt32
    /// What the messages in it cost, in bytes.
    public var bytesUsed: UInt32
    /// The messages in it.
    public var queueDepth: UInt32
    /// Its mode as it was given.
    public var mode: MailboxMode
    /// The number of its oldest message; `nextSequence` if there is none.
    public var headSequence: UInt64
    /// The number that the next message gets.
    public var nextSequence: UInt64
    /// Receivers waiting.
    public var waiters: Int
    /// Handles that tap it.
    public var taps: Int
    /// Handles that may read it, taps not counted.
    public var subscribers: Int
  }

  /// The whole table in numbers.
  public struct Statistics: Equatable, Sendable {
    /// The most mailboxes there can be.
    public var maxDescriptors = 0
    /// Mailboxes there are.
    public var activeDescriptors = 0
    /// Mailboxes that can still be made.
    public var freeDescriptors = 0
    /// What all messages cost, those for taps not counted.
    public var bytesUsed: UInt64 = 0
    /// Bytes of room that nothing has reserved.
    public var bytesAvailable: UInt32 = 0
    /// All messages, those for taps not counted.
    public var queueDepth: UInt32 = 0
    /// Open handles.
    public var handlesTotal = 0
    /// The most handles of one task.
    public var handleLimitPerTask = 0
    /// Handles that are taps.
    public var taps = 0
    /// Messages that wait for taps.
    public var tapQueueDepth: UInt32 = 0
    /// Receivers waiting.
    public var waiters = 0
    /// Mailboxes that fan out.
    public var fanOutDescriptors = 0
  }

  /// Every mailbox, rising by number.
  public var snapshots: [Snapshot] { boxes.map(snapshot) }

  /// The mailbox of this number, if there is one.
  public func snapshot(of descriptor: UInt32) -> Snapshot? {
    boxIndex(id: descriptor).map { snapshot(boxes[$0]) }
  }

  /// The mailboxes that `pid` owns, has declared or has open, rising by number.
  public func snapshots(of pid: UInt32) -> [Snapshot] {
    boxes.filter { box in
      box.target.owner == pid || box.isDeclared(by: pid)
        || handles.contains { $0.reference.pid == pid && $0.descriptor == box.id }
    }.map(snapshot)
  }

  /// The tasks here, the executive first, and how many handles each has open.
  public var handleCounts: [(pid: UInt32, count: Int)] {
    tasks.map { ($0.pid, handleCount(of: $0.pid)) }
  }

  /// The whole table in numbers. Costs a look at everything.
  public var statistics: Statistics {
    var statistics = Statistics()
    statistics.maxDescriptors = limits.descriptors
    statistics.activeDescriptors = boxes.count
    statistics.freeDescriptors = max(0, limits.descriptors - boxes.count)
    statistics.bytesAvailable = bytesAvailable
    statistics.handlesTotal = handles.count
    statistics.handleLimitPerTask = limits.handlesPerTask
    statistics.waiters = waiters.count
    for box in boxes {
      statistics.bytesUsed += UInt64(box.queue.bytesUsed)
      statistics.queueDepth += UInt32(truncatingIfNeeded: box.queue.count)
      if box.isFanOut { statistics.fanOutDescriptors += 1 }
    }
    for handle in handles {
      guard let tap = handle.tap else { continue }
      statistics.taps += 1
      statistics.tapQueueDepth += UInt32(truncatingIfNeeded: tap.queue.count)
    }
    return statistics
  }

  private func snapshot(_ box: Mailbox) -> Snapshot {
    var waiting = 0
    for waiter in waiters where waiter.descriptor == box.id { waiting += 1 }
    var readers = 0
    for handle in handles where handle.descriptor == box.id && handle.isReader { readers += 1 }
    return Snapshot(
      descriptor: box.id, target: box.target, capacity: box.capacity, bytesUsed: box.queue.bytesUsed,
      queueDepth: UInt32(truncatingIfNeeded: box.queue.count), mode: box.mode,
      headSequence: box.queue.start.sequence, nextSequence: box.queue.end.sequence, waiters: waiting,
      taps: box.tapCount, subscribers: readers)
  }
}
