import HSXMailbox
public import HSXHAL
public import HSXProvisioning
import HSXRegistry
import MiniVM

// Each call first lets the transfers' timers run up to its time, so that what a late chunk meets does not hang on
// whether the driver came to call `advance` before.
extension Executive where Memory: ~Copyable {
  /// Loads a whole image.
  ///
  /// - Parameter nonce: a random number, for the transfer's handle.
  /// - Returns: the task, ready; nil if the options ask that it wait, sealed.
  /// - Throws: what the image, the policy, the names or the registries refuse. Nothing is left behind then.
  public mutating func load(
    _ image: Span<UInt8>, options: LoadOptions, nonce: UInt64, now: Instant
  ) throws(ProvisioningError) -> Activation? {
    provisioner.advance(to: now, machine: &machine, events: &events)
    var request = TransferRequest(options: options, nonce: nonce)
    request.totalBytes = UInt32(truncatingIfNeeded: image.count)
    let receipt = try provisioner.begin(
      request, isWhole: true, now: now, machine: &machine, events: &events)
    try provisioner.writeWhole(receipt.handle, image, now: now, machine: &machine, events: &events)
    return try finish(.handle(receipt.handle), by: .admin, now: now)
  }

  /// Opens a transfer of an image in chunks.
  public mutating func loadBegin(
    _ request: TransferRequest, now: Instant
  ) throws(ProvisioningError) -> TransferReceipt {
    provisioner.advance(to: now, machine: &machine, events: &events)
    return try provisioner.begin(request, now: now, machine: &machine, events: &events)
  }

  /// Takes a chunk of a transfer; see `Provisioner.write`.
  public mutating func loadWrite(
    _ key: Provisioner.Key, by caller: Provisioner.Caller, sequence: UInt32, _ chunk: Span<UInt8>,
    now: Instant
  ) throws(ProvisioningError) -> WriteReceipt {
    provisioner.advance(to: now, machine: &machine, events: &events)
    return try provisioner.write(
      key, by: caller, sequence: sequence, chunk, now: now, machine: &machine, events: &events)
  }

  /// Closes a transfer: proves the image, and activates it unless it was asked to wait.
  ///
  /// - Returns: the task, ready; nil if the image waits, sealed, for `activate`.
  /// - Throws: whatever the bytes, the budget, the names, the registries or the store refuse, which ends the transfer
  ///   and leaves nothing behind; or `unknownHandle`, `unknownTask`, `wrongState`, `notOwner`, which do not.
  public mutating func loadEnd(
    _ key: Provisioner.Key, by caller: Provisioner.Caller, now: Instant
  ) throws(ProvisioningError) -> Activation? {
    provisioner.advance(to: now, machine: &machine, events: &events)
    return try finish(key, by: caller, now: now)
  }

  /// Activates a sealed image.
  ///
  /// - Throws: what the names or the registries refuse by now, which ends the transfer; `wrongState` if it is not
  ///   sealed, `unknownHandle`, `unknownTask`, `notOwner`.
  public mutating func activate(
    _ key: Provisioner.Key, by caller: Provisioner.Caller, now: Instant
  ) throws(ProvisioningError) -> Activation {
    provisioner.advance(to: now, machine: &machine, events: &events)
    return try activate(try provisioner.sealed(key, by: caller), now: now)
  }

  /// Proves an image whose bytes are all there, and activates it unless it was asked to wait.
  private mutating func finish(
    _ key: Provisioner.Key, by caller: Provisioner.Caller, now: Instant
  ) throws(ProvisioningError) -> Activation? {
    let proof = try provisioner.prove(key, by: caller, now: now, machine: &machine, events: &events)
    guard !proof.waits else {
      provisioner.seal(proof.handle, now: now, events: &events)
      return nil
    }
    return try activate(proof.handle, now: now)
  }

  /// Makes a task of a proved image.
  private mutating func activate(_ handle: UInt64, now: Instant) throws(ProvisioningError) -> Activation {
    let plan = try provisioner.plan(
      handle, now: now, machine: &machine, registries: registries, events: &events)
    if let old = plan.replacement?.pid { writeLastValues(of: old, now: now) }
    let stored = storedValues(for: plan.metadata, generation: 0)
    let activation = try provisioner.commit(
      plan, stored: stored, now: now, machine: &machine, registries: &registries, events: &events)
    start(activation, now: now)
    return activation
  }

  /// Gives a transfer up.
  ///
  /// - Returns: the bytes that had come.
  public mutating func loadAbort(
    _ key: Provisioner.Key, by caller: Provisioner.Caller, now: Instant
  ) throws(ProvisioningError) -> UInt32 {
    try provisioner.abort(key, by: caller, now: now, machine: &machine, events: &events)
  }

  /// How a transfer stands, or how it ended if that is not long ago.
  public func transferStatus(_ key: Provisioner.Key) throws(ProvisioningError) -> TransferStatus {
    try provisioner.status(key)
  }

  /// The transfers under way.
  public var transfers: [TransferStatus] { provisioner.transfers }

  /// Notes that a client session is gone; its transfers outlive it by their write timeout.
  public mutating func clientSessionEnded(_ owner: UInt64, now: Instant) {
    provisioner.clientSessionEnded(owner, now: now)
  }

  /// Lists a task that the Provisioner has made; the one that it replaces stops at this instant.
  private mutating func start(_ activation: Activation, now: Instant) {
    if let replacement = activation.replacement { succeed(replacement, now: now) }
    wake(activation.woken, now: now)
    let task = ExecutiveTask(activation, slice: scheduler.slice)
    let place = tasks.firstIndex { $0.pid > task.pid } ?? tasks.count
    tasks.insert(task, at: place)
    events.emit(
      .taskState(from: .loading, to: .ready, reason: .loaded, detail: nil), pid: task.pid, now: now)
    publishTransfers(now)
  }
}
