public import HSXHAL
public import HSXMailbox
public import HSXRegistry
import HXE
import MiniVM

/// What images declare, of all tasks: values, commands and mailboxes, registered all or none.
public struct Registries: Sendable {
  /// Values and commands.
  public var objects: Registry
  /// Mailboxes.
  public var mailboxes: MailboxTable

  /// Empty registries with the policy's limits.
  public init(policy: Policy) {
    objects = Registry(limits: policy.budget.registry)
    mailboxes = MailboxTable(limits: policy.budget.mailboxes)
  }

  /// Refuses what `register` could not do. Changes nothing.
  func check(
    _ metadata: Metadata, for pid: PID, replacing: Replacement?
  ) throws(ProvisioningError) {
    if let error = objects.canDeclare(metadata, owner: pid, replacing: replacing) {
      throw ProvisioningError(error, for: pid)
    }
    let refusal = mailboxes.canDeclare(
      metadata.mailboxes, owner: pid, replacing: replacing?.removed, superseding: replacing?.standby)
    if let refusal { throw ProvisioningError(refusal, in: metadata.mailboxes) }
  }

  /// Registers everything that an image declares, and its task's own boxes, at one instant. With `replacing`, that
  /// task's go or stand aside at the same instant.
  ///
  /// - Returns: the waits of other tasks that end because their box is gone.
  /// - Throws: what `check` would have refused; nothing has changed then.
  mutating func register(
    _ metadata: Metadata, for pid: PID, replacing: Replacement?, stored: [StoredValue], now: Instant,
    events: inout EventQueue
  ) throws(ProvisioningError) -> [Woken] {
    try check(metadata, for: pid, replacing: replacing)
    let woken: [Woken]
    do throws(RegistryError) {
      let removal = try objects.declare(metadata, owner: pid, replacing: replacing, stored: stored)
      report(removal.capacityChanges, now: now, events: &events)
    } catch {
      throw ProvisioningError(error, for: pid)
    }
    do throws(DeclarationRefusal) {
      let removal = try mailboxes.declare(
        metadata.mailboxes, owner: pid, replacing: replacing?.removed, superseding: replacing?.standby)
      woken = removal.woken
    } catch {
      throw ProvisioningError(error, in: metadata.mailboxes)
    }
    for descriptor in metadata.values {
      events.emit(
        .valueRegistered(
          objectID: descriptor.objectID, flags: descriptor.flags.rawValue, authLevel: descriptor.authLevel,
          owner: pid, name: metadata.bytes(descriptor.name), group: metadata.bytes(descriptor.groupName)),
        pid: pid, now: now)
    }
    return woken
  }

  /// Gives a task that stood aside back what it had at the swap. Its replacement must be gone.
  mutating func restore(
    _ pid: PID, _ declared: [DeclaredMailbox], now: Instant, events: inout EventQueue
  ) {
    report(objects.restoreStandby(pid), now: now, events: &events)
    mailboxes.restore(declared, of: pid)
  }

  /// Gives back everything that a task has.
  ///
  /// - Returns: the waits of other tasks that end because their box is gone.
  mutating func remove(_ pid: PID, now: Instant, events: inout EventQueue) -> [Woken] {
    report(objects.dropStandby(pid), now: now, events: &events)
    report(objects.remove(owner: pid).capacityChanges, now: now, events: &events)
    return mailboxes.removeTask(pid).woken
  }

  /// Tells which registries have become nearly full, or are so no longer.
  public func report(_ changes: [CapacityChange], now: Instant, events: inout EventQueue) {
    for change in changes {
      let used = UInt32(clamping: change.used)
      let capacity = UInt32(clamping: change.capacity)
      let limit = Limit(change.resource)
      events.emit(
        .warning(
          change.isRaised
            ? .registryNearlyFull(limit, used: used, capacity: capacity)
            : .registryRelieved(limit, used: used, capacity: capacity)),
        pid: nil, now: now)
    }
  }
}

extension Metadata {
  /// A string's bytes, cut to what an event may carry; none for nil.
  fileprivate func bytes(_ range: TextRange?) -> [UInt8] {
    guard let range else { return [] }
    let start = Int(range.start)
    return [UInt8](text[start..<start + min(Int(range.count), EventQueue.payloadLimit)])
  }
}

extension Replacement {
  /// The task that is gone with the swap.
  fileprivate var removed: PID? {
    switch self {
    case .removed(let pid), .removedBefore(let pid, _): pid
    case .setAside: nil
    }
  }

  /// The task that stands aside after the swap.
  fileprivate var standby: PID? {
    switch self {
    case .removed: nil
    case .setAside(let pid), .removedBefore(_, let pid): pid
    }
  }
}

extension Limit {
  init(_ resource: RegistryResource) {
    self =
      switch resource {
      case .values: .values
      case .commands: .commands
      case .strings: .stringBytes
      case .subscriptions: .subscriptions
      }
  }
}

extension ProvisioningError {
  init(_ error: RegistryError, for pid: PID) {
    self =
      switch error {
      case .valueExists(let id, let owner): .valueExists(objectID: id.rawValue, owner: owner)
      case .commandExists(let id, let owner): .commandExists(objectID: id.rawValue, owner: owner)
      case .persistKeyTaken(let key, _, let owner):
        owner == pid ? .persistKeyRepeated(key: key) : .persistKeyExists(key: key, owner: owner)
      case .noSpace(let resource, let needed, let available):
        .budget(Limit(resource), needed: UInt32(clamping: needed), available: UInt32(clamping: available))
      // The parser has let neither through.
      case .handlerUnaligned(let id, let offset):
        .outOfRange(.handler, found: UInt64(offset), least: 0, most: UInt64(id.rawValue))
      case .invalidDescriptor: .image(ImageError(.stringOutOfRange, at: 0))
      }
  }

  init(_ refusal: DeclarationRefusal, in declarations: [MailboxDescriptor]) {
    let target = refusal.index.map { declarations[$0].target } ?? ShortName()
    self =
      switch refusal.error {
      case .descriptorsExhausted(let needed, let available):
        .budget(.mailboxes, needed: UInt32(clamping: needed), available: UInt32(clamping: available))
      case .handlesExhausted(let limit):
        .budget(.mailboxHandles, needed: 3, available: UInt32(clamping: limit))
      case .bytesExhausted(let needed, let available):
        .budget(.mailboxBytes, needed: needed, available: available)
      case .modeConflict: .mailboxExists(target)
      case .duplicateTarget, .invalidTarget, .notOwner, .noSuchMailbox, .noSuchTask, .notPermitted:
        .mailboxTargetInvalid(target)
      }
  }
}
