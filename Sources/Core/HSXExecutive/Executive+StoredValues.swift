public import HSXHAL
public import HSXPersistence
public import HSXProvisioning
import HSXRegistry
import HXE
import MiniVM

// Where values meet the store: what they start from, and when what they have become is written.
extension Executive where Memory: ~Copyable {
  /// Numbers that are stored in one go, so that a call costs one turn of a page at most.
  private static var writesAtOnce: Int { 8 }
  /// Writes of tasks that are gone which are kept for another try; beyond that the oldest is lost.
  private static var orphanLimit: Int { 256 }

  // MARK: The store

  /// Gives the executive its store. To be called before anything is loaded, since what runs already is not restored.
  ///
  /// Nothing is written, and nothing is ever formatted. What is wrong with the memory is told in warnings.
  ///
  /// - Throws: what the mount finds; the executive goes on without a store then.
  public mutating func attachStorage(
    _ memory: consuming Memory, now: Instant = .zero
  ) throws(StoreError) {
    storage = try Storage(mounting: memory)
    noteCondition(now)
    noteWear(now)
  }

  // MARK: Reading

  /// What a key starts from: what waits to be written before what is written.
  mutating func stored(_ key: UInt16, generation: UInt8) -> StoredValue? {
    if let orphan = orphans.last(where: { $0.key == key && $0.generation == generation }) {
      return StoredValue(key: key, bits: orphan.bits)
    }
    return storage?.value(of: key, generation: generation).map { StoredValue(key: key, bits: $0) }
  }

  /// What the values that an image declares start from.
  mutating func storedValues(for metadata: Metadata, generation: UInt8) -> [StoredValue] {
    var found: [StoredValue] = []
    guard storageCondition != nil else { return found }
    for descriptor in metadata.values where descriptor.persistKey != 0 {
      if let value = stored(descriptor.persistKey, generation: generation) { found.append(value) }
    }
    return found
  }

  // MARK: Writing

  /// Stores the values that are due, a few at a time; the rest is due at once again.
  mutating func writeDueValues(_ now: Instant) {
    guard storageCondition != nil, writeBackoff.allows(now) else { return }
    var writes = [KeyedWrite](orphans.prefix(Self.writesAtOnce))
    orphans.removeFirst(writes.count)
    let due = registries.objects.values.takeDueWrites(now: now, limit: Self.writesAtOnce - writes.count)
    for write in due { writes.append(keyed(write)) }
    _ = put(writes, now: now)
  }

  /// Stores everything that is due now or later. For a graceful stop.
  ///
  /// - Throws: `store` with the first failure; what could not be stored is still due, unless its key is none.
  public mutating func flush(now: Instant) throws(ProvisioningError) {
    guard storageCondition != nil else { return }
    writeBackoff.succeeded()
    var invalid: StoreError?
    while true {
      var writes = [KeyedWrite](orphans.prefix(Self.writesAtOnce))
      orphans.removeFirst(writes.count)
      let due = registries.objects.values.takeDueWrites(
        now: Instant(microseconds: .max), limit: Self.writesAtOnce - writes.count)
      for write in due { writes.append(keyed(write)) }
      guard !writes.isEmpty else { break }
      guard let error = put(writes, now: now) else { continue }
      if case .keyInvalid = error {
        invalid = invalid ?? error
      } else {
        throw .store(error)
      }
    }
    if let invalid { throw .store(invalid) }
  }

  /// Stores what a task that is about to go has not yet stored.
  mutating func writeLastValues(of pid: PID, now: Instant) {
    guard storageCondition != nil else { return }
    let writes = registries.objects.values.takeWrites(of: pid).map { keyed($0) }
    guard !writes.isEmpty else { return }
    // When the memory fails there is no sense in asking it again before its time.
    guard writeBackoff.allows(now) else { return keep(writes) }
    _ = put(writes, now: now)
    let left = registries.objects.values.takeWrites(of: pid).map { keyed($0) }
    keep(left)
  }

  /// When writing has something to do next; nil if nothing waits.
  var nextWrite: Instant? {
    guard storageCondition != nil else { return nil }
    let due = orphans.isEmpty ? registries.objects.values.nextWriteDue : .zero
    guard let due else { return nil }
    return max(due, writeBackoff.until ?? .zero)
  }

  /// Stores `writes`, tells of each, and gives back what failed.
  private mutating func put(_ writes: [KeyedWrite], now: Instant) -> StoreError? {
    guard !writes.isEmpty else { return nil }
    do throws(StoreError) {
      try storage?.commit(writes)
      acknowledge(writes, now: now)
      writeBackoff.succeeded()
      noteCondition(now)
      return nil
    } catch {
      switch error {
      // What is wrong with one of them must not keep the others waiting.
      case .full, .keyInvalid: return putEach(writes, now: now)
      default:
        giveBack(writes, error, now: now)
        return error
      }
    }
  }

  private mutating func putEach(_ writes: [KeyedWrite], now: Instant) -> StoreError? {
    var failure: StoreError?
    for write in writes {
      do throws(StoreError) {
        try storage?.commit([write])
        acknowledge([write], now: now)
      } catch {
        failure = failure ?? error
        if case .keyInvalid = error {
          // It will never be stored, so it is told and not tried again.
          report(error, of: write, now: now)
        } else {
          giveBack([write], error, now: now)
        }
      }
    }
    noteCondition(now)
    return failure
  }

  private mutating func acknowledge(_ writes: [KeyedWrite], now: Instant) {
    for write in writes {
      events.emit(
        .valueStored(objectID: write.id.rawValue, owner: write.owner, bits: write.bits, key: write.key),
        pid: write.owner,
        now: now)
    }
  }

  private mutating func giveBack(_ writes: [KeyedWrite], _ error: StoreError, now: Instant) {
    writeBackoff.failed(now)
    if let first = writes.first { report(error, of: first, now: now) }
    for write in writes {
      let isKnown = registries.objects.values[write.id].map { $0.owner == write.owner } ?? false
      if isKnown, registries.objects.values.scheduleWrite(write.id, due: now) { continue }
      keep([write])
    }
  }

  /// Keeps writes whose task is gone; a later one of the same key takes the place of an earlier one.
  private mutating func keep(_ writes: [KeyedWrite]) {
    for write in writes {
      orphans.removeAll { $0.key == write.key && $0.generation == write.generation }
      if orphans.count == Self.orphanLimit { orphans.removeFirst() }
      orphans.append(write)
    }
  }

  private mutating func report(_ error: StoreError, of write: KeyedWrite, now: Instant) {
    let task = tasks.first { $0.pid == write.owner }
    let facts = TransferFacts(
      handle: nil, phase: .ready, appName: task?.name ?? ShortName(), source: task?.source ?? .rpc(peer: []))
    events.emit(.transferError(facts, .store(error), stage: .persist), pid: write.owner, now: now)
  }

  private func keyed(_ write: PersistWrite) -> KeyedWrite {
    let owner = registries.objects.values[write.id]?.owner ?? 0
    return KeyedWrite(
      id: write.id, owner: owner, key: write.key,
      generation: tasks.first { $0.pid == owner }?.generation ?? 0, bits: write.bits)
  }
}
