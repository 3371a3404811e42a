public import HSXHAL
public import HSXMailbox
public import HSXRegistry
public import HXE
public import MiniVM

/// A task that is about to exist: what the executive needs to list and schedule it.
public struct Activation: Equatable, Sendable {
  /// Its pid.
  public var pid: PID
  /// The name it runs under.
  public var name: ShortName
  /// The name of its app.
  public var baseName: ShortName
  /// Where its image came from.
  public var source: Source
  /// The image's header.
  public var header: Header
  /// How much the image declares.
  public var declared: DeclaredCounts
  /// What becomes of the task whose place it takes, if it takes one.
  public var replacement: Replacement?
  /// The waits of other tasks that ended with it.
  public var woken: [Woken]
}

/// How much an image declares.
public struct DeclaredCounts: Equatable, Sendable {
  /// Entries of the section table.
  public var sections: UInt32
  /// Values.
  public var values: UInt32
  /// Commands.
  public var commands: UInt32
  /// Mailboxes.
  public var mailboxes: UInt32

  init(_ metadata: Metadata) {
    sections = UInt32(truncatingIfNeeded: metadata.sections.count)
    values = UInt32(truncatingIfNeeded: metadata.values.count)
    commands = UInt32(truncatingIfNeeded: metadata.commands.count)
    mailboxes = UInt32(truncatingIfNeeded: metadata.mailboxes.count)
  }
}

extension Provisioner {
  // MARK: End

  /// Closes a transfer: loading → verify, then ready, or sealed if it was asked to wait.
  ///
  /// - Returns: the task to be, or nil if the image waits, sealed, for `activate`.
  /// - Throws: whatever the bytes, the budget, the names or the registries refuse, which ends the transfer and
  ///   leaves nothing behind; or `unknownHandle`, `unknownTask`, `wrongState`, `notOwner`, which do not.
  public mutating func end(
    _ key: Key, by caller: Caller, now: Instant, machine: inout Machine, registries: inout Registries,
    events: inout EventQueue
  ) throws(ProvisioningError) -> Activation? {
    let index = try indexOfSession(key, for: caller)
    guard sessions[index].state == .loading else { throw .wrongState(sessions[index].state) }
    let metadata: Metadata
    do throws(ProvisioningError) {
      metadata = try verify(index, now: now, machine: &machine, events: &events)
    } catch {
      let stage = sessions[index].state == .verify ? ProvisioningStage.verify : .end
      fail(index, error, stage: stage, now: now, machine: &machine, events: &events)
      throw error
    }
    guard !sessions[index].request.options.sealsOnly else {
      sessions[index].sealed = (now, metadata)
      move(index, to: .sealed, now: now, events: &events)
      return nil
    }
    return try settle(
      index, metadata, now: now, machine: &machine, registries: &registries, events: &events)
  }

  /// Activates a sealed image: sealed → ready.
  ///
  /// - Throws: what the names or the registries refuse by now, which ends the transfer; `wrongState` if it is not
  ///   sealed, `unknownHandle`, `unknownTask`, `notOwner`.
  public mutating func activate(
    _ key: Key, by caller: Caller, now: Instant, machine: inout Machine, registries: inout Registries,
    events: inout EventQueue
  ) throws(ProvisioningError) -> Activation {
    let index = try indexOfSession(key, for: caller)
    guard let sealed = sessions[index].sealed else { throw .wrongState(sessions[index].state) }
    return try settle(
      index, sealed.metadata, now: now, machine: &machine, registries: &registries, events: &events)
  }

  /// A whole image at once: begin, write and end in one call, with the same checks and events.
  ///
  /// - Throws: whatever the image, the budget, the names or the registries refuse; nothing is left behind.
  public mutating func load(
    _ image: Span<UInt8>, options: LoadOptions, nonce: UInt64, now: Instant, machine: inout Machine,
    registries: inout Registries, events: inout EventQueue
  ) throws(ProvisioningError) -> Activation? {
    var request = TransferRequest(options: options, nonce: nonce)
    request.totalBytes = UInt32(truncatingIfNeeded: image.count)
    let receipt = try begin(request, isWhole: true, now: now, machine: &machine, events: &events)
    try writeWhole(receipt.handle, image, now: now, machine: &machine, events: &events)
    return try end(
      .handle(receipt.handle), by: .admin, now: now, machine: &machine, registries: &registries,
      events: &events)
  }

  /// loading → verify: everything that can be known of the bytes alone.
  private mutating func verify(
    _ index: Int, now: Instant, machine: inout Machine, events: inout EventQueue
  ) throws(ProvisioningError) -> Metadata {
    let session = sessions[index]
    if let total = session.request.totalBytes, session.bytesWritten < total {
      throw .incomplete(received: session.bytesWritten, total: total)
    }
    reportLastProgress(index, now: now, events: &events)
    move(index, to: .verify, now: now, events: &events)
    if let announced = session.request.crc32, announced != session.crc32 {
      throw .checksumMismatch(announced: announced, found: session.crc32)
    }
    do throws(LoadError) {
      return try machine.loadEnd(session.pid)
    } catch {
      throw ProvisioningError(error)
    }
  }

  /// verify, sealed → ready: registers everything, or fails and registers nothing.
  private mutating func settle(
    _ index: Int, _ metadata: Metadata, now: Instant, machine: inout Machine,
    registries: inout Registries, events: inout EventQueue
  ) throws(ProvisioningError) -> Activation {
    let session = sessions[index]
    let activation: Activation
    let declared: [DeclaredMailbox]
    do throws(ProvisioningError) {
      guard let header = session.header else { throw .wrongState(session.state) }
      let (base, name, replaced) = try resolveName(of: session, header)
      var change: Replacement?
      if let replaced { change = replacement(of: replaced) }
      let boxes = replaced.map { registries.mailboxes.declarations(of: $0) }
      let woken = try registries.register(
        metadata, for: session.pid, replacing: change, now: now, events: &events)
      activation = Activation(
        pid: session.pid, name: name, baseName: base, source: session.request.options.source,
        header: header, declared: DeclaredCounts(metadata), replacement: change, woken: woken)
      declared = boxes ?? []
    } catch {
      fail(index, error, stage: .register, now: now, machine: &machine, events: &events)
      throw error
    }
    // From here on nothing can fail.
    if let replacement = activation.replacement {
      succeed(replacement, by: session, declared: declared)
    }
    names.add(
      AppNames.Entry(
        pid: activation.pid, base: activation.baseName, name: activation.name,
        allowsMultiple: activation.header.allowsMultipleInstances))
    move(index, to: .ready, now: now, events: &events)
    let duration = now.milliseconds(since: session.began)
    events.emit(
      .transferComplete(
        facts(sessions[index]), bytesWritten: session.bytesWritten,
        durationMilliseconds: duration, header: activation.header),
      pid: activation.pid, now: now)
    remember(sessions[index].status)
    sessions.remove(at: index)
    return activation
  }

  // MARK: Other ends

  /// Gives a transfer up: loading, verify, sealed → aborting → idle.
  ///
  /// - Returns: the bytes that had come.
  /// - Throws: `unknownHandle`, `unknownTask`, `notOwner`.
  public mutating func abort(
    _ key: Key, by caller: Caller, now: Instant, machine: inout Machine, events: inout EventQueue
  ) throws(ProvisioningError) -> UInt32 {
    let index = try indexOfSession(key, for: caller)
    let bytesWritten = sessions[index].bytesWritten
    abort(index, .user, now: now, machine: &machine, events: &events)
    return bytesWritten
  }

  mutating func abort(
    _ index: Int, _ reason: AbortReason, now: Instant, machine: inout Machine, events: inout EventQueue
  ) {
    move(index, to: .aborting, now: now, events: &events)
    sessions[index].lastError = reason == .user ? .cancelled : .timedOut(reason)
    let facts = self.facts(sessions[index])
    events.emit(
      .transferAborted(facts, reason, bytesWritten: sessions[index].bytesWritten),
      pid: sessions[index].pid, now: now)
    release(index, now: now, machine: &machine, events: &events)
  }

  /// loading, verify, sealed → failed → idle.
  mutating func fail(
    _ index: Int, _ error: ProvisioningError, stage: ProvisioningStage, now: Instant,
    machine: inout Machine, events: inout EventQueue
  ) {
    move(index, to: .failed, now: now, events: &events)
    sessions[index].lastError = error
    let facts = self.facts(sessions[index])
    events.emit(.transferError(facts, error, stage: stage), pid: sessions[index].pid, now: now)
    release(index, now: now, machine: &machine, events: &events)
  }

  private mutating func move(
    _ index: Int, to next: TransferState, now: Instant, events: inout EventQueue
  ) {
    let before = sessions[index].state
    sessions[index].move(to: next)
    events.emit(
      .transferState(facts(sessions[index]), from: before, to: next), pid: sessions[index].pid,
      now: now)
  }

  /// failed, aborting → idle: gives back what the transfer held.
  private mutating func release(
    _ index: Int, now: Instant, machine: inout Machine, events: inout EventQueue
  ) {
    machine.loadAbort(sessions[index].pid)
    remember(sessions[index].status)
    move(index, to: .idle, now: now, events: &events)
    sessions.remove(at: index)
  }

  private mutating func remember(_ status: TransferStatus) {
    if ended.count == Self.endedLimit { ended.removeFirst() }
    ended.append(status)
  }
}
