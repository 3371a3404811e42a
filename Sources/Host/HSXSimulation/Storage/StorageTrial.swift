import HSXHAL
import HSXPersistence

/// One memory with its journal, and beside it what may be true: a value, so that every fault forks it.
///
/// The model is a list of states. After an acknowledged update there is one. An update that was cut short adds itself, on
/// top of what was read; nothing else may ever be seen. An update is in a state or it is not: a part of it is no state.
struct StorageTrial: Sendable {
  let configuration: StorageConfiguration
  var memory: SimulatedMemory
  var journal: StoreJournal
  /// What may be read at the next boot.
  private(set) var candidates: [StorageState]
  /// What was read at this boot, with what was stored since.
  private(set) var observed: StorageState
  /// What does not hold; the first that did not.
  private(set) var problem: StorageProblem?
  /// Whether the device is whole: then nothing may be refused.
  var isHealthy = true
  /// Every value that a key ever had, for telling a wrong one from an old one.
  private(set) var seen: Set<UInt64> = []

  /// What happened, if it is told.
  var story: [String]?

  /// A formatted ring in a new memory.
  init(_ configuration: StorageConfiguration) throws(StoreError) {
    self.configuration = configuration
    memory = configuration.memory
    journal = try StoreJournal(formatting: configuration.ring, in: &memory)
    observed = StorageState()
    candidates = [observed]
    for key in 0..<16 { seen.insert(Self.mark(key, StorageState.nothing)) }
  }

  /// The power goes, if it has not yet, with everything that was not synced; it comes back, and the ring is mounted.
  mutating func boot() {
    guard let seen = remount(), !candidates.contains(seen) else { return }
    tell { "  may be \($0.candidates)" }
    fail(classify(seen))
  }

  /// The same without judging what is read; nil if it does not mount.
  mutating func remount() -> StorageState? {
    guard problem == nil else { return nil }
    if memory.isPowered { memory.cutNow(lost: .max) }
    memory.powerUp()
    do {
      journal = try StoreJournal(mounting: configuration.ring, in: &memory)
    } catch {
      story?.append("boot: \(error)")
      fail(.notMounted)
      return nil
    }
    let seen = StorageState(of: journal, keys: configuration.keys)
    if seen.count + retired != journal.count { fail(.wrong) }
    checkMemory()
    observed = seen
    tell { "boot: \(seen), condition \($0.journal.condition.rawValue), \($0.ringMap)" }
    return seen
  }

  /// Stores an update, with a cut in it if there is one. True if it was acknowledged.
  @discardableResult
  mutating func write(_ update: StorageUpdate, cut: (after: Int, tear: Tear)? = nil) -> Bool {
    guard problem == nil else { return false }
    if let cut { memory.cut(after: cut.after, cut.tear) }
    let after = update.applied(to: observed)
    for change in update.changes {
      seen.insert(Self.mark(change.key, change.value.map(UInt32.init) ?? StorageState.nothing))
    }
    var isStored = true
    let steps = memory.steps
    do { try journal.commit(update.records.span, in: &memory) } catch {
      isStored = false
      if case .full(let needed, let available) = error {
        // Too much for a page: nothing was touched.
        if needed <= available || needed < update.changes.count { fail(.refused) }
        memory.cancelCut()
        if memory.steps != steps || StorageState(of: journal, keys: configuration.keys) != observed {
          fail(.disagrees)
        }
        return false
      }
    }
    memory.cancelCut()
    checkMemory()
    tell { "write: \(update) \(isStored ? "stored" : "not stored"), \($0.ringMap)" }
    if isStored {
      // Nothing at all was asked: nothing is settled.
      if !update.changes.isEmpty { candidates = [after] }
      observed = after
      if StorageState(of: journal, keys: configuration.keys) != after { fail(.disagrees) }
      return true
    }
    if memory.isPowered {
      if isHealthy { fail(.refused) }
      if StorageState(of: journal, keys: configuration.keys) != observed { fail(.disagrees) }
    }
    for state in [observed, after] where !candidates.contains(state) { candidates.append(state) }
    return false
  }

  private mutating func tell(_ line: (StorageTrial) -> String) {
    guard story != nil else { return }
    let line = line(self)
    story?.append(line)
  }

  /// Notes what does not hold.
  mutating func fail(_ problem: StorageProblem) {
    if self.problem == nil { self.problem = problem }
  }

  /// What a state that may not be is: worse than old, or only old.
  func classify(_ state: StorageState) -> StorageProblem {
    for key in 0..<configuration.keys where !seen.contains(Self.mark(key, state.values[key])) {
      return .wrong
    }
    let isMixture = (0..<configuration.keys).allSatisfy { key in
      candidates.contains { $0.values[key] == state.values[key] }
    }
    return isMixture ? .halfDone : .lost
  }

  /// Whether the journal says that something may be missing.
  var saysSo: Bool { !journal.condition.isDisjoint(with: [.degraded, .lastUpdateUnknown]) }

  private var retired: Int {
    var count = 0
    for index in 0..<journal.count where journal.record(at: index).kind == .retired { count += 1 }
    return count
  }

  private mutating func checkMemory() {
    if !memory.violations.isEmpty { fail(.violation) }
  }

  /// The pages, each by its first bytes and how many of its bytes are not erased.
  private var ringMap: String {
    let ring = configuration.ring
    return (0..<ring.pageCount).map { page in
      let start = ring.offset + page * ring.pageSize
      let sequence = (4..<8).reversed().reduce(0) { $0 << 8 | Int(memory.byte(at: start + $1)) }
      let last = (start..<start + ring.pageSize).last {
        memory.byte(at: $0) != configuration.geometry.erasedValue
      }
      return "\(String(sequence, radix: 16))+\((last ?? start) - start)"
    }.joined(separator: " ")
  }

  private static func mark(_ key: Int, _ value: UInt32) -> UInt64 { UInt64(key) << 32 | UInt64(value) }
}
