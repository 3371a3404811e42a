/// The same updates for the same seed: values that change, equal ones, new keys, tombstones, batches, restarts.
public struct StorageWorkload: Sendable {
  /// What comes next.
  public enum Step: Equatable, Sendable {
    /// An update.
    case update(StorageUpdate)
    /// The power goes and comes back while nothing is in flight.
    case restart
  }

  private var random: SeededGenerator
  private let keys: Int
  private let largestBatch: Int

  /// The workload of `seed`.
  public init(seed: UInt64, configuration: StorageConfiguration) {
    random = SeededGenerator(seed: seed &* 0x2545_F491_4F6C_DD1D)
    keys = configuration.keys
    largestBatch = configuration.largestBatch
  }

  /// The next step, from what holds.
  public mutating func next(_ state: StorageState) -> Step {
    random.next() % 24 == 0 ? .restart : .update(update(of: state))
  }

  /// An update of what holds.
  public mutating func update(of state: StorageState) -> StorageUpdate {
    switch random.next() % 32 {
    case 0: return StorageUpdate(changes: [])
    case 1: return StorageUpdate(changes: [change(of: state, forgets: true)])
    case 3:
      // The value that is there already.
      let key = heldKey(state)
      return StorageUpdate(changes: [StorageUpdate.Change(key: key, value: state[key] ?? 7)])
    case 4..<9:
      let count = 2 + Int(random.next() % UInt64(largestBatch - 1))
      return StorageUpdate(
        changes: (0..<count).map { _ in change(of: state, forgets: random.next() % 8 == 0) })
    case 2, 9, 10:
      let key = Int(random.next() % UInt64(keys))
      return StorageUpdate(changes: [StorageUpdate.Change(key: key, value: value())])
    default: return StorageUpdate(changes: [change(of: state, forgets: false)])
    }
  }

  private mutating func change(of state: StorageState, forgets: Bool) -> StorageUpdate.Change {
    let key = random.next() % 5 == 0 ? Int(random.next() % UInt64(keys)) : heldKey(state)
    return StorageUpdate.Change(key: key, value: forgets ? nil : value())
  }

  private mutating func heldKey(_ state: StorageState) -> Int {
    let start = Int(random.next() % UInt64(keys))
    for step in 0..<keys where state[(start + step) % keys] != nil { return (start + step) % keys }
    return start
  }

  /// Small numbers come often, as do the two erased ones: the same value is met again, and looks like no value.
  private mutating func value() -> UInt16 {
    switch random.next() % 8 {
    case 0: 0
    case 1: 0xFFFF
    case 2, 3: UInt16(random.next() % 4)
    default: UInt16(truncatingIfNeeded: random.next())
    }
  }
}
