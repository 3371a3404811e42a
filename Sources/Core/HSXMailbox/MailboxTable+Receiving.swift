public import HSXHAL

extension MailboxTable {
  /// What waits for a handle.
  public struct Peek: Equatable, Sendable {
    /// The number of messages.
    public var depth: UInt32
    /// What they cost, in bytes.
    public var bytes: UInt32
    /// The length of the next one; 0 if there is none.
    public var nextLength: UInt32
  }

  /// Takes the next message for a handle that may read, or waits for it.
  ///
  /// - Parameter room: the bytes that the receiver has for it. A longer message stays where it is and the answer
  ///   is `messageTooLarge` with its length.
  /// - Returns: `waiting` if there is none and `wait` allows; the end of it is in the result of a later call.
  ///   When the table has no room for another waiter the answer is `wouldBlock`.
  public mutating func receive(_ handle: HandleReference, room: UInt32, wait: Wait) -> Reception {
    guard let index = handleIndex(handle), handles[index].isReader || handles[index].tap != nil else {
      return .refused(.invalidHandle, length: 0)
    }
    let descriptor = handles[index].descriptor
    if let reception = take(handle, room: room) {
      if let box = boxIndex(id: descriptor) { trim(box) }
      return reception
    }
    let deadline: Instant?
    switch wait {
    case .poll: return .refused(.noData, length: 0)
    case .until(let instant): deadline = instant
    case .forever: deadline = nil
    }
    guard waiters.count < limits.waiters else { return .refused(.wouldBlock, length: 0) }
    let waiter = Waiter(
      id: nextWaiter, receiver: handle, descriptor: descriptor, room: room, deadline: deadline)
    nextWaiter &+= 1
    waiters.append(waiter)
    return .waiting(waiter.id)
  }

  /// What waits for a handle that may read; nil if there is no such handle.
  public func peek(_ handle: HandleReference) -> Peek? {
    guard let index = handleIndex(handle), let box = boxIndex(id: handles[index].descriptor) else {
      return nil
    }
    if let tap = handles[index].tap { return peek(tap.queue, from: tap.queue.start) }
    guard handles[index].isReader else { return nil }
    let queue = boxes[box].queue
    return peek(queue, from: boxes[box].isFanOut ? handles[index].cursor : queue.start)
  }

  /// The earliest instant at which a wait runs out; nil if none does.
  public var nextDeadline: Instant? {
    var earliest: Instant?
    for waiter in waiters {
      guard let deadline = waiter.deadline else { continue }
      if let known = earliest, known <= deadline { continue }
      earliest = deadline
    }
    return earliest
  }

  /// Ends, with `timedOut`, the waits whose deadline is not after `now`, first come, first.
  public mutating func expireWaiters(now: Instant) -> [Woken] {
    var woken: [Woken] = []
    waiters.removeAll { waiter in
      guard let deadline = waiter.deadline, deadline <= now else { return false }
      woken.append(waiter.woken(.refused(.timedOut, length: 0)))
      return true
    }
    return woken
  }

  /// Gives up a wait; false if it has ended already.
  public mutating func cancelWait(_ waiter: UInt32) -> Bool {
    guard let index = waiters.firstIndex(where: { $0.id == waiter }) else { return false }
    waiters.remove(at: index)
    return true
  }

  /// Takes the next message for a handle; nil if there is none. Leaves in the box what all readers have read.
  mutating func take(_ handle: HandleReference, room: UInt32) -> Reception? {
    guard let index = handleIndex(handle), let box = boxIndex(id: handles[index].descriptor) else {
      return nil
    }
    var message: Message
    if handles[index].tap != nil {
      guard let tapped = handles[index].tap?.takeFirst(room: room) else { return nil }
      guard case .message(let copy) = tapped else { return tapped }
      message = copy
    } else {
      let isFanOut = boxes[box].isFanOut
      let position = isFanOut ? handles[index].cursor : boxes[box].queue.start
      guard let length = boxes[box].queue.length(at: position) else { return nil }
      guard length <= room else { return .refused(.messageTooLarge, length: length) }
      message = boxes[box].queue.message(at: position)
      if isFanOut {
        handles[index].cursor = boxes[box].queue.position(after: position)
      } else {
        boxes[box].queue.removeFirst()
      }
    }
    if handles[index].hasOverrun {
      handles[index].hasOverrun = false
      message.flags.insert(.overrun)
    }
    return .message(message)
  }

  private func peek(_ queue: MessageQueue, from position: QueuePosition) -> Peek {
    Peek(
      depth: queue.count(from: position), bytes: queue.cost(from: position),
      nextLength: queue.length(at: position) ?? 0)
  }
}
