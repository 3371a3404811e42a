import HSXMailbox
public import HSXHAL
public import HSXProvisioning
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
    let activation = try provisioner.load(
      image, options: options, nonce: nonce, now: now, machine: &machine, registries: &registries,
      events: &events)
    if let activation { start(activation, now: now) }
    return activation
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

  /// Closes a transfer; see `Provisioner.end`.
  public mutating func loadEnd(
    _ key: Provisioner.Key, by caller: Provisioner.Caller, now: Instant
  ) throws(ProvisioningError) -> Activation? {
    provisioner.advance(to: now, machine: &machine, events: &events)
    let activation = try provisioner.end(
      key, by: caller, now: now, machine: &machine, registries: &registries, events: &events)
    if let activation { start(activation, now: now) }
    return activation
  }

  /// Activates a sealed image; see `Provisioner.activate`.
  public mutating func activate(
    _ key: Provisioner.Key, by caller: Provisioner.Caller, now: Instant
  ) throws(ProvisioningError) -> Activation {
    provisioner.advance(to: now, machine: &machine, events: &events)
    let activation = try provisioner.activate(
      key, by: caller, now: now, machine: &machine, registries: &registries, events: &events)
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
