public import HSXHAL
import HSXMailbox
public import HSXProvisioning
import HXE
public import MiniVM

extension Executive where Memory: ~Copyable {
  /// The most bytes of a path.
  private static var pathLimit: UInt32 { 255 }
  /// What R0 becomes when a file operation fails.
  private static var failure: UInt32 { .max }

  /// Module 4. Descriptors 0, 1 and 2 are the task's boxes; all else is the driver's, and the task waits for it.
  mutating func answerFileCall(_ pid: PID, _ function: UInt8, now: Instant) {
    let first = argument(1, of: pid)
    switch function {
    case 0:
      guard let path = path(of: pid, at: first) else { return answer(pid, Self.failure) }
      request(pid, .open(path: path, flags: argument(2, of: pid)), now: now)
    case 1: read(pid, descriptor: first, now: now)
    case 2: write(pid, descriptor: first, now: now)
    case 3:
      guard first > 2 else { return answer(pid, Self.failure) }
      request(pid, .close(descriptor: first), now: now)
    case 10:
      guard let path = path(of: pid, at: first) else { return answer(pid, Self.failure) }
      request(pid, .list(path: path), into: argument(2, of: pid), room: argument(3, of: pid), now: now)
    case 11:
      guard let path = path(of: pid, at: first) else { return answer(pid, Self.failure) }
      request(pid, .delete(path: path), now: now)
    case 12:
      guard let from = path(of: pid, at: first), let to = path(of: pid, at: argument(2, of: pid)) else {
        return answer(pid, Self.failure)
      }
      request(pid, .rename(from: from, to: to), now: now)
    case 13:
      guard let path = path(of: pid, at: first) else { return answer(pid, Self.failure) }
      request(pid, .makeDirectory(path: path), now: now)
    default: answer(pid, Machine.unknownCall)
    }
  }

  /// Ends a file operation that the driver has carried out.
  ///
  /// - Parameters:
  ///   - number: the one that came with the effect.
  ///   - result: the descriptor or the count, or -1.
  ///   - data: what was read or listed; cut to the room that the task gave.
  /// - Throws: `unknownTask`; `wrongTaskState` if it does not wait for that operation.
  public mutating func completeFile(
    _ pid: PID, number: UInt32, result: Int32, data: Span<UInt8>, now: Instant
  ) throws(ProvisioningError) {
    let index = try index(of: pid)
    guard case .file(let pending) = tasks[index].block, pending.number == number else {
      throw .wrongTaskState(pid, tasks[index].state)
    }
    let kept = data.extracting(first: min(data.count, Int(pending.room)))
    if result >= 0, kept.count > 0 { writeMemory(of: pid, at: pending.pointer, kept) }
    answer(pid, UInt32(bitPattern: result))
    change(index, .fileDone, now: now) { $0.block = .none }
  }

  private mutating func request(
    _ pid: PID, _ operation: FileOperation, into pointer: UInt32 = 0, room: UInt32 = 0, now: Instant
  ) {
    // A handler cannot wait for the driver.
    guard handlers.isEmpty, let index = tasks.firstIndex(where: { $0.pid == pid }),
      effects.append(.file(pid, number: fileOperations, operation))
    else { return answer(pid, Self.failure) }
    let number = fileOperations
    fileOperations &+= 1
    let start = pointer & 0xFFFF
    tasks[index].mayHaveFiles = true
    change(index, .fileWait, now: now) {
      $0.block = .file(PendingFile(number: number, pointer: start, room: min(room, 0x1_0000 - start)))
    }
    switchAway(from: pid, .waitFile, now: now)
  }

  // MARK: Standard descriptors

  private mutating func read(_ pid: PID, descriptor: UInt32, now: Instant) {
    let pointer = argument(2, of: pid) & 0xFFFF
    let room = min(argument(3, of: pid), 0x1_0000 - pointer)
    switch descriptor {
    case 0:
      let standardInput = HandleReference(pid: pid, handle: 1)
      guard case .message(let message) = registries.mailboxes.receive(standardInput, room: room, wait: .poll)
      else { return answer(pid, 0) }
      writeMemory(of: pid, at: pointer, message.bytes.span)
      answer(pid, UInt32(truncatingIfNeeded: message.bytes.count))
    case 1, 2: answer(pid, Self.failure)
    default:
      request(pid, .read(descriptor: descriptor, count: room), into: pointer, room: room, now: now)
    }
  }

  private mutating func write(_ pid: PID, descriptor: UInt32, now: Instant) {
    let text = bytes(of: pid, at: argument(2, of: pid), count: argument(3, of: pid))
    switch descriptor {
    case 0: answer(pid, Self.failure)
    case 1, 2:
      emitOutput(pid, descriptor == 1 ? .standardOutput : .standardError, text, now: now)
      // The event carries the text whatever becomes of the message, so a full box loses nothing.
      let flags = MessageFlags(rawValue: descriptor)
      let box = HandleReference(pid: pid, handle: descriptor + 1)
      let delivery = registries.mailboxes.send(text.span, through: box, flags: flags, channel: 0, now: now)
      wake(delivery.woken, now: now)
      answer(pid, UInt32(truncatingIfNeeded: text.count))
    default: request(pid, .write(descriptor: descriptor, text), now: now)
    }
  }

  // MARK: Paths

  /// A path inside the task's folder: relative, without `..`; nil if it is not.
  private func path(of pid: PID, at address: UInt32) -> [UInt8]? {
    guard let path = text(of: pid, at: address, limit: Self.pathLimit), !path.isEmpty,
      path[0] != UInt8(ascii: "/")
    else { return nil }
    let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true)
    guard !parts.contains(where: { $0.count == 2 && $0.allSatisfy { $0 == UInt8(ascii: ".") } }) else {
      return nil
    }
    return path
  }
}
