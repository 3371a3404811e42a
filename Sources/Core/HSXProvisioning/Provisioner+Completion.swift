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
  /// Whether there is a manifest.
  public var hasManifest: Bool

  init(_ metadata: Metadata) {
    sections = UInt32(truncatingIfNeeded: metadata.sections.count)
    values = UInt32(truncatingIfNeeded: metadata.values.count)
    commands = UInt32(truncatingIfNeeded: metadata.commands.count)
    mailboxes = UInt32(truncatingIfNeeded: metadata.mailboxes.count)
    hasManifest = metadata.manifest != nil
  }
}

/// An image that is proved and that nothing refuses: all that its activation will change.
///
/// It holds until the next call that changes names, registries or transfers. Whoever must make something lasting does
/// it between `plan` and `commit`: before, nobody has noticed anything, and behind it nothing can fail.
public struct ActivationPlan: Sendable {
  /// The transfer that it comes from.
  public let handle: UInt64
  /// The pid of the task to be.
  public let pid: PID
  /// The name it will run under.
  public let name: ShortName
  /// The name of its app.
  public let baseName: ShortName
  /// The image's header.
  public let header: Header
  /// What the image declares.
  public let metadata: Metadata
  /// What becomes of the task whose place it takes, if it takes one.
  public let replacement: Replacement?
}

extension Provisioner {
  // MARK: End

  /// Proves a whole transfer, as far as its bytes alone say: loading → verify. `seal` or `plan` and `commit` go on.
  ///
  /// - Returns: its handle, and whether it asked to wait, sealed, for its activation.
  /// - Throws: whatever the bytes or the budget refuse, which ends the transfer and leaves nothing behind; or
  ///   `unknownHandle`, `unknownTask`, `wrongState`, `notOwner`, which do not.
  public mutating func prove(
    _ key: Key, by caller: Caller, now: Instant, machine: inout Machine, events: inout EventQueue
  ) throws(ProvisioningError) -> (handle: UInt64, waits: Bool) {
    let index = try indexOfSession(key, for: caller)
    guard sessions[index].state == .loading else { throw .wrongState(sessions[index].state) }
    do throws(ProvisioningError) {
      sessions[index].sealed = (now, try verify(index, now: now, machine: &machine, events: &events))
    } catch {
      let stage = sessions[index].state == .verify ? ProvisioningStage.verify : .end
      fail(index, error, stage: stage, now: now, machine: &machine, events: &events)
      throw error
    }
    return (sessions[index].handle, sessions[index].request.options.sealsOnly)
  }

  /// Lets a proved image wait for its activation: verify → sealed. One that is over is passed over.
  public mutating func seal(_ handle: UInt64, now: Instant, events: inout EventQueue) {
    guard let index = sessions.firstIndex(where: { $0.handle == handle && $0.state == .verify }) else {
      return
    }
    move(index, to: .sealed, now: now, events: &events)
  }

  /// The handle of a sealed transfer, for `plan`.
  ///
  /// - Throws: `wrongState` if it is not sealed, `unknownHandle`, `unknownTask`, `notOwner`.
  public func sealed(_ key: Key, by caller: Caller) throws(ProvisioningError) -> UInt64 {
    let session = sessions[try indexOfSession(key, for: caller)]
    guard session.state == .sealed else { throw .wrongState(session.state) }
    return session.handle
  }

  /// What activating a proved image will change.
  ///
  /// - Throws: what the names or the registries refuse by now, which ends the transfer.
  public mutating func plan(
    _ handle: UInt64, now: Instant, machine: inout Machine, registries: Registries, events: inout EventQueue
  ) throws(ProvisioningError) -> ActivationPlan {
    let index = try indexOfSession(.handle(handle), for: .admin)
    let session = sessions[index]
    guard let header = session.header, let metadata = session.sealed?.metadata else {
      throw .wrongState(session.state)
    }
    do throws(ProvisioningError) {
      let (base, name, replaced) = try resolveName(of: session, header)
      let change = replaced.map { replacement(of: $0) }
      try registries.check(metadata, for: session.pid, replacing: change)
      return ActivationPlan(
        handle: handle, pid: session.pid, name: name, baseName: base, header: header, metadata: metadata,
        replacement: change)
    } catch {
      fail(index, error, stage: .register, now: now, machine: &machine, events: &events)
      throw error
    }
  }

  /// Does what was planned: verify, sealed → ready. Values that load start from `stored`.
  ///
  /// - Throws: what `plan` would have refused, if the plan holds no longer; that ends the transfer.
  public mutating func commit(
    _ plan: ActivationPlan, stored: [StoredValue], now: Instant, machine: inout Machine,
    registries: inout Registries, events: inout EventQueue
  ) throws(ProvisioningError) -> Activation {
    let index = try indexOfSession(.handle(plan.handle), for: .admin)
    let session = sessions[index]
    let declared = plan.replacement.map { registries.mailboxes.declarations(of: $0.pid) } ?? []
    let woken: [Woken]
    do throws(ProvisioningError) {
      woken = try registries.register(
        plan.metadata, for: plan.pid, replacing: plan.replacement, stored: stored, now: now, events: &events)
    } catch {
      fail(index, error, stage: .register, now: now, machine: &machine, events: &events)
      throw error
    }
    if let replacement = plan.replacement { succeed(replacement, by: session, declared: declared) }
    names.add(
      AppNames.Entry(
        pid: plan.pid, base: plan.baseName, name: plan.name,
        allowsMultiple: plan.header.allowsMultipleInstances))
    move(index, to: .ready, now: now, events: &events)
    let duration = now.milliseconds(since: session.began)
    events.emit(
      .transferComplete(
        facts(sessions[index]), bytesWritten: session.bytesWritten,
        durationMilliseconds: duration, header: plan.header),
      pid: plan.pid, now: now)
    remember(sessions[index].status)
    sessions.remove(at: index)
    return Activation(
      pid: plan.pid, name: plan.name, baseName: plan.baseName, source: session.request.options.source,
      header: plan.header, declared: DeclaredCounts(plan.metadata), replacement: plan.replacement,
      woken: woken)
  }

  /// Ends a transfer that cannot go on, and leaves nothing behind. One that is over already is passed over.
  public mutating func fail(
    _ handle: UInt64, _ error: ProvisioningError, stage: ProvisioningStage, now: Instant,
    machine: inout Machine, events: inout EventQueue
  ) {
    guard let index = sessions.firstIndex(where: { $0.handle == handle }) else { return }
    fail(index, error, stage: stage, now: now, machine: &machine, events: &events)
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
