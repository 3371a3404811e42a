import HSXHAL
import HSXProvisioning
import HXE
import MiniVM
import Testing

@Suite("The events and who reads them")
struct EventQueueTests {
  private func text(_ number: UInt8) -> EventBody { .output(.standardOutput, [number]) }

  private func progress(_ bytes: UInt32, handle: UInt64 = 1) -> EventBody {
    .transferProgress(
      TransferFacts(handle: handle, phase: .loading, appName: ShortName(), source: .rpc(peer: [])),
      TransferProgress(bytesWritten: bytes, totalBytes: nil, bytesPerSecond: 0, isStalled: false))
  }

  private let aborted = EventBody.transferAborted(
    TransferFacts(handle: 1, phase: .aborting, appName: ShortName(), source: .rpc(peer: [])), .user,
    bytesWritten: 0)

  private func subscribe(
    _ queue: inout EventQueue, _ filter: EventFilter = EventFilter(), since: UInt64? = nil,
    window: UInt32 = 16, acknowledges: Bool = false
  ) throws -> SubscriptionID {
    try queue.subscribe(filter, since: since, window: window, acknowledges: acknowledges)
  }

  /// The numbers of all events that come until none does; nil for whatever else comes.
  private func drain(_ queue: inout EventQueue, _ id: SubscriptionID) -> [UInt64?] {
    var found: [UInt64?] = []
    while let delivery = queue.next(for: id) {
      if case .event(let event) = delivery { found.append(event.sequence) } else { found.append(nil) }
    }
    return found
  }

  @Test("a newer progress replaces the unread one of the same transfer, for each subscriber by itself")
  func coalescing() throws {
    var queue = EventQueue(capacity: 100, subscriptionLimit: 4)
    let slow = try subscribe(&queue)
    let quick = try subscribe(&queue)
    queue.emit(progress(1), pid: 1, now: .zero)
    #expect(drain(&queue, quick) == [1])
    queue.emit(progress(2, handle: 2), pid: 2, now: .zero)
    queue.emit(progress(3), pid: 1, now: .zero)
    queue.emit(progress(4), pid: 1, now: .zero)
    #expect(drain(&queue, quick) == [2, 4])
    #expect(queue.status(of: slow)?.pending == 2)
    #expect(drain(&queue, slow) == [2, 4])
    #expect(queue.status(of: slow)?.pending == 0)
    #expect(queue.status(of: slow)?.drops == 0)
  }

  @Test(
    "delivery stops at as many unacknowledged events as the window has, and goes on at the acknowledgement")
  func window() throws {
    var queue = EventQueue(capacity: 100, subscriptionLimit: 4)
    let id = try subscribe(&queue, window: 3, acknowledges: true)
    for number in 0..<8 { queue.emit(text(UInt8(number)), pid: nil, now: .zero) }
    #expect(drain(&queue, id) == [1, 2, 3])
    let first = try queue.acknowledge(id, upTo: 2)
    #expect(first.lastAcknowledged == 2)
    #expect(drain(&queue, id) == [4, 5])
    let second = try queue.acknowledge(id, upTo: 100)
    #expect(second.lastAcknowledged == 5)
    #expect(drain(&queue, id) == [6, 7, 8])
    #expect(queue.status(of: id)?.pending == 3)
  }

  @Test("who acknowledges without being waited for is told how far it has, and is given all the same")
  func unneededAcknowledgement() throws {
    var queue = EventQueue(capacity: 100, subscriptionLimit: 4)
    let id = try subscribe(&queue, window: 2)
    #expect(try queue.acknowledge(id, upTo: 7).lastAcknowledged == 0)
    for number in 0..<5 { queue.emit(text(UInt8(number)), pid: nil, now: .zero) }
    #expect(drain(&queue, id) == [1, 2, 3, 4, 5])
    #expect(try queue.acknowledge(id, upTo: 3).lastAcknowledged == 3)
    #expect(try queue.acknowledge(id, upTo: 2).lastAcknowledged == 3)
    #expect(try queue.acknowledge(id, upTo: .max).lastAcknowledged == 5)
    #expect(queue.status(of: id)?.pending == 0)
  }

  @Test("one that is 64 behind is warned once, one that is 256 behind is dropped")
  func slowConsumer() throws {
    var queue = EventQueue(capacity: 1000, subscriptionLimit: 4)
    let id = try subscribe(&queue)
    for _ in 0..<63 { queue.emit(text(0), pid: nil, now: .zero) }
    guard case .event = queue.next(for: id) else {
      Issue.record("warned too early")
      return
    }
    for _ in 0..<2 { queue.emit(text(0), pid: nil, now: .zero) }
    guard case .slowConsumer(let status) = queue.next(for: id) else {
      Issue.record("not warned")
      return
    }
    #expect(status.pending == 64)
    guard case .event = queue.next(for: id) else {
      Issue.record("warned twice")
      return
    }
    for _ in 0..<193 { queue.emit(text(0), pid: nil, now: .zero) }
    guard case .ended(let end) = queue.next(for: id) else {
      Issue.record("not dropped")
      return
    }
    #expect(end.highWater == 256)
    let after = queue.next(for: id)
    #expect(after == nil)
    #expect(queue.subscriptionCount == 0)
  }

  @Test("one that is overtaken is told the first event it missed, one overtaken on an ending is dropped")
  func overtaken() throws {
    var queue = EventQueue(capacity: 8, subscriptionLimit: 4)
    let late = try subscribe(&queue)
    for _ in 0..<11 { queue.emit(text(0), pid: nil, now: .zero) }
    let notice = queue.next(for: late)
    #expect(notice == .eventsDropped(firstMissing: 1, count: 3))
    #expect(drain(&queue, late) == (4...11).map { $0 })
    queue.emit(aborted, pid: 1, now: .zero)
    for _ in 0..<8 { queue.emit(text(0), pid: nil, now: .zero) }
    guard case .ended = queue.next(for: late) else {
      Issue.record("not dropped")
      return
    }
  }

  @Test("events that a filter or a newer progress passes by are no losses")
  func notLosses() throws {
    var queue = EventQueue(capacity: 8, subscriptionLimit: 4)
    let ofOne = try subscribe(&queue, EventFilter(pid: 1))
    for _ in 0..<20 { queue.emit(text(0), pid: 2, now: .zero) }
    for number in 0..<20 { queue.emit(progress(UInt32(number)), pid: 1, now: .zero) }
    #expect(drain(&queue, ofOne) == [40])
    #expect(queue.status(of: ofOne)?.drops == 0)
  }

  @Test("one can read from an earlier event on, as long as it is there")
  func since() throws {
    var queue = EventQueue(capacity: 8, subscriptionLimit: 8)
    for start: UInt64 in [0, 1, 5] {
      let id = try subscribe(&queue, since: start)
      #expect(drain(&queue, id) == [])
    }
    for _ in 0..<6 { queue.emit(text(0), pid: nil, now: .zero) }
    let id = try subscribe(&queue, since: 3)
    #expect(queue.status(of: id)?.pending == 4)
    #expect(drain(&queue, id) == [3, 4, 5, 6])
    let all = try subscribe(&queue, since: 0)
    #expect(drain(&queue, all) == [1, 2, 3, 4, 5, 6])
    for _ in 0..<4 { queue.emit(text(0), pid: nil, now: .zero) }
    #expect(throws: EventQueueError.evicted(oldest: 3)) { try subscribe(&queue, since: 2) }
    #expect(throws: EventQueueError.evicted(oldest: 3)) { try subscribe(&queue, since: 0) }
  }

  @Test("there are as many subscriptions as the limit says")
  func limit() throws {
    var queue = EventQueue(capacity: 8, subscriptionLimit: 2)
    let first = try subscribe(&queue)
    _ = try subscribe(&queue)
    #expect(throws: EventQueueError.full(capacity: 2)) { try subscribe(&queue) }
    let ended = [queue.unsubscribe(first), queue.unsubscribe(first)]
    #expect(ended == [true, false])
    let next = try subscribe(&queue)
    #expect(next != first)
  }
}
