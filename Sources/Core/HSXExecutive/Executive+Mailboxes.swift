public import HSXHAL
public import HSXMailbox
import HSXProvisioning
public import HXE
public import MiniVM

/// Mailboxes for those outside: shells and gateways that act as a task, or with pid 0 as the executive. Each call tells
/// and wakes as the system call of its name does.
extension Executive where Memory: ~Copyable {
  /// Opens a mailbox; see `MailboxTable.open`.
  ///
  /// - Parameter target: the text of a target, as `pid` means it.
  public mutating func openMailbox(
    _ target: Span<UInt8>, flags: MailboxMode, as pid: PID, now: Instant
  ) throws(MailboxError) -> MailboxTable.Opening {
    do throws(MailboxError) {
      return try registries.mailboxes.open(pid: pid, target: Self.target(target, pid), flags: flags)
    } catch {
      note(error, pid, now: now)
      throw error
    }
  }

  /// Makes a mailbox or changes one, and returns its number; see `MailboxTable.bind`.
  public mutating func bindMailbox(
    _ target: Span<UInt8>, capacity: UInt32, mode: MailboxMode, as pid: PID, now: Instant
  ) throws(MailboxError) -> UInt32 {
    do throws(MailboxError) {
      return try registries.mailboxes.bind(
        pid: pid, target: Self.target(target, pid), capacity: capacity, mode: mode)
    } catch {
      note(error, pid, now: now)
      throw error
    }
  }

  /// Closes a handle. Waits through it end.
  public mutating func closeMailbox(_ handle: HandleReference, now: Instant) -> MailboxStatus {
    let descriptor = registries.mailboxes.descriptor(of: handle)
    guard let descriptor, let removal = registries.mailboxes.close(handle) else { return .invalidHandle }
    endNotices(handle.pid, to: descriptor)
    wake(removal.woken, now: now)
    return .ok
  }

  /// Makes a handle a tap, or an ordinary one again; see `MailboxTable.tap`.
  public mutating func tapMailbox(_ handle: HandleReference, on: Bool) -> MailboxStatus {
    registries.mailboxes.tap(handle, on: on)
  }

  /// Sends through a handle that may write.
  public mutating func sendMessage(
    _ bytes: Span<UInt8>, through handle: HandleReference, flags: MessageFlags, channel: UInt32, now: Instant
  ) -> MailboxStatus {
    let delivery = registries.mailboxes.send(
      bytes, through: handle, flags: flags, channel: channel, now: now)
    report(
      delivery, from: handle.pid, handle: handle.handle, length: UInt32(truncatingIfNeeded: bytes.count),
      flags: flags, channel: channel, now: now)
    return delivery.status
  }

  /// Sends to a mailbox of which `pid` needs no handle.
  public mutating func sendMessage(
    _ bytes: Span<UInt8>, to descriptor: UInt32, from pid: PID, flags: MessageFlags, channel: UInt32,
    now: Instant
  ) -> MailboxStatus {
    let delivery = registries.mailboxes.send(
      bytes, to: descriptor, source: pid, flags: flags, channel: channel, now: now)
    report(
      delivery, from: pid, handle: nil, length: UInt32(truncatingIfNeeded: bytes.count), flags: flags,
      channel: channel, now: now)
    return delivery.status
  }

  /// Takes the next message for a handle; never waits, so the answer is never `waiting`.
  ///
  /// - Parameter room: the most bytes; a longer message stays where it is.
  public mutating func receiveMessage(
    _ handle: HandleReference, room: UInt32, now: Instant
  ) -> Reception {
    let descriptor = registries.mailboxes.descriptor(of: handle) ?? 0
    let reception = registries.mailboxes.receive(handle, room: room, wait: .poll)
    if case .message(let message) = reception {
      events.emit(
        .mailbox(
          MailboxEvent(
            .receive, descriptor: descriptor, handle: handle.handle,
            length: UInt32(truncatingIfNeeded: message.bytes.count), flags: message.flags.rawValue,
            channel: message.channel, sender: message.source)),
        pid: handle.pid, now: now)
    }
    return reception
  }

  private static func target(_ text: Span<UInt8>, _ pid: PID) throws(MailboxError) -> MailboxTarget {
    do throws(TargetError) {
      return try MailboxTarget.parse(text, caller: pid)
    } catch {
      throw .invalidTarget(error)
    }
  }

  private mutating func note(_ error: MailboxError, _ pid: PID, now: Instant) {
    let kind = error.isExhaustion ? MailboxEvent.Kind.exhausted : .error
    events.emit(.mailbox(MailboxEvent(kind)), pid: pid, now: now)
  }
}
