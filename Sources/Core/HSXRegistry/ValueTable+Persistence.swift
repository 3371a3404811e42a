public import HSXHAL
import HXE

extension ValueTable {
  /// How a value persists; the numbers are those of the system call.
  public enum PersistMode: UInt32, CaseIterable, Equatable, Sendable {
    /// Not at all.
    case volatile = 0
    /// It starts from what is stored; its changes are not.
    case load = 1
    /// It starts from what is stored, and its changes are stored.
    case loadAndSave = 2
  }

  /// What `persist` decided.
  public struct PersistResult: Equatable, Sendable {
    /// The answer.
    public var status: ValueStatus
    /// The key to read now; what is found goes to `restore`.
    public var loadKey: UInt16?
  }

  /// Says how a value persists. Its owner alone may: else `notPermitted`. `invalid` for an unknown mode, and for
  /// loading or saving a value that has no key. A write that is due is given up in the modes without saving.
  public mutating func persist(_ id: ObjectID, mode: UInt32, caller: Caller) -> PersistResult {
    guard let index = index(of: id) else { return PersistResult(status: .notFound) }
    guard caller.owns(all[index].owner) else { return PersistResult(status: .notPermitted) }
    guard let mode = PersistMode(rawValue: mode), mode == .volatile || all[index].persistKey != 0 else {
      return PersistResult(status: .invalid)
    }
    all[index].loads = mode != .volatile
    all[index].saves = mode == .loadAndSave
    if mode == .volatile {
      all[index].flags.remove(.persist)
    } else {
      all[index].flags.insert(.persist)
    }
    if mode != .loadAndSave { all[index].writeDue = nil }
    return PersistResult(status: .ok, loadKey: mode == .volatile ? nil : all[index].persistKey)
  }

  /// The earliest instant at which a write is due; nil if none is.
  public var nextWriteDue: Instant? {
    var earliest: Instant?
    for value in all {
      guard let due = value.writeDue else { continue }
      if let known = earliest, known <= due { continue }
      earliest = due
    }
    return earliest
  }

  /// Takes the writes that are due, at most `limit`, the longest due first. They are the caller's now; one that
  /// fails goes back with `scheduleWrite`.
  public mutating func takeDueWrites(now: Instant, limit: Int = .max) -> [PersistWrite] {
    var writes: [PersistWrite] = []
    while writes.count < limit, let index = longestDue(now) {
      all[index].writeDue = nil
      writes.append(write(of: all[index]))
    }
    return writes
  }

  /// Takes all writes of a task, due now or later, as one that goes away must.
  public mutating func takeWrites(of owner: UInt32) -> [PersistWrite] {
    let writes = pendingWrites(of: owner)
    for index in all.indices where all[index].owner == owner { all[index].writeDue = nil }
    return writes
  }

  /// Has the present values of a task that are stored written at `due`, or sooner if that was so already.
  public mutating func scheduleWrites(of owner: UInt32, due: Instant) {
    for value in all where value.owner == owner { _ = scheduleWrite(value.id, due: due) }
  }

  /// Has the present value written at `due`, or sooner if that was so already. False if it is not stored.
  public mutating func scheduleWrite(_ id: ObjectID, due: Instant) -> Bool {
    guard let index = index(of: id), all[index].saves else { return false }
    if let known = all[index].writeDue, known <= due { return true }
    all[index].writeDue = due
    return true
  }

  /// What a task's stored values are now, by key: what its next image starts from.
  public func storedValues(of owner: UInt32) -> [StoredValue] {
    all.filter { $0.owner == owner && $0.saves && $0.persistKey != 0 }.map {
      StoredValue(key: $0.persistKey, bits: $0.bits)
    }
  }

  /// The writes of a task that are due now or later.
  func pendingWrites(of owner: UInt32) -> [PersistWrite] {
    all.filter { $0.owner == owner && $0.writeDue != nil }.map(write)
  }

  private func write(of value: Value) -> PersistWrite {
    PersistWrite(id: value.id, key: value.persistKey, bits: value.bits)
  }

  private func longestDue(_ now: Instant) -> Int? {
    var found: (index: Int, due: Instant)?
    for index in all.indices {
      guard let due = all[index].writeDue, due <= now else { continue }
      if let known = found, known.due <= due { continue }
      found = (index, due)
    }
    return found?.index
  }
}
