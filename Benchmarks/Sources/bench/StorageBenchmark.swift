import Foundation
import HSXHAL
import HSXPersistence
import HSXSigning
import HSXSimulation

/// What a workload cost, each divided by its updates but the last two.
struct StorageCost: Encodable {
  var keys: Int
  var updates: Int
  var programmed: Double
  var erases: Double
  var syncs: Double
  /// The difference between the sector erased most and the one erased least, of those that were written to.
  var spread: Int
  /// Bytes read to find what holds.
  var mount: Int
  /// The most that those bytes may be.
  var mountLimit: Int

  enum CodingKeys: String, CodingKey {
    case keys, updates, programmed, erases, syncs, spread, mount
    case mountLimit = "mount_limit"
  }
}

/// A number beside the most that it may be.
struct StorageLimit: Encodable {
  var name: String
  var found: Double
  var most: Double
  var ok: Bool { found <= most }

  enum CodingKeys: String, CodingKey { case name, found, most, ok }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(found, forKey: .found)
    try container.encode(most, forKey: .most)
    try container.encode(ok, forKey: .ok)
  }
}

/// The same numbers as Scripts/compare-storage takes: the upper 31 bits of a linear congruence.
private struct Workload {
  private var state: UInt64 = 1

  mutating func next() -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33)
  }
}

private typealias BenchmarkStore = Store<608>

private func nor(_ size: Int) throws -> (SimulatedMemory, Geometry) {
  let geometry = Geometry(size: size, writeUnit: 8, eraseUnit: 4096, erasedValue: 0xFF, ratedCycles: 0)
  guard let geometry else { throw BenchmarkError(description: "that is no geometry") }
  return (SimulatedMemory(.nor, geometry), geometry)
}

/// The store on 64 KiB of NOR flash in 4 KiB sectors, `keys` values of 2 bytes, changed `updates` times at random.
private func cost(keys: Int, updates: Int) throws -> StorageCost {
  var (memory, geometry) = try nor(65_536)
  guard let layout = Layout.standard(for: geometry) else { throw BenchmarkError(description: "no layout") }
  var store = try BenchmarkStore.format(layout, in: &memory)
  for key in 0..<keys { try store.setValue(0, of: UInt16(key + 1), generation: 0, in: &memory) }
  let (programmed, syncs, erases) = (memory.bytesProgrammed, memory.syncs, memory.erases)
  var workload = Workload()
  var expected = [UInt16](repeating: 0, count: keys)
  for _ in 0..<updates {
    let key = workload.next() % keys
    expected[key] = UInt16(workload.next() & 0xFFFF)
    try store.setValue(expected[key], of: UInt16(key + 1), generation: 0, in: &memory)
  }
  let (done, synced) = (memory.bytesProgrammed - programmed, memory.syncs - syncs)
  let first = layout.ring.offset / geometry.eraseUnit
  let erased = zip(memory.erases, erases).map { $0 - $1 }
  let sectors = memory.erases[first..<first + layout.ring.pageCount]
  let readBefore = memory.bytesRead
  let mounted = try Journal<608>(mounting: layout.ring, in: &memory)
  let mount = memory.bytesRead - readBefore
  for key in 0..<keys where mounted.value(of: .value0, UInt16(key + 1)) != expected[key] {
    throw BenchmarkError(description: "a value is not what was stored")
  }
  guard memory.violations.isEmpty else { throw BenchmarkError(description: "\(memory.violations)") }
  return StorageCost(
    keys: keys, updates: updates, programmed: Double(done) / Double(updates),
    erases: Double(erased.reduce(0, +)) / Double(updates), syncs: Double(synced) / Double(updates),
    spread: (sectors.max() ?? 0) - (sectors.min() ?? 0), mount: mount,
    mountLimit: 4 * layout.ring.pageSize + 16 * (layout.ring.pageCount - 4))
}

/// The store on 512 KiB of NOR flash, with slots for 64 KiB and their descriptors.
private struct ImageBenchmark {
  private var memory: SimulatedMemory
  private var store: BenchmarkStore
  private var workload = Workload()
  /// Bytes written for each byte of an image, at most: its descriptor, its progress and the proof of it included.
  private(set) var perByte = 0.0
  /// Bytes of records of one change of slots' states, at most.
  private(set) var perChange = 0

  init() throws {
    var (memory, geometry) = try nor(0x8_0000)
    let layout = Layout(
      ring: Ring(offset: 0x2000, pageSize: 0x1000, pageCount: 8),
      log: Ring(offset: 0xA000, pageSize: 0x1000, pageCount: 4), trust: 0xE000..<0x1_0000,
      slotsOffset: 0x1_0000, slotSize: 0x1_1000, slotCount: 4, validating: geometry)
    guard let layout else { throw BenchmarkError(description: "no layout") }
    store = try BenchmarkStore.format(layout, in: &memory)
    // The first write of a start turns the page.
    try store.setValue(1, of: 1, generation: 0, in: &memory)
    self.memory = memory
  }

  /// Three images of one app take over from each other, so that the first is retired; then the last is rejected.
  mutating func run() throws {
    var last: UInt16 = 0
    for number in 1...3 {
      last = try install()
      try change { store, memory, batch throws(StoreError) in
        _ = try store.activate(last, attempts: 3, into: &batch, in: &memory)
      }
      guard number < 3 else { continue }
      try change { store, _, batch throws(StoreError) in try store.confirm(last, into: &batch) }
    }
    try change { store, _, batch throws(StoreError) in try store.reject(last, .fault, into: &batch) }
    guard memory.violations.isEmpty else { throw BenchmarkError(description: "\(memory.violations)") }
  }

  private mutating func install() throws -> UInt16 {
    let image = (0..<65_536).map { _ in UInt8(workload.next() & 0xFF) }
    var hash = SHA256Digest()
    hash.update(image.span)
    let before = memory.bytesProgrammed
    var staging = try store.stage(
      length: image.count, sha256: hash.finish(), digest: SHA256Digest.self, in: &memory)
    for start in stride(from: 0, to: image.count, by: 4096) {
      try store.write(image.span.extracting(start..<start + 4096), to: &staging, in: &memory)
    }
    var descriptor = ImageDescriptor()
    descriptor.setName("benchmark".utf8.span)
    try store.seal(&staging, as: descriptor, in: &memory)
    perByte = max(perByte, Double(memory.bytesProgrammed - before) / Double(image.count))
    return staging.slot
  }

  private mutating func change(
    _ body: (inout BenchmarkStore, inout SimulatedMemory, inout Batch<608>) throws(StoreError) -> Void
  ) throws {
    var batch = Batch<608>()
    try body(&store, &memory, &batch)
    let before = memory.bytesProgrammed
    try store.commit(batch, in: &memory)
    perChange = max(perChange, memory.bytesProgrammed - before)
  }
}

/// Measures the store and prints one JSON object: costs, and limits that it must keep.
///
/// - Parameters:
///   - updates: of the runs that are compared.
///   - long: of the run that shows the spread.
/// - Returns: whether all limits are kept.
func storageBenchmark(updates: Int, long: Int) throws -> Bool {
  struct Report: Encodable {
    var costs: [StorageCost]
    var limits: [StorageLimit]
  }
  let few = try cost(keys: 64, updates: updates)
  let many = try cost(keys: 256, updates: updates)
  let endless = try cost(keys: 64, updates: long)
  var image = try ImageBenchmark()
  try image.run()
  let limits = [
    StorageLimit(name: "bytes programmed an update, 64 keys", found: endless.programmed, most: 9.5),
    StorageLimit(name: "bytes programmed an update, 256 keys", found: many.programmed, most: 10),
    StorageLimit(name: "erases an update, 64 keys", found: endless.erases, most: 0.0023),
    StorageLimit(
      name: "spread of erases after \(long) updates", found: Double(endless.spread), most: 1),
    StorageLimit(
      name: "bytes read at mount, 64 keys", found: Double(few.mount), most: Double(few.mountLimit)),
    StorageLimit(
      name: "bytes read at mount, 256 keys", found: Double(many.mount), most: Double(many.mountLimit)),
    StorageLimit(name: "bytes written a byte of a 64 KiB image", found: image.perByte, most: 1.005),
    StorageLimit(name: "bytes of records a state change", found: Double(image.perChange), most: 64),
  ]
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys]
  let report = Report(costs: [few, many, endless], limits: limits)
  print(String(decoding: try encoder.encode(report), as: UTF8.self))
  return limits.allSatisfy(\.ok)
}
