import HSXHAL
import HSXMailbox
import HXE
import Testing

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func target(_ text: String, caller: UInt32 = 1) throws -> MailboxTarget {
  try MailboxTarget.parse(bytes(text).span, caller: caller)
}

func declaration(
  _ text: String, capacity: UInt32? = nil, mode: MailboxMode = .readWrite
) throws -> MailboxDescriptor {
  var descriptor = MailboxDescriptor()
  descriptor.target = try #require(ShortName(text))
  descriptor.capacity = capacity
  descriptor.mode = mode
  return descriptor
}

/// A table with tasks 1 and 2 (and more on request), and a shorthand for its calls.
struct Bench {
  var table: MailboxTable
  var now = Instant.zero

  init(limits: MailboxLimits = .desktop, tasks: ClosedRange<UInt32> = 1...2) throws {
    table = MailboxTable(limits: limits)
    for pid in tasks { try table.addTask(pid) }
  }

  mutating func bind(
    _ text: String, by pid: UInt32 = 1, capacity: UInt32 = 0, mode: MailboxMode = .readWrite
  ) throws -> UInt32 {
    try table.bind(pid: pid, target: target(text, caller: pid), capacity: capacity, mode: mode)
  }

  mutating func open(_ text: String, by pid: UInt32, _ flags: MailboxMode = []) throws -> HandleReference {
    let opening = try table.open(pid: pid, target: target(text, caller: pid), flags: flags)
    return HandleReference(pid: pid, handle: opening.handle)
  }

  mutating func send(
    _ text: String, _ handle: HandleReference, flags: MessageFlags = [], channel: UInt32 = 0
  ) -> Delivery {
    table.send(bytes(text).span, through: handle, flags: flags, channel: channel, now: now)
  }

  mutating func receive(_ handle: HandleReference, room: UInt32 = 256, _ wait: Wait = .poll) -> Reception {
    table.receive(handle, room: room, wait: wait)
  }

  /// The text of the next message, with `!` if it tells of a loss; nil if there is none.
  mutating func text(_ handle: HandleReference) -> String? {
    guard case .message(let message) = receive(handle) else { return nil }
    return text(message)
  }

  func text(_ message: Message) -> String {
    String(decoding: message.bytes, as: UTF8.self) + (message.flags.contains(.overrun) ? "!" : "")
  }

  func text(_ woken: Woken) -> String? {
    guard case .message(let message) = woken.reception else { return nil }
    return text(message)
  }
}

func bindError(
  _ bench: inout Bench, _ text: String, by pid: UInt32, capacity: UInt32 = 0
) -> MailboxError? {
  do {
    _ = try bench.bind(text, by: pid, capacity: capacity)
    return nil
  } catch { return error as? MailboxError }
}

func openError(
  _ bench: inout Bench, _ text: String, by pid: UInt32, _ flags: MailboxMode = []
) -> MailboxError? {
  do {
    _ = try bench.open(text, by: pid, flags)
    return nil
  } catch { return error as? MailboxError }
}

/// xorshift64*, enough to choose operations by a seed.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }
}
