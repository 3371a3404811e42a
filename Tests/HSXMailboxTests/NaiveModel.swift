import HSXHAL
import HSXMailbox
import HXE

/// The rules of the specification written down once more with arrays of arrays: a fan-out reader has its own copy
/// of everything it has still to read, a tap too.
struct NaiveModel {
  struct Box {
    var target: MailboxTarget
    var capacity: Int
    var mode: MailboxMode
    var declarers: Set<UInt32>
    var queue: [Message] = []
    var next: UInt64 = 0
    var fans: Bool { mode.rawValue & 0x38 != 0 }
    var drops: Bool { mode.rawValue & 0x30 == 0x10 }
  }
  struct Handle {
    var reference: HandleReference
    var target: MailboxTarget
    var access: MailboxMode
    var pending: [Message] = []
    var lost = false
    var isTap = false
    var tapCapacity = 0
    var tapTimes: (start: UInt64, count: Int) = (0, 0)
    var reads: Bool { access.contains(.read) && !isTap }
  }
  struct Waiter {
    var id: UInt32
    var reference: HandleReference
    var room: Int
    var deadline: Instant?
  }
  struct Sent: Equatable {
    var status: MailboxStatus
    var woken: [UInt32] = []
    var receptions: [Reception] = []
    var overruns: [HandleReference] = []
    var discarded = 0
    var copies = 0
    var shed = 0
  }

  let limits: MailboxLimits
  var tasks: [UInt32: UInt32] = [0: 1]
  var boxes: [Box] = []
  var handles: [Handle] = []
  var waiters: [Waiter] = []
  var nextWaiter: UInt32 = 1

  static func cost(_ messages: [Message]) -> Int { messages.reduce(0) { $0 + $1.bytes.count + 8 } }

  func box(_ target: MailboxTarget) -> Int? { boxes.firstIndex { $0.target == target } }
  func handle(_ reference: HandleReference) -> Int? { handles.firstIndex { $0.reference == reference } }

  /// Everything that some reader has still to read.
  func held(_ index: Int) -> [Message] {
    guard boxes[index].fans else { return boxes[index].queue }
    return handles.filter { $0.target == boxes[index].target && $0.reads }.map(\.pending)
      .max { $0.count < $1.count } ?? []
  }

  var free: Int {
    let reserved = boxes.indices.reduce(0) { $0 + max(boxes[$1].capacity, Self.cost(held($1))) }
    return max(0, Int(limits.bytes) - reserved - handles.reduce(0) { $0 + $1.tapCapacity })
  }

  mutating func addTask(_ pid: UInt32) -> Bool {
    guard tasks[pid] == nil, boxes.count + 4 <= limits.descriptors, free >= 256 else { return false }
    tasks[pid] = 4
    for (number, name) in ["stdio.in", "stdio.out", "stdio.err"].enumerated() {
      guard let target = try? target(name, caller: pid) else { return false }
      boxes.append(Box(target: target, capacity: 64, mode: .readWrite, declarers: [pid]))
      handles.append(
        Handle(
          reference: HandleReference(pid: pid, handle: UInt32(number + 1)), target: target,
          access: number == 0 ? .read : .write))
    }
    boxes.append(Box(target: .control(of: pid), capacity: 64, mode: .readWrite, declarers: [pid]))
    return true
  }

  mutating func end(_ matches: (Waiter) -> Bool) -> [UInt32] {
    let ended = waiters.filter(matches).map(\.id)
    waiters.removeAll(where: matches)
    return ended
  }

  mutating func sweep(owner: UInt32?) -> (woken: [UInt32], closed: [HandleReference]) {
    let gone = boxes.filter { box in
      (owner != nil && box.target.owner == owner)
        || (box.declarers.isEmpty && !handles.contains { $0.target == box.target })
    }.map(\.target)
    let closed = handles.filter { gone.contains($0.target) }.map(\.reference)
    let woken = end { closed.contains($0.reference) }
    handles.removeAll { gone.contains($0.target) }
    boxes.removeAll { gone.contains($0.target) }
    return (woken, closed.sorted { ($0.pid, $0.handle) < ($1.pid, $1.handle) })
  }

  mutating func removeTask(_ pid: UInt32) -> (woken: [UInt32], closed: [HandleReference])? {
    guard pid != 0, tasks[pid] != nil else { return nil }
    tasks[pid] = nil
    let own = end { $0.reference.pid == pid }
    handles.removeAll { $0.reference.pid == pid }
    for index in boxes.indices { boxes[index].declarers.remove(pid) }
    let rest = sweep(owner: pid)
    return (own + rest.woken, rest.closed)
  }

  mutating func bind(_ pid: UInt32, _ target: MailboxTarget, _ capacity: Int, _ mode: MailboxMode) -> Bool {
    guard tasks[pid] != nil else { return false }
    if pid != 0, let owner = target.owner, owner != pid { return false }
    let mode = mode.isEmpty ? .readWrite : mode
    guard let index = box(target) else {
      let capacity = capacity == 0 ? 64 : capacity
      guard boxes.count < limits.descriptors, capacity <= free else { return false }
      boxes.append(Box(target: target, capacity: capacity, mode: mode, declarers: [pid]))
      return true
    }
    let capacity = capacity == 0 ? boxes[index].capacity : capacity
    let used = Self.cost(held(index))
    guard max(capacity, used) - max(boxes[index].capacity, used) <= free else { return false }
    let old = boxes[index]
    let mine = handles.indices.filter { handles[$0].target == target && handles[$0].reads }
    boxes[index].capacity = capacity
    boxes[index].declarers.insert(pid)
    boxes[index].mode = mode
    switch (old.fans, boxes[index].fans) {
    case (false, true):
      for one in mine { handles[one].pending = old.queue }
      boxes[index].queue = []
    case (true, false):
      let all = mine.map { handles[$0].pending }
      let least = all.min { $0.count < $1.count } ?? []
      for one in mine {
        if handles[one].pending.count > least.count { handles[one].lost = true }
        handles[one].pending = []
      }
      boxes[index].queue = least
    default: break
    }
    if boxes[index].drops { _ = makeRoom(index, 0) }
    return true
  }

  mutating func open(_ pid: UInt32, _ target: MailboxTarget, _ flags: MailboxMode) -> UInt32? {
    guard let number = tasks[pid] else { return nil }
    let limit = pid == 0 ? limits.descriptors : limits.handlesPerTask
    guard handles.filter({ $0.reference.pid == pid }).count < limit else { return nil }
    var asked = flags.intersection(.readWrite)
    if asked.isEmpty { asked = .readWrite }
    if let index = box(target) {
      let found = boxes[index]
      let exempt = pid == 0 || target.owner == pid || found.declarers.contains(pid)
      if !exempt { asked = asked.intersection(found.mode) }
      if flags.contains(.tap) {
        guard exempt || found.mode.contains(.tap), found.capacity <= free else { return nil }
      } else if asked.isEmpty {
        return nil
      }
    } else {
      if let owner = target.owner, tasks[owner] == nil || (pid != 0 && owner != pid) { return nil }
      guard (flags.contains(.tap) ? 128 : 64) <= free, boxes.count < limits.descriptors else { return nil }
      boxes.append(Box(target: target, capacity: 64, mode: .readWrite, declarers: []))
    }
    tasks[pid] = number + 1
    var new = Handle(reference: HandleReference(pid: pid, handle: number), target: target, access: asked)
    if flags.contains(.tap) {
      new.isTap = true
      new.tapCapacity = boxes.first { $0.target == target }?.capacity ?? 0
    }
    handles.append(new)
    return number
  }

  mutating func close(_ reference: HandleReference) -> [UInt32]? {
    guard let index = handle(reference) else { return nil }
    let woken = end { $0.reference == reference }
    handles.remove(at: index)
    return woken + sweep(owner: nil).woken
  }

  mutating func tap(_ reference: HandleReference, _ on: Bool) -> MailboxStatus {
    guard let index = handle(reference), let box = box(handles[index].target) else { return .invalidHandle }
    if handles[index].isTap == on { return .ok }
    if waiters.contains(where: { $0.reference == reference }) { return .wouldBlock }
    if on {
      let found = boxes[box]
      let exempt =
        reference.pid == 0 || found.target.owner == reference.pid || found.declarers.contains(reference.pid)
      guard exempt || found.mode.contains(.tap) else { return .invalidHandle }
      guard found.capacity <= free else { return .noDescriptor }
      handles[index].tapCapacity = found.capacity
    } else {
      handles[index].tapCapacity = 0
    }
    handles[index].tapTimes = (0, 0)
    handles[index].pending = []
    handles[index].lost = false
    handles[index].isTap = on
    return .ok
  }

  /// Discards from the box, hence from every reader that has not read it yet.
  mutating func makeRoom(_ index: Int, _ cost: Int) -> (Int, [HandleReference]) {
    var discarded = 0
    var losers: [HandleReference] = []
    while let oldest = held(index).first, Self.cost(held(index)) + cost > boxes[index].capacity {
      discarded += 1
      for one in handles.indices where handles[one].target == boxes[index].target && handles[one].reads {
        guard handles[one].pending.first?.sequence == oldest.sequence else { continue }
        handles[one].pending.removeFirst()
        handles[one].lost = true
        if !losers.contains(handles[one].reference) { losers.append(handles[one].reference) }
      }
    }
    return (discarded, losers.sorted { ($0.pid, $0.handle) < ($1.pid, $1.handle) })
  }

  mutating func send(_ bytes: [UInt8], _ reference: HandleReference, _ now: Instant) -> Sent {
    guard let sender = handle(reference), handles[sender].access.contains(.write),
      let index = box(handles[sender].target)
    else { return Sent(status: .invalidHandle) }
    let target = boxes[index].target
    let cost = bytes.count + 8
    guard cost <= boxes[index].capacity else { return Sent(status: .messageTooLarge) }
    var sent = Sent(status: .ok)
    let message = Message(
      bytes: bytes, flags: [], channel: 5, source: reference.pid, sequence: boxes[index].next)
    if boxes[index].drops { (sent.discarded, sent.overruns) = makeRoom(index, cost) }
    let waiting = waiters.filter { waiter in
      handles.contains { $0.reference == waiter.reference && $0.target == target && !$0.isTap }
    }
    if boxes[index].fans || waiting.isEmpty, Self.cost(held(index)) + cost > boxes[index].capacity {
      return Sent(status: .wouldBlock)
    }
    boxes[index].next += 1
    if boxes[index].fans {
      for one in handles.indices where handles[one].target == target && handles[one].reads {
        handles[one].pending.append(message)
      }
    } else {
      boxes[index].queue.append(message)
    }
    serve(&sent) { $0.target == target && !$0.isTap }
    for one in handles.indices where handles[one].target == target && handles[one].isTap {
      if let rate = limits.tapMessagesPerSecond {
        let times = handles[one].tapTimes
        if times.count == 0 || now.milliseconds - times.start >= 1_000 {
          handles[one].tapTimes = (now.milliseconds, 0)
        }
        guard handles[one].tapTimes.count < rate, cost <= handles[one].tapCapacity else {
          handles[one].lost = true
          sent.shed += 1
          continue
        }
        handles[one].tapTimes.count += 1
      }
      handles[one].pending.append(message)
      while Self.cost(handles[one].pending) > handles[one].tapCapacity {
        handles[one].pending.removeFirst()
        handles[one].lost = true
      }
      sent.copies += 1
    }
    serve(&sent) { $0.target == target && $0.isTap }
    return sent
  }

  private mutating func serve(_ sent: inout Sent, _ matches: (Handle) -> Bool) {
    for waiter in waiters {
      guard let index = handle(waiter.reference), matches(handles[index]) else { continue }
      guard let reception = take(index, waiter.room) else { continue }
      waiters.removeAll { $0.id == waiter.id }
      sent.woken.append(waiter.id)
      sent.receptions.append(reception)
    }
  }

  mutating func take(_ index: Int, _ room: Int) -> Reception? {
    guard let box = box(handles[index].target) else { return nil }
    let isOwn = handles[index].isTap || boxes[box].fans
    guard var message = isOwn ? handles[index].pending.first : boxes[box].queue.first else { return nil }
    guard message.bytes.count <= room else {
      return .refused(.messageTooLarge, length: UInt32(message.bytes.count))
    }
    if isOwn { handles[index].pending.removeFirst() } else { boxes[box].queue.removeFirst() }
    if handles[index].lost { message.flags.insert(.overrun) }
    handles[index].lost = false
    return .message(message)
  }

  mutating func receive(_ reference: HandleReference, _ room: Int, _ wait: Wait) -> Reception {
    guard let index = handle(reference), handles[index].access.contains(.read) || handles[index].isTap else {
      return .refused(.invalidHandle, length: 0)
    }
    if let reception = take(index, room) { return reception }
    if wait == .poll { return .refused(.noData, length: 0) }
    guard waiters.count < limits.waiters else { return .refused(.wouldBlock, length: 0) }
    var waiter = Waiter(id: nextWaiter, reference: reference, room: room)
    if case .until(let deadline) = wait { waiter.deadline = deadline }
    nextWaiter += 1
    waiters.append(waiter)
    return .waiting(waiter.id)
  }

  func peek(_ reference: HandleReference) -> [Int]? {
    guard let index = handle(reference), let box = box(handles[index].target) else { return nil }
    guard handles[index].access.contains(.read) || handles[index].isTap else { return nil }
    let own = handles[index].isTap || boxes[box].fans ? handles[index].pending : boxes[box].queue
    return [own.count, Self.cost(own), own.first?.bytes.count ?? 0]
  }
}
