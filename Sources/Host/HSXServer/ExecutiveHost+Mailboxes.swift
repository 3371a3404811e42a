import HSXExecutive
import HSXHAL
import HSXMailbox
import HSXProtocol
import HSXProvisioning
import HXE
import MiniVM

/// Mailboxes over the protocol, as a task or as the executive. What the table refuses is an `mbx_status`.
extension ExecutiveHost {
  /// The most bytes of a message that is taken, unless the request says otherwise.
  private static let usualRoom: UInt32 = 0xFFFF
  /// The timeout that waits as long as it takes.
  private static let forever: UInt32 = 0xFFFF

  /// Whom a request acts as.
  func actor(_ pid: UInt32?) throws(Refusal) -> PID {
    guard let pid, pid != 0 else { return 0 }
    _ = try refusing { () throws(ProvisioningError) in try executive.task(pid) }
    return pid
  }

  private func reference(_ request: MailboxRequest) throws(Refusal) -> HandleReference {
    let handle = try require(request.handle, "handle")
    return HandleReference(pid: try actor(request.pid), handle: handle)
  }

  /// The message of a request.
  func payload(_ request: MailboxRequest) throws(Refusal) -> [UInt8] {
    guard let text = request.dataHex else { return Array(try require(request.data, "data").utf8) }
    guard let data = bytes(hexadecimal: text) else {
      throw Refusal(invalid: "data_hex", expected: "pairs of hexadecimal digits")
    }
    return data
  }

  // MARK: Handles

  /// Opens a handle. One of the executive belongs to the session that asks; of those that no session asked for the
  /// oldest goes when there are too many.
  func openMailbox(_ request: MailboxRequest, _ requester: Requester) throws(Refusal) -> MailboxAnswer {
    let target = Array(try require(request.target, "target").utf8)
    let pid = try actor(request.pid)
    let flags = MailboxMode(rawValue: UInt16(truncatingIfNeeded: request.flags ?? 0))
    do throws(MailboxError) {
      let opening = try executive.openMailbox(target.span, flags: flags, as: pid, now: now)
      if pid == 0 { note(opening.handle, requester.session) }
      return MailboxAnswer(
        status: 0, handle: opening.handle, descriptor: opening.descriptor, target: name(opening.descriptor))
    } catch {
      return MailboxAnswer(status: error.status.rawValue)
    }
  }

  private func note(_ handle: UInt32, _ session: String?) {
    let table = executive.mailboxes
    clientHandles.keep { table.descriptor(of: HandleReference(pid: 0, handle: $0)) != nil }
    if let oldest = clientHandles.insert(handle, session: session) { closeHandle(oldest) }
  }

  /// Closes the handles that a session opened as the executive, as when it ends.
  func closeHandles(of session: String) {
    for handle in clientHandles.removeAll(of: session) { closeHandle(handle) }
  }

  private func closeHandle(_ handle: UInt32) {
    _ = executive.closeMailbox(HandleReference(pid: 0, handle: handle), now: now)
  }

  func bindMailbox(_ request: MailboxRequest) throws(Refusal) -> MailboxAnswer {
    let target = Array(try require(request.target, "target").utf8)
    let mode = try mode(request.mode)
    let pid = try actor(request.pid)
    do throws(MailboxError) {
      let descriptor = try executive.bindMailbox(
        target.span, capacity: request.capacity ?? 0, mode: mode, as: pid, now: now)
      return MailboxAnswer(status: 0, descriptor: descriptor, target: name(descriptor))
    } catch {
      return MailboxAnswer(status: error.status.rawValue)
    }
  }

  /// A mode in bits, or in words between which stands anything but letters and underscores.
  private func mode(_ text: String?) throws(Refusal) -> MailboxMode {
    guard let text else { return [] }
    if let bits = Loose<UInt16>.number(text) { return MailboxMode(rawValue: bits) }
    var mode: MailboxMode = []
    for word in text.lowercased().split(whereSeparator: { !$0.isLetter && $0 != "_" }) {
      switch word {
      case "read": mode.insert(.read)
      case "write": mode.insert(.write)
      case "rdwr", "readwrite": mode.formUnion(.readWrite)
      case "tap": mode.insert(.tap)
      case "fanout": mode.insert(.fanOut)
      case "drop", "fanout_drop": mode.insert(.fanOutDrop)
      case "block", "fanout_block": mode.insert(.fanOutBlock)
      default: throw Refusal(invalid: "mode", expected: "bits, or read, write, tap, fanout, drop, block")
      }
    }
    return mode
  }

  func closeMailbox(_ request: MailboxRequest) throws(Refusal) -> MailboxAnswer {
    let handle = try reference(request)
    if handle.pid == 0 { clientHandles.remove(handle.handle) }
    return MailboxAnswer(status: executive.closeMailbox(handle, now: now).rawValue, handle: handle.handle)
  }

  func tapMailbox(_ request: MailboxRequest) throws(Refusal) -> MailboxAnswer {
    let handle = try reference(request)
    let status = executive.tapMailbox(handle, on: request.enable ?? true)
    return MailboxAnswer(status: status.rawValue, handle: handle.handle)
  }

  func peekMailbox(_ request: MailboxRequest) throws(Refusal) -> MailboxAnswer {
    let handle = try reference(request)
    guard let peek = executive.mailboxes.peek(handle) else {
      return MailboxAnswer(status: MailboxStatus.invalidHandle.rawValue, handle: handle.handle)
    }
    return MailboxAnswer(
      status: 0, handle: handle.handle, depth: peek.depth, bytesUsed: peek.bytes,
      nextLength: peek.nextLength)
  }

  // MARK: Messages

  func sendMailbox(_ request: MailboxRequest) throws(Refusal) -> MailboxAnswer {
    let data = try payload(request)
    let channel = try number(ofChannel: request.channel)
    let handle = try reference(request)
    let status = executive.sendMessage(
      data.span, through: handle, flags: MessageFlags(rawValue: request.flags ?? 0), channel: channel,
      now: now)
    return MailboxAnswer(
      status: status.rawValue, handle: handle.handle, length: status == .ok ? UInt32(data.count) : 0)
  }

  func number(ofChannel text: String?) throws(Refusal) -> UInt32 {
    guard let text else { return 0 }
    guard let number = Loose<UInt32>.number(text) else {
      throw Refusal(invalid: "channel", expected: "a number")
    }
    return number
  }

  /// Takes a message, or begins to wait for one.
  func beginReceive(_ request: MailboxRequest) throws(Refusal) -> Job.Work {
    let handle = try reference(request)
    let timeout = request.timeout ?? 0
    return .receive(
      ReceiveJob(
        pid: handle.pid, handle: handle.handle, maximum: request.maximumLength ?? Self.usualRoom,
        deadline: timeout >= Self.forever ? nil : now.advanced(byMilliseconds: timeout),
        isWaiting: timeout > 0))
  }

  /// Looks for the message that is waited for; the reply when it has come or the time is over.
  func progress(_ job: ReceiveJob, now: Instant) -> Result<MailboxAnswer, Refusal>? {
    let handle = HandleReference(pid: job.pid, handle: job.handle)
    switch executive.receiveMessage(handle, room: job.maximum, now: now) {
    case .message(let message):
      let target = executive.mailboxes.descriptor(of: handle).map { name($0) } ?? ""
      let record = MessageRecord(message, target: target)
      return .success(
        MailboxAnswer(status: 0, handle: job.handle, length: UInt32(record.length), message: record))
    case .waiting: return nil
    case .refused(.noData, _) where job.isWaiting:
      guard let deadline = job.deadline, deadline <= now else { return nil }
      return .success(MailboxAnswer(status: MailboxStatus.timedOut.rawValue, handle: job.handle, length: 0))
    case .refused(let status, let length):
      return .success(MailboxAnswer(status: status.rawValue, handle: job.handle, length: length))
    }
  }

  // MARK: Looking

  /// The canonical name of a mailbox.
  func name(_ descriptor: UInt32) -> String {
    executive.mailboxes.snapshot(of: descriptor).map { String(decoding: $0.target.text, as: UTF8.self) } ?? ""
  }

  func listChannels(_ request: TaskSelector) throws(Refusal) -> ChannelsAnswer {
    let pid = request.pid == 0 ? 0 : try selected(request.pid)
    return ChannelsAnswer(
      channels: ChannelList(
        pid: pid,
        channels: executive.mailboxes.snapshots(of: pid).map { box in
          ChannelRecord(
            descriptor: box.descriptor, target: String(decoding: box.target.text, as: UTF8.self),
            name: box.target.name.text, namespace: box.target.namespace.rawValue, mode: box.mode.rawValue,
            capacity: box.capacity, used: box.bytesUsed, depth: box.queueDepth, subscribers: box.subscribers)
        }))
  }

  var mailboxSnapshot: SnapshotAnswer {
    let table = executive.mailboxes
    let facts = table.statistics
    var handles: [String: Int] = [:]
    for (pid, count) in table.handleCounts { handles[String(pid)] = count }
    return SnapshotAnswer(
      descriptors: table.snapshots.map { box in
        DescriptorRecord(
          descriptor: box.descriptor, namespace: box.target.namespace.rawValue, name: box.target.name.text,
          target: String(decoding: box.target.text, as: UTF8.self), ownerPID: box.target.owner,
          capacity: box.capacity, used: box.bytesUsed, depth: box.queueDepth, mode: box.mode.rawValue,
          head: box.headSequence, next: box.nextSequence, waiters: box.waiters, taps: box.taps)
      },
      stats: MailboxStatistics(
        maximum: facts.maxDescriptors, active: facts.activeDescriptors, free: facts.freeDescriptors,
        used: facts.bytesUsed, available: facts.bytesAvailable, depth: facts.queueDepth,
        handles: facts.handlesTotal, handlesPerTask: handles, handleLimit: facts.handleLimitPerTask,
        taps: facts.taps, tapDepth: facts.tapQueueDepth, waiters: facts.waiters,
        fanOuts: facts.fanOutDescriptors))
  }
}

extension MessageRecord {
  /// A message, of which at most `limit` bytes are shown; `length` is the whole one's.
  init(_ message: Message, target: String, limit: Int = .max) {
    let shown = message.bytes.prefix(limit)
    self.init(
      target: target, text: String(decoding: shown, as: UTF8.self), dataHex: hexadecimal(shown),
      flags: message.flags.rawValue, channel: message.channel, length: message.bytes.count,
      source: message.source)
  }
}
