import HSXHAL
public import HSXPersistence
public import HSXProvisioning
import HSXRegistry

/// What the audit log tells of images: the codes of its records. A record's subject is the slot, its detail the revision; of a
/// rejection the number of its cause stands in the detail's upper half.
public enum AuditCode: UInt16, CaseIterable, Equatable, Sendable {
  /// An image is complete in its slot.
  case stored = 1
  /// It is its app's active image.
  case activated = 2
  /// It has proved itself.
  case confirmed = 3
  /// It has failed; the image before it is active again.
  case rejected = 4
  /// An image was refused, since the same failed before in that slot.
  case refused = 5
}

extension Executive where Memory: ~Copyable {
  /// What has happened to images, the newest first, at most `limit` records.
  ///
  /// - Throws: `noStore`.
  public mutating func auditTrail(limit: Int) throws(ProvisioningError) -> [AuditRecord] {
    guard storageCondition != nil else { throw .noStore }
    return storage?.auditTrail(limit: limit) ?? []
  }

  /// Notes what has happened to the image in a slot. A log that cannot be written holds up nothing.
  mutating func audit(
    _ code: AuditCode, _ slot: UInt16, cause: SlotState.Cause = .other, isRefusal: Bool = false, now: Instant
  ) {
    let revision = storage?.facts(of: slot).revision ?? 0
    let record = AuditRecord(
      code: code.rawValue, subject: UInt32(slot), detail: revision & 0xFFFF | UInt32(cause.rawValue) << 16)
    do throws(StoreError) {
      try storage?.append(record, isRefusal: isRefusal, now: now)
    } catch {
      return
    }
  }

  // MARK: The memory's health

  /// Takes over what the store knows of its memory, and tells what is new.
  mutating func noteCondition(_ now: Instant) {
    let before = storageWarnings
    let found = storage?.store.condition ?? []
    storageCondition = storage == nil ? nil : found
    // Near the end of the memory's life changes are gathered four times longer.
    registries.objects.values.debounceFactor = found.contains(.worn) ? 4 : 1
    storageWarnings = StorageWarning.allCases.filter { warning in
      switch warning {
      case .degraded: found.contains(.degraded)
      case .lastUpdateUnknown: found.contains(.lastUpdateUnknown)
      case .corrected: found.contains(.corrected)
      case .wearing: before.contains(.wearing)
      case .worn: found.contains(.worn)
      case .superblockDamaged: found.contains(.superblockDamaged)
      }
    }
    for warning in storageWarnings where !before.contains(warning) {
      events.emit(.warning(.storage(warning)), pid: nil, now: now)
    }
  }

  /// Reads the store's records again and heals what has faded, once a day, when nothing else is due. Nobody is woken for it.
  mutating func scrubIfIdle(_ now: Instant) {
    guard storageCondition != nil, let last = lastScrub else {
      lastScrub = now
      return
    }
    guard now >= last.advanced(byMilliseconds: 86_400_000), provisioner.transferCount == 0,
      nextDeadline.map({ $0 > now }) ?? true
    else { return }
    lastScrub = now
    do throws(StoreError) {
      try storage?.scrub()
    } catch {
      // What cannot be written now is tried again the next day; a write of values tells of it before.
      return
    }
    noteCondition(now)
  }

  /// Tells if the memory has seen most of its cycles. Reads the headers of the ring's pages.
  mutating func noteWear(_ now: Instant) {
    guard let wear = storage?.wear(), wear.percent >= 80 else { return }
    storageWarnings.append(.wearing)
    events.emit(.warning(.storage(.wearing)), pid: nil, now: now)
  }
}

extension Storage where Memory: ~Copyable {
  mutating func append(_ record: AuditRecord, isRefusal: Bool, now: Instant) throws(StoreError) {
    _ = try store.log.append(record, isRefusal: isRefusal, at: now, in: &memory)
  }

  mutating func scrub() throws(StoreError) {
    _ = try store.scrub(in: &memory)
  }

  mutating func wear() -> Wear { store.wear(in: &memory) }

  mutating func flushLog(_ now: Instant) throws(StoreError) {
    try store.log.flush(at: now, in: &memory)
  }

  mutating func auditTrail(limit: Int) -> [AuditRecord] {
    var records: [AuditRecord] = []
    var cursor = AuditCursor()
    while records.count < limit, let record = cursor.next(of: store.log, in: &memory) {
      records.append(record)
    }
    return records
  }
}
