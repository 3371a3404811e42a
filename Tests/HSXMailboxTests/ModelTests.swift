import HSXHAL
import HSXMailbox
import HXE
import Testing

@Suite("A mailbox table in any order of calls")
struct ModelTests {
  private static let limits = MailboxLimits(
    descriptors: 15, handlesPerTask: 6, bytes: 1_400, waiters: 5, tapMessagesPerSecond: 3)

  @Test("answers what a naive model answers", arguments: 1...20)
  func agrees(seed: UInt64) throws {
    var run = Run(limits: Self.limits, seed: seed)
    for step in 0..<600 {
      try run.step()
      guard run.isSame else {
        Issue.record("seed \(seed), step \(step): \(run.last)")
        return
      }
    }
    // A run that sends nothing, wakes nobody or loses nothing would prove nothing.
    #expect(run.taken > 20 && run.woken > 2)
  }
}

private struct Run {
  var table: MailboxTable
  var model: NaiveModel
  var seeded: Seeded
  var now = Instant.zero
  var isSame = true
  var last = ""
  var taken = 0
  var woken = 0
  var nextPID: UInt32 = 1

  init(limits: MailboxLimits, seed: UInt64) {
    table = MailboxTable(limits: limits)
    model = NaiveModel(limits: limits)
    seeded = Seeded(seed)
  }

  mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &seeded) }

  mutating func check<Value: Equatable>(_ real: Value, _ expected: Value, _ what: String) {
    guard real != expected, isSame else { return }
    isSame = false
    last = "\(what): \(real), expected \(expected)"
  }

  mutating func anyPID() -> UInt32 { model.tasks.keys.sorted()[pick(model.tasks.count)] }

  mutating func anyHandle() -> HandleReference {
    if model.handles.isEmpty || pick(20) == 0 {
      return HandleReference(pid: anyPID(), handle: UInt32(pick(9)))
    }
    return model.handles[pick(model.handles.count)].reference
  }

  mutating func anyTarget(_ pid: UInt32) throws -> MailboxTarget {
    let other = anyPID()
    let texts = [
      "app:a", "app:a", "shared:b", "shared:b", "c", "stdio.out@\(other)", "pid:\(other)", "app:d@\(other)",
    ]
    return try target(texts[pick(texts.count)], caller: pid)
  }

  mutating func step() throws {
    now = Instant(milliseconds: now.milliseconds + UInt64(pick(120)))
    switch pick(40) {
    case 0:
      let pid = nextPID
      var added = true
      do throws(DeclarationRefusal) { try table.addTask(pid) } catch { added = false }
      check(added, model.addTask(pid), "addTask")
      if added { nextPID += 1 }
    case 1 where pick(3) == 0:
      let pid = anyPID()
      let removal = table.removeTask(pid)
      let expected = model.removeTask(pid)
      check(removal.woken.map(\.waiter), expected?.woken ?? [], "removeTask woken")
      check(removal.closed, expected?.closed ?? [], "removeTask closed")
    case 2...4: try bind()
    case 5...8: try open()
    case 9:
      let handle = anyHandle()
      let removal = table.close(handle)
      check(removal?.woken.map(\.waiter), model.close(handle), "close")
    case 10, 11:
      let handle = anyHandle()
      let on = pick(2) == 0
      check(table.tap(handle, on: on), model.tap(handle, on), "tap \(handle) \(on)")
    case 12:
      let ended = table.expireWaiters(now: now).map(\.waiter)
      let limit = now
      check(ended, model.end { $0.deadline.map { $0 <= limit } ?? false }, "expire")
    case 13...24: send()
    case 25:
      let waiter = UInt32(pick(Int(model.nextWaiter)))
      check(table.cancelWait(waiter), !model.end { $0.id == waiter }.isEmpty, "cancel")
    default: receive()
    }
    if pick(4) == 0 { compare() }
  }

  mutating func bind() throws {
    let pid = anyPID()
    let target = try anyTarget(pid)
    let capacity = [0, 0, 20, 40, 90][pick(5)]
    let mode = MailboxMode(rawValue: [0, 3, 3, 7, 0x0B, 0x13, 0x17, 0x23, 0x33, 1, 2][pick(11)])
    var bound = true
    do throws(MailboxError) {
      let id = try table.bind(pid: pid, target: target, capacity: UInt32(capacity), mode: mode)
      check(table.descriptor(of: target), id, "bind id")
    } catch { bound = false }
    check(bound, model.bind(pid, target, capacity, mode), "bind \(target) \(capacity) \(mode)")
  }

  mutating func open() throws {
    let pid = anyPID()
    let target = try anyTarget(pid)
    let flags = MailboxMode(rawValue: [0, 1, 2, 3, 3, 4, 5][pick(7)])
    var handle: UInt32?
    do throws(MailboxError) { handle = try table.open(pid: pid, target: target, flags: flags).handle } catch {
    }
    check(handle, model.open(pid, target, flags), "open \(target) \(flags)")
  }

  mutating func send() {
    let handle = anyHandle()
    let bytes = (0..<[0, 1, 3, 10, 30, 90][pick(6)]).map { _ in UInt8(truncatingIfNeeded: seeded.next()) }
    let real = table.send(bytes.span, through: handle, flags: [], channel: 5, now: now)
    let shown = NaiveModel.Sent(
      status: real.status, woken: real.woken.map(\.waiter), receptions: real.woken.map(\.reception),
      overruns: real.overruns, discarded: Int(real.discarded), copies: Int(real.copies), shed: Int(real.shed))
    woken += shown.woken.count
    check(shown, model.send(bytes, handle, now), "send \(bytes.count) \(handle)")
  }

  mutating func receive() {
    let handle = anyHandle()
    let room = [0, 5, 100, 100, 100][pick(5)]
    let wait: Wait
    switch pick(4) {
    case 0: wait = .forever
    case 1: wait = .until(now.advanced(byMilliseconds: UInt32(pick(900))))
    default: wait = .poll
    }
    let real = table.receive(handle, room: UInt32(room), wait: wait)
    if case .message = real { taken += 1 }
    check(real, model.receive(handle, room, wait), "receive \(handle) \(room) \(wait)")
  }

  /// Everything that can be asked without changing anything.
  mutating func compare() {
    check(Int(table.bytesAvailable), model.free, "free")
    check(table.statistics.waiters, model.waiters.count, "waiters")
    check(table.nextDeadline, model.waiters.compactMap(\.deadline).min(), "nextDeadline")
    check(table.snapshots.map(\.target), model.boxes.map(\.target), "boxes")
    for (shown, index) in zip(table.snapshots, model.boxes.indices) where isSame {
      let box = model.boxes[index]
      let held = model.held(index)
      check(Int(shown.bytesUsed), NaiveModel.cost(held), "bytesUsed of \(shown.target)")
      check(Int(shown.queueDepth), held.count, "queueDepth of \(shown.target)")
      check(shown.nextSequence, box.next, "nextSequence")
      check(shown.headSequence, held.first?.sequence ?? box.next, "headSequence")
      check(Int(shown.capacity), box.capacity, "capacity")
      check(shown.mode, box.mode, "mode")
      let mine = model.handles.filter { $0.target == box.target }
      check(shown.taps, mine.filter(\.isTap).count, "taps")
      check(shown.subscribers, mine.filter(\.reads).count, "subscribers")
    }
    for handle in model.handles where isSame {
      let peek = table.peek(handle.reference)
      check(
        peek.map { [Int($0.depth), Int($0.bytes), Int($0.nextLength)] }, model.peek(handle.reference),
        "peek \(handle.reference)")
    }
    check(table.statistics.handlesTotal, model.handles.count, "handles")
  }
}
