import HSXExecutive
import HSXMailbox
import HSXProtocol
import HSXProvisioning
import HXE
import MiniVM

/// `listen` and `send`: people at the other end of a task's streams.
///
/// What a task writes with a system call of its own is no message, so that a box nobody reads never fills up with it. It is
/// kept here until somebody listens, and goes into the box too while others read that, tap it, or it fans out.
extension ExecutiveHost {
  /// Messages that `listen` takes, unless it is told otherwise, and at most.
  private static let usualLimit: UInt32 = 5
  private static let largestLimit: UInt32 = 256

  // MARK: Listening

  func listen(_ request: MailboxRequest, _ requester: Requester) throws(Refusal) -> MessagesAnswer {
    let limit = Int(min(request.limit ?? Self.usualLimit, Self.largestLimit))
    let shown = Int(request.maximumLength ?? .max)
    var boxes: [UInt32]
    if let target = request.target {
      boxes = [try descriptor(target, as: try actor(request.pid))]
    } else {
      // Who names no task hears all but those that another session owns, whose messages are that one's.
      let free = executive.taskList.map(\.pid).filter { !sessions.isLocked($0, for: requester.session) }
      let pids = request.pid == nil ? free : [try selected(request.pid)]
      boxes = pids.flatMap { pid in
        [StdioStream.output, .error].compactMap { descriptor(of: $0, of: pid) }
      }
    }
    var messages: [MessageRecord] = []
    for box in boxes {
      let target = name(box)
      for message in take(from: box, limit: limit - messages.count) {
        messages.append(MessageRecord(message, target: target, limit: shown))
      }
    }
    return MessagesAnswer(messages: messages)
  }

  /// The mailbox that a text means.
  private func descriptor(_ text: String, as pid: PID) throws(Refusal) -> UInt32 {
    let target: MailboxTarget
    do throws(TargetError) {
      target = try MailboxTarget.parse(Array(text.utf8).span, caller: pid)
    } catch {
      throw Refusal(invalid: "target", expected: "prefix:name[@owner] of at most 32 bytes")
    }
    guard let descriptor = executive.mailboxes.descriptor(of: target) else {
      throw Refusal(
        code: "ESRCH", reason: "mailbox_not_found",
        detail: "There is no mailbox \(String(decoding: target.text, as: UTF8.self)).")
    }
    return descriptor
  }

  func descriptor(of stream: StdioStream, of pid: PID) -> UInt32? {
    executive.mailboxes.descriptor(of: .service(stream.name, of: pid))
  }

  /// Takes what there is of a mailbox, the oldest first.
  private func take(from descriptor: UInt32, limit: Int) -> [Message] {
    guard let box = executive.mailboxes.snapshot(of: descriptor) else { return [] }
    if box.mode.fansOut {
      // A tap sees what comes from now on and holds up nobody; as every reader, it has no past.
      if taps[descriptor] == nil { tapForListener(descriptor) }
      drainTap(of: descriptor)
    }
    var messages: [Message] = []
    while messages.count < limit, let message = heard.next(of: descriptor) { messages.append(message) }
    // The messages of a stream that another task reads are that one's.
    guard !box.mode.fansOut, messages.count < limit, StdioStream(box.target) == nil || box.subscribers == 0,
      let handle = try? executive.openMailbox(box.target.text.span, flags: .read, as: 0, now: now)
    else { return messages }
    let reference = HandleReference(pid: 0, handle: handle.handle)
    while messages.count < limit,
      case .message(let message) = executive.receiveMessage(reference, room: .max, now: now)
    {
      messages.append(message)
    }
    _ = executive.closeMailbox(reference, now: now)
    return messages
  }

  // MARK: Text that tasks write

  /// Keeps what a task has written, and lets those have it who read the stream's box.
  func hear(_ text: [UInt8], from pid: PID) {
    guard let descriptor = descriptor(of: .output, of: pid),
      let box = executive.mailboxes.snapshot(of: descriptor)
    else { return }
    let isShared = box.mode.fansOut || box.subscribers > 0 || box.taps > 0
    guard isShared, box.capacity > MailboxLimits.messageOverhead else {
      return keep(text[...], from: pid, descriptor)
    }
    let isTapped = taps[descriptor] != nil
    // What the tap has from before is messages; what it gets here is text.
    drainTap(of: descriptor)
    var rest = text[...]
    while !rest.isEmpty {
      let piece = rest.prefix(Int(box.capacity - MailboxLimits.messageOverhead))
      rest = rest.dropFirst(piece.count)
      let status = executive.sendMessage(
        Array(piece).span, to: descriptor, from: pid, flags: .standardOutput, channel: 0, now: now)
      if isTapped, status == .ok {
        drainTap(of: descriptor, isText: true)
      } else {
        keep(piece, from: pid, descriptor)
      }
      // A box that is full takes nothing more; who listens here shall have it all.
      guard status == .ok else { return keep(rest, from: pid, descriptor) }
    }
  }

  private func keep(_ text: ArraySlice<UInt8>, from pid: PID, _ descriptor: UInt32) {
    heard.append(text: text, source: pid, to: descriptor)
  }

  // MARK: Taps

  /// Makes sure that the host has a tap on a mailbox.
  func tap(_ descriptor: UInt32) {
    guard taps[descriptor] == nil, let box = executive.mailboxes.snapshot(of: descriptor),
      let opening = try? executive.openMailbox(box.target.text.span, flags: [.read, .tap], as: 0, now: now)
    else { return }
    taps[descriptor] = opening.handle
  }

  /// Taps a mailbox since somebody listens to it. What is in it may be nobody's, so that no task's end takes the tap off:
  /// the oldest of many goes, and hears no more until it is listened to again.
  private func tapForListener(_ descriptor: UInt32) {
    tap(descriptor)
    guard taps[descriptor] != nil, let oldest = clientHandles.insertListened(descriptor) else { return }
    drainTap(of: oldest)
    untap(oldest)
  }

  func untap(_ descriptor: UInt32) {
    clientHandles.removeListened(descriptor)
    guard let handle = taps.removeValue(forKey: descriptor) else { return }
    _ = executive.closeMailbox(HandleReference(pid: 0, handle: handle), now: now)
  }

  /// Keeps what has come through the taps, and forgets boxes that are gone.
  func drainTaps() {
    for descriptor in taps.keys.sorted() { drainTap(of: descriptor) }
    let table = executive.mailboxes
    for descriptor in heard.descriptors where table.snapshot(of: descriptor) == nil {
      heard.forget(descriptor)
    }
  }

  private func drainTap(of descriptor: UInt32, isText: Bool = false) {
    guard let handle = taps[descriptor] else { return }
    while true {
      switch executive.receiveMessage(HandleReference(pid: 0, handle: handle), room: .max, now: now) {
      case .message(let message):
        if isText, !message.flags.contains(.overrun) {
          heard.append(text: message.bytes, source: message.source, to: descriptor)
        } else {
          heard.append(message, to: descriptor)
        }
      case .refused(.invalidHandle, _):
        clientHandles.removeListened(descriptor)
        taps.removeValue(forKey: descriptor)
        return
      case .refused, .waiting: return
      }
    }
  }

  // MARK: Sending

  /// Sends to a task's input, to another of its streams, or to any mailbox.
  func send(_ request: MailboxRequest) throws(Refusal) -> MailboxAnswer {
    let data = try payload(request)
    let box: UInt32
    var channel: UInt32 = 0
    // Shells name the mailbox where they say the channel.
    let isNamed = request.channel.map { $0.contains(":") && StdioStream($0) == nil } ?? false
    if let target = request.target ?? (isNamed ? request.channel : nil) {
      if !isNamed { channel = try number(ofChannel: request.channel) }
      box = try descriptor(target, as: try actor(request.pid))
    } else {
      let pid = try selected(try require(request.pid, "pid"))
      let stream = request.channel.map { StdioStream($0) } ?? .input
      if stream == nil { channel = try number(ofChannel: request.channel) }
      guard let found = descriptor(of: stream ?? .input, of: pid) else {
        return MailboxAnswer(status: MailboxStatus.noDescriptor.rawValue)
      }
      box = found
    }
    let status = executive.sendMessage(
      data.span, to: box, from: 0, flags: MessageFlags(rawValue: request.flags ?? 0), channel: channel,
      now: now)
    return MailboxAnswer(
      status: status.rawValue, descriptor: box, target: name(box),
      length: status == .ok ? UInt32(data.count) : 0)
  }
}
