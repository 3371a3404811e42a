import HSXHAL
import HSXMailbox
import HSXProvisioning
import HXE
import MiniVM

extension Executive where Memory: ~Copyable {
  /// What R0 becomes for an unknown function of module 5.
  private static var unknownFunction: UInt32 { 0xFF }

  /// Module 5.
  mutating func answerMailboxCall(_ pid: PID, _ function: UInt8, now: Instant) {
    switch function {
    case 0: openMailbox(pid, now: now)
    case 1: bindMailbox(pid, now: now)
    case 2: sendMessage(pid, now: now)
    case 3: receiveMessage(pid, now: now)
    case 4: peekMailbox(pid)
    case 5:
      let on = argument(2, of: pid) != 0
      answer(pid, registries.mailboxes.tap(handle(pid), on: on))
    case 6: closeMailbox(pid, now: now)
    default: answer(pid, Self.unknownFunction)
    }
  }

  private mutating func answer(_ pid: PID, _ status: MailboxStatus) {
    answer(pid, UInt32(status.rawValue))
  }

  private func handle(_ pid: PID) -> HandleReference {
    HandleReference(pid: pid, handle: argument(1, of: pid))
  }

  private func target(_ pid: PID) throws(MailboxError) -> MailboxTarget {
    // A target without an end within its limit is as invalid as one that is too long.
    let text = bytes(of: pid, at: argument(1, of: pid), count: UInt32(ShortName.capacity) + 1)
    let name = text.firstIndex(of: 0).map { [UInt8](text[..<$0]) } ?? text
    do throws(TargetError) {
      return try MailboxTarget.parse(name.span, caller: pid)
    } catch {
      throw .invalidTarget(error)
    }
  }

  // MARK: Opening

  private mutating func openMailbox(_ pid: PID, now: Instant) {
    do throws(MailboxError) {
      let flags = MailboxMode(rawValue: UInt16(truncatingIfNeeded: argument(2, of: pid)))
      let opening = try registries.mailboxes.open(pid: pid, target: target(pid), flags: flags)
      setRegister(1, of: pid, to: opening.handle)
      answer(pid, .ok)
    } catch {
      refuse(pid, error, now: now)
    }
  }

  private mutating func bindMailbox(_ pid: PID, now: Instant) {
    do throws(MailboxError) {
      let mode = MailboxMode(rawValue: UInt16(truncatingIfNeeded: argument(3, of: pid)))
      let descriptor = try registries.mailboxes.bind(
        pid: pid, target: target(pid), capacity: argument(2, of: pid), mode: mode)
      setRegister(1, of: pid, to: descriptor)
      answer(pid, .ok)
    } catch {
      refuse(pid, error, now: now)
    }
  }

  private mutating func refuse(_ pid: PID, _ error: MailboxError, now: Instant) {
    answer(pid, error.status)
    let kind = error.isExhaustion ? MailboxEvent.Kind.exhausted : .error
    events.emit(.mailbox(MailboxEvent(kind)), pid: pid, now: now)
  }

  private mutating func closeMailbox(_ pid: PID, now: Instant) {
    answer(pid, closeMailbox(handle(pid), now: now))
  }

  private mutating func peekMailbox(_ pid: PID) {
    guard let peek = registries.mailboxes.peek(handle(pid)) else { return answer(pid, .invalidHandle) }
    setRegister(1, of: pid, to: peek.depth)
    setRegister(2, of: pid, to: peek.bytes)
    setRegister(3, of: pid, to: peek.nextLength)
    answer(pid, .ok)
  }

  // MARK: Sending

  private mutating func sendMessage(_ pid: PID, now: Instant) {
    let handle = self.handle(pid)
    let length = argument(3, of: pid)
    let payload = bytes(of: pid, at: argument(2, of: pid), count: length)
    setRegister(1, of: pid, to: 0)
    // A message that would reach past memory is refused whole rather than cut.
    guard payload.count == Int(length) else { return answer(pid, .messageTooLarge) }
    let flags = MessageFlags(rawValue: argument(4, of: pid))
    let channel = argument(5, of: pid)
    let delivery = registries.mailboxes.send(
      payload.span, through: handle, flags: flags, channel: channel, now: now)
    answer(pid, delivery.status)
    if delivery.status == .ok { setRegister(1, of: pid, to: length) }
    report(
      delivery, from: pid, handle: handle.handle, length: length, flags: flags, channel: channel, now: now)
  }

  /// Tells what became of a message, and lets those run who waited for it.
  mutating func report(
    _ delivery: Delivery, from sender: PID, handle: UInt32?, length: UInt32, flags: MessageFlags,
    channel: UInt32, now: Instant
  ) {
    func event(_ kind: MailboxEvent.Kind) -> EventBody {
      .mailbox(
        MailboxEvent(
          kind, descriptor: delivery.descriptor, handle: handle, length: length, flags: flags.rawValue,
          channel: channel, sender: sender))
    }
    switch delivery.status {
    case .ok: events.emit(event(.send), pid: sender, now: now)
    case .wouldBlock: events.emit(event(.backpressure), pid: sender, now: now)
    default: events.emit(event(.error), pid: sender, now: now)
    }
    for loser in delivery.overruns {
      events.emit(
        .mailbox(
          MailboxEvent(.overrun, descriptor: delivery.descriptor, handle: loser.handle, sender: sender)),
        pid: loser.pid, now: now)
    }
    wake(delivery.woken, now: now)
  }

  // MARK: Receiving

  private mutating func receiveMessage(_ pid: PID, now: Instant) {
    let handle = self.handle(pid)
    let pointer = argument(2, of: pid) & 0xFFFF
    let target = ReceiveTarget(
      pointer: pointer, room: min(argument(3, of: pid), 0x1_0000 - pointer), info: argument(5, of: pid))
    var wait = Wait.milliseconds(argument(4, of: pid), from: now)
    // A handler runs in one go: it cannot wait, so its wait is over at once.
    let mayWait = handlers.isEmpty
    if !mayWait { wait = .poll }
    let reception = registries.mailboxes.receive(handle, room: target.room, wait: wait)
    guard case .waiting(let waiter) = reception else {
      return complete(pid, target, reception, handle: handle.handle, now: now)
    }
    guard let index = tasks.firstIndex(where: { $0.pid == pid }) else { return }
    events.emit(.mailbox(MailboxEvent(.wait, handle: handle.handle)), pid: pid, now: now)
    change(index, .mailboxWait, now: now) {
      $0.block = .mailbox(PendingReceive(waiter: waiter, target: target))
    }
    switchAway(from: pid, .waitMailbox, now: now)
  }

  /// Ends waits: each gets its message or its refusal, and runs on.
  mutating func wake(_ woken: [Woken], now: Instant) {
    for wait in woken {
      guard let index = tasks.firstIndex(where: { $0.pid == wait.receiver.pid }),
        case .mailbox(let pending) = tasks[index].block, pending.waiter == wait.waiter
      else { continue }
      // The registers belong to the handler until it is over: what is put there now would be lost.
      guard !handlers.contains(wait.receiver.pid) else {
        wokenInHandler.append(wait)
        continue
      }
      let isTimeout = wait.reception == .refused(.timedOut, length: 0)
      events.emit(
        .mailbox(
          MailboxEvent(
            isTimeout ? .timeout : .wake, descriptor: wait.descriptor, handle: wait.receiver.handle)),
        pid: wait.receiver.pid, now: now)
      complete(wait.receiver.pid, pending.target, wait.reception, handle: wait.receiver.handle, now: now)
      change(index, isTimeout ? .timeout : .mailboxWake, now: now) { $0.block = .none }
    }
  }

  mutating func expireReceives(_ now: Instant) {
    wake(registries.mailboxes.expireWaiters(now: now), now: now)
  }

  /// Calls off what a task waits for, as if its time had run out.
  mutating func cancelBlock(_ index: Int, now: Instant) {
    let pid = tasks[index].pid
    switch tasks[index].block {
    case .none: return
    case .sleep: break
    case .mailbox(let pending):
      _ = registries.mailboxes.cancelWait(pending.waiter)
      complete(pid, pending.target, .refused(.timedOut, length: 0), handle: 0, now: now)
    case .file: answer(pid, .max)
    }
    tasks[index].block = .none
  }

  /// Puts a message, or the reason why there is none, where the program looks for it.
  private mutating func complete(
    _ pid: PID, _ target: ReceiveTarget, _ reception: Reception, handle: UInt32, now: Instant
  ) {
    var info: (status: MailboxStatus, length: UInt32, flags: UInt32, channel: UInt32, sender: UInt32)
    switch reception {
    case .message(let message):
      let length = UInt32(truncatingIfNeeded: message.bytes.count)
      writeMemory(of: pid, at: target.pointer, message.bytes.span)
      info = (.ok, length, message.flags.rawValue, message.channel, message.source)
      events.emit(
        .mailbox(
          MailboxEvent(
            .receive, handle: handle, length: length, flags: message.flags.rawValue,
            channel: message.channel, sender: message.source)),
        pid: pid, now: now)
    case .refused(let status, let length): info = (status, length, 0, 0, 0)
    case .waiting: return
    }
    answer(pid, info.status)
    setRegister(1, of: pid, to: info.length)
    setRegister(2, of: pid, to: info.flags)
    setRegister(3, of: pid, to: info.channel)
    setRegister(4, of: pid, to: info.sender)
    guard target.info != 0 else { return }
    var record: [UInt8] = []
    for word in [UInt32(info.status.rawValue), info.length, info.flags, info.channel, info.sender] {
      for shift in [UInt32(0), 8, 16, 24] { record.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    writeMemory(of: pid, at: target.info & 0xFFFF, record.span)
  }
}
