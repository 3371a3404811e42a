import HSXHAL
import HSXSimulation
import Testing

@testable import HSXPersistence

/// A store of 256 KiB of NOR with three slots.
private struct SlotFixture {
  var memory: SimulatedMemory
  var store: Store<48>

  init() throws {
    let geometry = try #require(
      Geometry(size: 0x4_0000, writeUnit: 8, eraseUnit: 4096, erasedValue: 0xFF, ratedCycles: 0))
    memory = SimulatedMemory(.nor, geometry)
    store = try Store.format(try #require(Layout.standard(for: geometry)), in: &memory)
  }

  mutating func restart() throws(StoreError) {
    memory.powerUp()
    store = try Store(mounting: &memory)
  }

  static func image(_ seed: Int) -> [UInt8] {
    (0..<12_000).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 251 + seed * 31) }
  }

  mutating func stage(_ image: [UInt8]) throws(StoreError) -> Staging<SimulatedDigest> {
    var digest = SimulatedDigest()
    digest.update(image.span)
    return try store.stage(
      length: image.count, sha256: digest.finish(), digest: SimulatedDigest.self, in: &memory)
  }

  mutating func write(
    _ image: [UInt8], upTo end: Int, to staging: inout Staging<SimulatedDigest>
  ) throws(StoreError) {
    try store.write(image.span.extracting(staging.offset..<end), to: &staging, in: &memory)
  }

  mutating func install(_ image: [UInt8]) throws(StoreError) -> UInt16 {
    var staging = try stage(image)
    try write(image, upTo: image.count, to: &staging)
    try store.seal(&staging, as: ImageDescriptor(), in: &memory)
    return staging.slot
  }

  mutating func change(
    _ body: (inout Store<48>, inout Batch<48>) throws(StoreError) -> Void
  ) throws(StoreError) {
    var batch = Batch<48>()
    try body(&store, &batch)
    try store.commit(batch, in: &memory)
  }
}

/// Rules of the slots of which a search among cuts meets the case seldom or never.
@Suite("Rules of the slots")
struct SlotRuleTests {
  @Test("an image does not go on in a slot whose erase for another was cut short, though it reads as it was")
  func recordedFirst() throws {
    var fixture = try SlotFixture()
    for seed in 1...2 { _ = try fixture.install(SlotFixture.image(seed)) }
    let image = SlotFixture.image(3)
    var staging = try fixture.stage(image)
    try fixture.write(image, upTo: 10_000, to: &staging)
    let slot = staging.slot
    try fixture.restart()
    // The page of the ring turns here, so that the next erase is the slot's.
    try fixture.store.setValue(1, of: 1, generation: 0, in: &fixture.memory)
    var rehearsal = fixture
    rehearsal.memory.isTracing = true
    #expect(try rehearsal.stage(SlotFixture.image(4)).slot == slot)
    let erase = try #require(rehearsal.memory.operations.first { $0.kind == .erase })
    let weak = Tear(.weak(WeakHistory([.old, .old, .mixed])))
    fixture.memory.cut(after: erase.step + 16 - fixture.memory.steps, weak)
    do throws(StoreError) {
      _ = try fixture.stage(SlotFixture.image(4))
      Issue.record("the power did not fail")
    } catch {
    }
    try fixture.restart()
    staging = try fixture.stage(image)
    try fixture.write(image, upTo: image.count, to: &staging)
    try fixture.store.seal(&staging, as: ImageDescriptor(), in: &fixture.memory)
    for _ in 0..<4 {
      try fixture.restart()
      try fixture.store.verify(staging.slot, digest: SimulatedDigest.self, in: &fixture.memory)
    }
  }

  @Test("failed boots in a row are counted, each one more than the last")
  func failures() throws {
    var fixture = try SlotFixture()
    let slot = try fixture.install(SlotFixture.image(1))
    var batch = Batch<48>()
    _ = try fixture.store.activate(slot, attempts: 3, into: &batch, in: &fixture.memory)
    try fixture.store.commit(batch, in: &fixture.memory)
    try fixture.change { store, batch throws(StoreError) in try store.confirm(slot, into: &batch) }
    for failed in 1...4 {
      try fixture.change { store, batch throws(StoreError) in
        try store.fail(slot, .fault, attempts: 5, into: &batch)
      }
      try fixture.restart()
      #expect(
        fixture.store.state(of: slot).phase == .confirmed && fixture.store.state(of: slot).tally == failed)
    }
    try fixture.change { store, batch throws(StoreError) in
      try store.fail(slot, .fault, attempts: 5, into: &batch)
    }
    #expect(fixture.store.state(of: slot).phase == .rejected)
  }
}
