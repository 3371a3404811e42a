import HSXHAL
public import HSXPersistence
import HSXProvisioning
import HSXRegistry

/// The store of an executive: 256 keys in two generations, the slots and their floors.
public typealias StateStore = Store<608>

/// The store, with the memory in which it lies and what is on its way into it. Its calls are the only ones that wait.
struct Storage<Memory: NonvolatileMemory & ~Copyable, Digest: StreamingDigest>: ~Copyable {
  var store: StateStore
  var memory: Memory
  /// The images of transfers that are not active yet.
  var staged: [StagedImage<Digest>] = []
  /// The persist keys of stored images, as far as they were asked for.
  var knownKeys: [(slot: UInt16, keys: [UInt16])] = []

  /// Finds what holds in `memory`. Writes nothing.
  init(mounting memory: consuming Memory) throws(StoreError) {
    var memory = memory
    store = try StateStore(mounting: &memory)
    self.memory = memory
  }

  /// What is stored under a key. Reads no memory.
  func value(of key: UInt16, generation: UInt8) -> UInt16? {
    store.value(of: key, generation: generation)
  }

  /// Stores all of `writes` or none; those that hold already are not written again.
  mutating func commit(_ writes: [KeyedWrite]) throws(StoreError) {
    var batch = StateBatch()
    for index in writes.indices {
      let write = writes[index]
      // Of two under one key the later one counts, also if it is what is stored already.
      let isOverridden = writes[(index + 1)...].contains {
        $0.key == write.key && $0.generation == write.generation
      }
      // What holds may have been read from a word that reads otherwise at the next boot, until this one has written.
      let isThere = store.isSettled && value(of: write.key, generation: write.generation) == write.bits
      guard !isOverridden, !isThere else { continue }
      try batch.append(Record(.value(generation: write.generation), write.key, write.bits))
    }
    guard batch.count > 0 else { return }
    try store.commit(batch, in: &memory)
  }
}

/// A batch of that store.
typealias StateBatch = Batch<608>

/// A number on its way to the store.
struct KeyedWrite: Equatable, Sendable {
  /// The value, and the task that it belonged to when it was taken.
  var id: ObjectID
  var owner: UInt32
  var key: UInt16
  var generation: UInt8
  var bits: UInt16
}

/// When writing is tried again after a failure: each time later than the last, up to a minute.
struct WriteBackoff: Equatable, Sendable {
  private static var shortest: UInt32 { 100 }
  private static var longest: UInt32 { 60_000 }

  /// Before this instant nothing is tried.
  private(set) var until: Instant?
  private var delay: UInt32 = 0

  mutating func failed(_ now: Instant) {
    delay = min(max(Self.shortest, delay * 2), Self.longest)
    until = now.advanced(byMilliseconds: delay)
  }

  mutating func succeeded() {
    until = nil
    delay = 0
  }

  func allows(_ now: Instant) -> Bool {
    until.map { now >= $0 } ?? true
  }
}
