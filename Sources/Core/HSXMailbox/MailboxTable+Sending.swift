public import HSXHAL
import HXE

extension MailboxTable {
  /// Sends through a handle that may write.
  ///
  /// A box that is full answers `wouldBlock`, unless it discards its oldest. A message that costs more than the
  /// box's capacity is `messageTooLarge`. Costs the message's length, and for a fan-out or tapped box a look at
  /// each handle.
  public mutating func send(
    _ bytes: Span<UInt8>, through handle: HandleReference, flags: MessageFlags, channel: UInt32, now: Instant
  ) -> Delivery {
    guard let index = handleIndex(handle) else { return Delivery(.invalidHandle) }
    let descriptor = handles[index].descriptor
    guard handles[index].access.contains(.write), let box = boxIndex(id: descriptor) else {
      return Delivery(.invalidHandle, descriptor: descriptor)
    }
    return deliver(bytes, to: box, flags: flags, channel: channel, source: handle.pid, now: now)
  }

  /// Sends to a mailbox without a handle: the executive's way, for what it publishes and for a task's stdio.
  public mutating func send(
    _ bytes: Span<UInt8>, to descriptor: UInt32, source: UInt32, flags: MessageFlags, channel: UInt32,
    now: Instant
  ) -> Delivery {
    guard let box = boxIndex(id: descriptor) else { return Delivery(.invalidHandle) }
    return deliver(bytes, to: box, flags: flags, channel: channel, source: source, now: now)
  }

  private mutating func deliver(
    _ bytes: Span<UInt8>, to index: Int, flags: MessageFlags, channel: UInt32, source: UInt32, now: Instant
  ) -> Delivery {
    let id = boxes[index].id
    let capacity = boxes[index].capacity
    guard UInt64(bytes.count) + UInt64(MailboxLimits.messageOverhead) <= UInt64(capacity) else {
      return Delivery(.messageTooLarge, descriptor: id)
    }
    let cost = UInt32(truncatingIfNeeded: bytes.count) + MailboxLimits.messageOverhead
    // Whether a reader has lost something is each receiver's own fact, never the sender's word.
    let flags = flags.subtracting(.overrun)
    var delivery = Delivery(.ok, descriptor: id)
    let sequence = boxes[index].queue.end.sequence
    delivery.sequence = sequence
    if boxes[index].isFanOut {
      if boxes[index].dropsOldest {
        (delivery.discarded, delivery.overruns) = makeRoom(in: index, for: cost)
      }
      guard hasRoom(index, for: cost) else { return Delivery(.wouldBlock, descriptor: id) }
      boxes[index].queue.append(bytes, flags: flags, channel: channel, source: source)
      delivery.woken = wake(id, taps: false)
      trim(index)
    } else if !handOver(
      bytes, of: index, flags: flags, channel: channel, source: source, woken: &delivery.woken)
    {
      guard hasRoom(index, for: cost) else { return Delivery(.wouldBlock, descriptor: id) }
      boxes[index].queue.append(bytes, flags: flags, channel: channel, source: source)
    }
    if boxes[index].tapCount > 0 {
      copyToTaps(
        bytes, of: index, flags: flags, channel: channel, source: source, now: now, delivery: &delivery)
    }
    return delivery
  }

  /// Whether the box has room; also for a box made smaller than what it holds, which has none.
  private func hasRoom(_ index: Int, for cost: UInt32) -> Bool {
    UInt64(boxes[index].queue.bytesUsed) + UInt64(cost) <= UInt64(boxes[index].capacity)
  }

  /// Discards the oldest messages until `cost` more fits; says how many, and which readers lost some.
  mutating func makeRoom(in index: Int, for cost: UInt32) -> (UInt32, [HandleReference]) {
    var discarded: UInt32 = 0
    while !boxes[index].queue.isEmpty, !hasRoom(index, for: cost) {
      boxes[index].queue.removeFirst()
      discarded += 1
    }
    guard discarded > 0 else { return (0, []) }
    let id = boxes[index].id
    let start = boxes[index].queue.start
    var losers: [HandleReference] = []
    for position in handles.indices
    where handles[position].descriptor == id && handles[position].isReader
      && handles[position].cursor.sequence < start.sequence
    {
      handles[position].cursor = start
      handles[position].hasOverrun = true
      losers.append(handles[position].reference)
    }
    return (discarded, losers)
  }

  /// Gives the message of a single-reader box to its first waiter with room for it. Waiters without the room
  /// are told so and wait no longer; if none is left, false.
  private mutating func handOver(
    _ bytes: Span<UInt8>, of index: Int, flags: MessageFlags, channel: UInt32, source: UInt32,
    woken: inout [Woken]
  ) -> Bool {
    let id = boxes[index].id
    let length = UInt32(truncatingIfNeeded: bytes.count)
    while let place = waiters.firstIndex(where: { $0.descriptor == id && !isTap($0.receiver) }) {
      let waiter = waiters.remove(at: place)
      guard length <= waiter.room else {
        woken.append(waiter.woken(.refused(.messageTooLarge, length: length)))
        continue
      }
      var flags = flags
      if let handle = handleIndex(waiter.receiver), handles[handle].hasOverrun {
        handles[handle].hasOverrun = false
        flags.insert(.overrun)
      }
      let message = Message(
        bytes: bytes.indices.map { bytes[$0] }, flags: flags, channel: channel, source: source,
        sequence: boxes[index].queue.end.sequence)
      boxes[index].queue.skip()
      woken.append(waiter.woken(.message(message)))
      return true
    }
    return false
  }

  private mutating func copyToTaps(
    _ bytes: Span<UInt8>, of index: Int, flags: MessageFlags, channel: UInt32, source: UInt32, now: Instant,
    delivery: inout Delivery
  ) {
    let id = boxes[index].id
    let cost = UInt32(truncatingIfNeeded: bytes.count) + MailboxLimits.messageOverhead
    for position in handles.indices where handles[position].descriptor == id {
      guard var tap = handles[position].tap else { continue }
      // Two owners of the queue's bytes would copy them all.
      handles[position].tap = nil
      // A box may have grown since the tap began; the tap's room has not.
      if cost <= tap.capacity, tap.admit(rate: limits.tapMessagesPerSecond, now: now) {
        if !tap.append(
          bytes, flags: flags, channel: channel, source: source, sequence: delivery.sequence ?? 0)
        {
          handles[position].hasOverrun = true
        }
        delivery.copies += 1
      } else {
        handles[position].hasOverrun = true
        delivery.shed += 1
      }
      handles[position].tap = tap
    }
    delivery.woken.append(contentsOf: wake(id, taps: true))
  }

  /// Ends, first come, first served, the waits of a box's taps or readers that have a message now.
  private mutating func wake(_ descriptor: UInt32, taps: Bool) -> [Woken] {
    var woken: [Woken] = []
    var index = 0
    while index < waiters.count {
      let waiter = waiters[index]
      if waiter.descriptor == descriptor, isTap(waiter.receiver) == taps,
        let reception = take(waiter.receiver, room: waiter.room)
      {
        waiters.remove(at: index)
        woken.append(waiter.woken(reception))
      } else {
        index += 1
      }
    }
    return woken
  }

  private func isTap(_ reference: HandleReference) -> Bool {
    handleIndex(reference).map { handles[$0].tap != nil } ?? false
  }
}
