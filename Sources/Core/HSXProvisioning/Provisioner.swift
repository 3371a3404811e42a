public import HSXHAL
public import HXE
public import MiniVM

/// Brings images in: sessions, their order, their timers, and what happens when one ends, well or badly.
///
/// A transfer's moves are those of `TransferState`. The Provisioner owns no machine, no registry and no queue: each
/// call is given them, changes them together, and leaves nothing behind when it throws. It picks no image, and
/// knows no wire.
public struct Provisioner: ~Copyable {
  let policy: Policy
  let checksum: CRC32.Algorithm
  var sessions: [Session] = []
  var names = AppNames()
  var standbys: [Standby] = []
  // How the last transfers ended, for senders who lost the answer.
  var ended: [TransferStatus] = []

  /// Ended transfers whose status is remembered.
  static var endedLimit: Int { 16 }

  /// A Provisioner under `policy`, on a platform with this CRC-32.
  public init(policy: Policy, checksum: CRC32.Algorithm) {
    self.policy = policy
    self.checksum = checksum
  }

  /// How CRC-32s are computed on this platform.
  public var checksumAlgorithm: CRC32.Algorithm { checksum }

  /// What names a transfer.
  public enum Key: Equatable, Sendable {
    case handle(UInt64)
    case pid(PID)
  }

  /// Who asks: a client session, somebody who needs only the handle, or somebody who may touch any transfer.
  public enum Caller: Equatable, Sendable {
    case clientSession(UInt64)
    case anonymous
    case admin
  }

  // MARK: Begin

  /// Opens a transfer: idle → loading. Nothing is allocated for the image until its header is there.
  ///
  /// - Throws: `budget` when there are too many transfers or tasks, `outOfRange` for a senseless timeout. The
  ///   refusal is also an event.
  public mutating func begin(
    _ request: TransferRequest, isWhole: Bool = false, now: Instant, machine: inout Machine,
    events: inout EventQueue
  ) throws(ProvisioningError) -> TransferReceipt {
    var request = request
    request.options.source = request.options.source.bounded()
    do throws(ProvisioningError) {
      try admit(request)
      let pid = try openLoad(request, machine: &machine)
      var session = Session(
        handle: freshHandle(request.nonce), pid: pid, request: request, isWhole: isWhole, policy: policy,
        checksum: checksum, now: now)
      session.move(to: .loading)
      sessions.append(session)
      let facts = self.facts(session)
      events.emit(.transferState(facts, from: .idle, to: .loading), pid: pid, now: now)
      events.emit(.transferStarted(facts, totalBytes: request.totalBytes), pid: pid, now: now)
      return TransferReceipt(
        handle: session.handle, pid: pid, chunkBytes: policy.chunkBytes, nextSequence: 0)
    } catch {
      let facts = TransferFacts(
        handle: nil, phase: .idle, appName: request.options.fallbackName, source: request.options.source)
      events.emit(.transferError(facts, error, stage: .begin), pid: nil, now: now)
      throw error
    }
  }

  private func openLoad(
    _ request: TransferRequest, machine: inout Machine
  ) throws(ProvisioningError) -> PID {
    do throws(LoadError) {
      return try machine.loadBegin(expectedSize: request.totalBytes, limits: policy.loadLimits)
    } catch {
      throw ProvisioningError(error)
    }
  }

  private func admit(_ request: TransferRequest) throws(ProvisioningError) {
    let transfers = UInt32(truncatingIfNeeded: sessions.count)
    guard transfers < policy.budget.transfers else {
      throw .budget(.transfers, needed: 1, available: 0)
    }
    if let sha256 = request.sha256, sha256.count != 32 {
      throw .outOfRange(.sha256, found: UInt64(sha256.count), least: 32, most: 32)
    }
    for (timeout, field) in [
      (request.writeTimeout, ProvisioningError.Field.writeTimeout), (request.totalTimeout, .totalTimeout),
    ] {
      guard let timeout, timeout < 1 || timeout > 86_400_000 else { continue }
      throw .outOfRange(field, found: UInt64(timeout), least: 1, most: 86_400_000)
    }
  }

  private func freshHandle(_ nonce: UInt64) -> UInt64 {
    var handle = nonce & 0x1F_FFFF_FFFF_FFFF
    while handle == 0 || sessions.contains(where: { $0.handle == handle }) {
      handle = (handle + 1) & 0x1F_FFFF_FFFF_FFFF
    }
    return handle
  }

  // MARK: Write

  /// Takes a chunk. One that is due is proved as far as it goes and written into the machine; one already taken
  /// is acknowledged again; a gap is refused and the transfer goes on.
  ///
  /// - Throws: what the bytes, the budget or a name refuse, which ends the transfer; or `sequenceGap`,
  ///   `sequenceForgotten`, `chunkEmpty`, `beyondTotal`, `outOfRange`, `unknownHandle`, `wrongState`, `notOwner`,
  ///   which do not.
  public mutating func write(
    _ key: Key, by caller: Caller, sequence: UInt32, _ chunk: Span<UInt8>, now: Instant,
    machine: inout Machine, events: inout EventQueue
  ) throws(ProvisioningError) -> WriteReceipt {
    let index = try indexOfSession(key, for: caller)
    guard sessions[index].state == .loading else { throw .wrongState(sessions[index].state) }
    guard chunk.count > 0 else { throw .chunkEmpty(sequence: sequence) }
    guard chunk.count <= Int(policy.chunkBytes) else {
      throw .outOfRange(
        .chunk, found: UInt64(chunk.count), least: 1, most: UInt64(policy.chunkBytes))
    }
    do throws(ProvisioningError) {
      switch try sessions[index].judge(sequence, chunk) {
      case .repeated: sessions[index].touch(now)
      case .due: try take(chunk, index, now: now, machine: &machine, events: &events)
      }
    } catch {
      if error.endsTransfer {
        fail(index, error, stage: .write, now: now, machine: &machine, events: &events)
      }
      throw error
    }
    return WriteReceipt(
      nextSequence: sessions[index].nextSequence, bytesWritten: sessions[index].bytesWritten)
  }

  /// Takes all bytes of an image at once, whatever their number.
  ///
  /// - Throws: what the bytes, the budget or a name refuse, which ends the transfer.
  public mutating func writeWhole(
    _ handle: UInt64, _ image: Span<UInt8>, now: Instant, machine: inout Machine, events: inout EventQueue
  ) throws(ProvisioningError) {
    let index = try indexOfSession(.handle(handle), for: .admin)
    do throws(ProvisioningError) {
      try take(image, index, now: now, machine: &machine, events: &events)
    } catch {
      fail(index, error, stage: .write, now: now, machine: &machine, events: &events)
      throw error
    }
  }

  /// Takes bytes that came with an earlier transfer and are stored; no chunk's number counts them. To be called before
  /// the first chunk.
  ///
  /// - Throws: what the bytes, the budget or a name refuse. The caller ends the transfer.
  public mutating func prefill(
    _ handle: UInt64, _ bytes: Span<UInt8>, machine: inout Machine
  ) throws(ProvisioningError) {
    let index = try indexOfSession(.handle(handle), for: .admin)
    try judge(bytes, index, machine: &machine)
    sessions[index].prefill(bytes)
  }

  private mutating func take(
    _ chunk: Span<UInt8>, _ index: Int, now: Instant, machine: inout Machine, events: inout EventQueue
  ) throws(ProvisioningError) {
    try judge(chunk, index, machine: &machine)
    sessions[index].take(chunk, now: now)
    reportProgress(index, now: now, events: &events)
  }

  private mutating func judge(
    _ chunk: Span<UInt8>, _ index: Int, machine: inout Machine
  ) throws(ProvisioningError) {
    let pid = sessions[index].pid
    do throws(LoadError) {
      try machine.loadWrite(pid, chunk)
    } catch {
      throw ProvisioningError(error)
    }
    if sessions[index].header == nil, let header = machine.loadingHeader(of: pid) {
      sessions[index].header = header
      // A name that is taken costs the sender the header, not the file.
      _ = try resolveName(of: sessions[index], header)
    }
  }

  // MARK: Questions

  /// How a transfer stands, or how it ended if that is not long ago.
  ///
  /// - Throws: `unknownHandle` or `unknownTask`.
  public func status(_ key: Key) throws(ProvisioningError) -> TransferStatus {
    if let session = sessions.first(where: { $0.matches(key) }) { return session.status }
    switch key {
    case .handle(let handle):
      if let status = ended.last(where: { $0.handle == handle }) { return status }
      throw .unknownHandle(handle)
    case .pid(let pid):
      if let status = ended.last(where: { $0.pid == pid }) { return status }
      throw .unknownTask(pid)
    }
  }

  /// The number of transfers under way.
  public var transferCount: Int { sessions.count }

  /// Whether a transfer of that pid is under way.
  public func isLoading(_ pid: PID) -> Bool { sessions.contains { $0.pid == pid } }

  /// Whether a transfer is under way.
  public func isOpen(_ handle: UInt64) -> Bool { sessions.contains { $0.handle == handle } }

  /// The name of the app that a transfer brings, as far as it is known.
  ///
  /// - Throws: `unknownHandle`.
  public func appName(_ handle: UInt64) throws(ProvisioningError) -> ShortName {
    let session = sessions[try indexOfSession(.handle(handle), for: .admin)]
    return baseName(of: session, session.header)
  }

  /// Whether a task of the app gives way to what a transfer brings.
  ///
  /// - Throws: `unknownHandle`.
  public func replaces(_ handle: UInt64) throws(ProvisioningError) -> Bool {
    sessions[try indexOfSession(.handle(handle), for: .admin)].request.options.replaces
  }

  /// How long the task of a transfer is on probation, in milliseconds.
  ///
  /// - Throws: `unknownHandle`.
  public func probation(_ handle: UInt64) throws(ProvisioningError) -> UInt32 {
    sessions[try indexOfSession(.handle(handle), for: .admin)].request.options.probation ?? policy.probation
  }

  /// What events about a transfer say of it.
  ///
  /// - Throws: `unknownHandle`.
  public func transferFacts(_ handle: UInt64) throws(ProvisioningError) -> TransferFacts {
    facts(sessions[try indexOfSession(.handle(handle), for: .admin)])
  }

  /// The task that runs under the bare name of an app, or else its first instance; nil if it does not run.
  public func task(ofApp name: ShortName) -> PID? { names.holder(of: name) }

  /// The transfers under way, in the order of their beginning.
  public var transfers: [TransferStatus] { sessions.map { $0.status } }

  func indexOfSession(_ key: Key, for caller: Caller) throws(ProvisioningError) -> Int {
    guard let index = sessions.firstIndex(where: { $0.matches(key) }) else {
      switch key {
      case .handle(let handle): throw .unknownHandle(handle)
      case .pid(let pid): throw .unknownTask(pid)
      }
    }
    guard isAllowed(caller, key, owner: sessions[index].request.owner) else {
      // The refusal does not name the handle: who knows it may touch the transfer.
      throw .notOwner(sessions[index].pid)
    }
    return index
  }

  /// A transfer of a client session is that session's; one without belongs to whoever knows its handle, and a pid
  /// is easily guessed.
  private func isAllowed(_ caller: Caller, _ key: Key, owner: UInt64?) -> Bool {
    if caller == .admin { return true }
    if let owner { return caller == .clientSession(owner) }
    if case .handle = key { return true }
    return false
  }

  /// The app's name: the image's own, else the one the sender gave, else one made of the pid.
  func baseName(of session: Session, _ header: Header?) -> ShortName {
    var name = header?.appName ?? ShortName()
    if name.isEmpty { name = session.request.options.fallbackName }
    if name.isEmpty { name = AppNames.anonymous(session.pid) }
    name.truncate(to: AppNames.longest)
    return name
  }

  func resolveName(
    of session: Session, _ header: Header
  ) throws(ProvisioningError) -> (base: ShortName, name: ShortName, replaced: PID?) {
    let base = baseName(of: session, header)
    let replaced = session.request.options.replaces ? names.holder(of: base) : nil
    let name = try names.resolve(
      base, allowsMultiple: header.allowsMultipleInstances, replacing: replaced)
    return (base, name, replaced)
  }

  func facts(_ session: Session) -> TransferFacts {
    TransferFacts(
      handle: session.handle, phase: session.state,
      appName: baseName(of: session, session.header),
      source: session.request.options.source)
  }
}

extension Session {
  func matches(_ key: Provisioner.Key) -> Bool {
    switch key {
    case .handle(let handle): self.handle == handle
    case .pid(let pid): self.pid == pid
    }
  }
}
