import HSXMailbox
public import HSXHAL
public import HSXProvisioning
import HSXRegistry
public import HXE
public import MiniVM

// Each call first lets the transfers' timers run up to its time, so that what a late chunk meets does not hang on
// whether the driver came to call `advance` before.
extension Executive where Memory: ~Copyable {
  /// Loads a whole image.
  ///
  /// - Parameter nonce: a random number, for the transfer's handle.
  /// - Returns: the task, ready; nil if the options ask that it wait, sealed.
  /// - Throws: what the image, the policy, the names, the registries or the store refuse. Nothing is left behind then.
  public mutating func load(
    _ image: Span<UInt8>, options: LoadOptions, nonce: UInt64, now: Instant
  ) throws(ProvisioningError) -> Activation? {
    advanceTransfers(now)
    var request = TransferRequest(options: options, nonce: nonce)
    request.totalBytes = UInt32(truncatingIfNeeded: image.count)
    var receipt = try provisioner.begin(
      request, isWhole: true, now: now, machine: &machine, events: &events)
    try stage(&receipt, request, now: now)
    do throws(ProvisioningError) {
      try provisioner.writeWhole(receipt.handle, image, now: now, machine: &machine, events: &events)
    } catch {
      settleStaged()
      throw error
    }
    try keep(image, of: try provisioner.status(.handle(receipt.handle)), now: now)
    var checksum: UInt32?
    if options.persists != nil { checksum = CRC32.checksum(image, provisioner.checksumAlgorithm) }
    return try finish(.handle(receipt.handle), by: .admin, checksum: checksum, now: now)
  }

  /// Opens a transfer of an image in chunks.
  ///
  /// - Throws: `budget` when there are too many transfers or tasks, `outOfRange`; with `persists`, `noStore`, or `store`
  ///   when no slot is free or that image was rejected before.
  public mutating func loadBegin(
    _ request: TransferRequest, now: Instant
  ) throws(ProvisioningError) -> TransferReceipt {
    advanceTransfers(now)
    var receipt = try provisioner.begin(request, now: now, machine: &machine, events: &events)
    try stage(&receipt, request, now: now)
    return receipt
  }

  /// Takes a chunk of a transfer; see `Provisioner.write`.
  public mutating func loadWrite(
    _ key: Provisioner.Key, by caller: Provisioner.Caller, sequence: UInt32, _ chunk: Span<UInt8>,
    now: Instant
  ) throws(ProvisioningError) -> WriteReceipt {
    advanceTransfers(now)
    let before = try provisioner.status(key)
    let receipt: WriteReceipt
    do throws(ProvisioningError) {
      receipt = try provisioner.write(
        key, by: caller, sequence: sequence, chunk, now: now, machine: &machine, events: &events)
    } catch {
      settleStaged()
      throw error
    }
    // One that was repeated is there already.
    if receipt.nextSequence != before.nextSequence { try keep(chunk, of: before, now: now) }
    return receipt
  }

  /// Closes a transfer: proves the image, and activates it unless it was asked to wait.
  ///
  /// - Returns: the task, ready; nil if the image waits, sealed, for `activate`.
  /// - Throws: whatever the bytes, the budget, the names, the registries or the store refuse, which ends the transfer
  ///   and leaves nothing behind; or `unknownHandle`, `unknownTask`, `wrongState`, `notOwner`, which do not.
  public mutating func loadEnd(
    _ key: Provisioner.Key, by caller: Provisioner.Caller, now: Instant
  ) throws(ProvisioningError) -> Activation? {
    advanceTransfers(now)
    return try finish(key, by: caller, checksum: nil, now: now)
  }

  /// Activates a sealed image.
  ///
  /// - Throws: what the names, the registries or the store refuse by now, which ends the transfer; `wrongState` if it is
  ///   not sealed, `unknownHandle`, `unknownTask`, `notOwner`.
  public mutating func activate(
    _ key: Provisioner.Key, by caller: Provisioner.Caller, now: Instant
  ) throws(ProvisioningError) -> Activation {
    advanceTransfers(now)
    return try activate(try provisioner.sealed(key, by: caller), now: now)
  }

  /// Lets the transfers' timers run.
  mutating func advanceTransfers(_ now: Instant) {
    let count = provisioner.transferCount
    provisioner.advance(to: now, machine: &machine, events: &events)
    if provisioner.transferCount != count { settleStaged() }
  }

  /// Proves an image whose bytes are all there, and activates it unless it was asked to wait.
  mutating func finish(
    _ key: Provisioner.Key, by caller: Provisioner.Caller, checksum: UInt32?, now: Instant
  ) throws(ProvisioningError) -> Activation? {
    let status = try provisioner.status(key)
    let proof: (handle: UInt64, waits: Bool)
    do throws(ProvisioningError) {
      proof = try provisioner.prove(key, by: caller, now: now, machine: &machine, events: &events)
    } catch {
      settleStaged()
      throw error
    }
    try sealStaged(proof.handle, crc32: checksum ?? status.crc32, now: now)
    guard !proof.waits else {
      provisioner.seal(proof.handle, now: now, events: &events)
      return nil
    }
    return try activate(proof.handle, now: now)
  }

  /// Makes a task of a proved image.
  private mutating func activate(_ handle: UInt64, now: Instant) throws(ProvisioningError) -> Activation {
    let plan: ActivationPlan
    do throws(ProvisioningError) {
      plan = try provisioner.plan(
        handle, now: now, machine: &machine, registries: registries, events: &events)
    } catch {
      settleStaged()
      throw error
    }
    // What the old one had not yet stored belongs to it, should it come back.
    if let old = plan.replacement?.pid { writeLastValues(of: old, now: now) }
    let (image, change) = storedChange(handle)
    let generation: UInt8
    do throws(ProvisioningError) {
      generation = try makeLasting(plan, change, now: now)
    } catch {
      failTransfer(handle, error, now: now)
      throw error
    }
    storage?.noteActivated(handle)
    let stored = storedValues(for: plan.metadata, generation: generation)
    let status = try provisioner.status(.handle(handle))
    let probation = try provisioner.probation(handle)
    let activation = try provisioner.commit(
      plan, stored: stored, now: now, machine: &machine, registries: &registries, events: &events)
    start(activation, generation: generation, image: image, now: now)
    if case .swap = change, let image { beginTrial(image, status.pid, probation) }
    return activation
  }

  /// Gives a transfer up.
  ///
  /// - Returns: the bytes that had come.
  public mutating func loadAbort(
    _ key: Provisioner.Key, by caller: Provisioner.Caller, now: Instant
  ) throws(ProvisioningError) -> UInt32 {
    let count = try provisioner.abort(key, by: caller, now: now, machine: &machine, events: &events)
    settleStaged()
    return count
  }

  /// How a transfer stands, or how it ended if that is not long ago.
  public func transferStatus(_ key: Provisioner.Key) throws(ProvisioningError) -> TransferStatus {
    try provisioner.status(key)
  }

  /// The transfers under way.
  public var transfers: [TransferStatus] { provisioner.transfers }

  /// The running task of an app; nil if there is none.
  public func task(ofApp name: ShortName) -> PID? { provisioner.task(ofApp: name) }

  /// The task that a transfer would replace at its end, as far as it is known by now; nil if there is none.
  public func task(replacedBy key: Provisioner.Key) -> PID? {
    do throws(ProvisioningError) {
      let handle = try provisioner.status(key).handle
      guard try provisioner.replaces(handle) else { return nil }
      return provisioner.task(ofApp: try provisioner.appName(handle))
    } catch {
      return nil
    }
  }

  /// Notes that a client session is gone; its transfers outlive it by their write timeout.
  public mutating func clientSessionEnded(_ owner: UInt64, now: Instant) {
    provisioner.clientSessionEnded(owner, now: now)
  }

  /// Lists a task that the Provisioner has made; the one that it replaces stops at this instant.
  private mutating func start(
    _ activation: Activation, generation: UInt8, image: StoredImage?, now: Instant
  ) {
    if let replacement = activation.replacement { succeed(replacement, now: now) }
    wake(activation.woken, now: now)
    var task = ExecutiveTask(activation, slice: scheduler.slice)
    task.generation = generation
    task.image = image
    let place = tasks.firstIndex { $0.pid > task.pid } ?? tasks.count
    tasks.insert(task, at: place)
    events.emit(
      .taskState(from: .loading, to: .ready, reason: .loaded, detail: nil), pid: task.pid, now: now)
    publishTransfers(now)
  }
}
