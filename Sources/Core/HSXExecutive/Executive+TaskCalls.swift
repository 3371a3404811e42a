import HSXHAL
import HSXProvisioning
import MiniVM

extension Executive where Memory: ~Copyable {
  /// Answers the system call that `pid` has just made.
  mutating func answerSystemCall(_ pid: PID, module: UInt8, function: UInt8, now: Instant) {
    switch (module, function) {
    case (1, 0):
      _ = answerTaskCall(pid, module: module, function: function)
      end(pid, .exited(status: register(0, of: pid)), now: now)
    case (1, 1): writeUART(pid, now: now)
    case (2, 0): transmitCAN(pid)
    case (4, _): answerFileCall(pid, function, now: now)
    case (5, _): answerMailboxCall(pid, function, now: now)
    case (6, 0): sleep(pid, now: now)
    case (7, _): answerValueCall(pid, function, now: now)
    case (8, _): answerCommandCall(pid, function, now: now)
    default:
      if !answerTaskCall(pid, module: module, function: function) { answer(pid, Machine.unknownCall) }
    }
  }

  /// A NUL-terminated text of a task's memory; nil if there is no NUL within `limit` bytes.
  func text(of pid: PID, at address: UInt32, limit: UInt32) -> [UInt8]? {
    let window = bytes(of: pid, at: address, count: limit + 1)
    guard let end = window.firstIndex(of: 0) else { return nil }
    return [UInt8](window[..<end])
  }

  // MARK: Text and frames

  /// Module 1, function 1.
  private mutating func writeUART(_ pid: PID, now: Instant) {
    let text = bytes(of: pid, at: argument(1, of: pid), count: argument(2, of: pid))
    // A handler can write faster than the driver takes: it is told that nothing went out.
    guard text.isEmpty || effects.append(.uartWrite(pid, text)) else { return answer(pid, 0) }
    emitOutput(pid, .standardOutput, text, now: now)
    answer(pid, UInt32(truncatingIfNeeded: text.count))
  }

  /// Tells a text in events of bounded size.
  mutating func emitOutput(_ pid: PID, _ stream: OutputStream, _ text: [UInt8], now: Instant) {
    var rest = text[...]
    while !rest.isEmpty {
      let piece = rest.prefix(EventQueue.payloadLimit)
      events.emit(.output(stream, [UInt8](piece)), pid: pid, now: now)
      rest = rest.dropFirst(piece.count)
    }
  }

  /// Module 2, function 0: R0 = 0, or all ones if it is no frame or the driver has too many to send.
  private mutating func transmitCAN(_ pid: PID) {
    let length = argument(3, of: pid)
    let payload = bytes(of: pid, at: argument(2, of: pid), count: min(length, 8))
    guard length <= 8, payload.count == Int(length),
      let frame = CANFrame(identifier: argument(1, of: pid), bytes: payload.span),
      effects.append(.canTransmit(pid, frame))
    else { return answer(pid, .max) }
    answer(pid, 0)
  }

  // MARK: Sleep

  /// Module 6, function 0. R0 = 0 at once, since it is 0 afterwards; inside a command's handler nothing waits.
  private mutating func sleep(_ pid: PID, now: Instant) {
    let milliseconds = register(0, of: pid)
    answer(pid, 0)
    guard handlers.isEmpty, let index = tasks.firstIndex(where: { $0.pid == pid }) else { return }
    // A sleep of nothing gives the others their turn.
    guard milliseconds > 0 else { return scheduler.yield(pid) }
    let until = now.advanced(byMilliseconds: milliseconds)
    change(index, .sleep, now: now) { $0.block = .sleep(until: until) }
    switchAway(from: pid, .sleep, now: now)
  }

  mutating func wakeSleepers(_ now: Instant) {
    for index in tasks.indices {
      guard case .sleep(let until) = tasks[index].block, now >= until else { continue }
      change(index, .timeout, now: now) { $0.block = .none }
    }
  }
}
