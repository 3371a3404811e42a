import HSXHAL
import HSXSigning
import HSXSimulation
import Testing

@testable import HSXPersistence

@Suite struct StagingTests {
  /// Every kind of memory with each write unit.
  static let kinds: [(MemoryFamily, Int)] =
    [1, 2, 4, 8, 16, 32].map { (.nor, $0) } + [1, 2, 4, 8].map { (.fram, $0) } + [(.eccNOR, 16)]

  func fixture(_ kind: (MemoryFamily, Int)) throws -> StoreFixture {
    try StoreFixture(kind.0, size: 0x4_0000, writeUnit: kind.1)
  }

  @Test("an image is staged whole whatever pieces it comes in", arguments: kinds)
  func pieces(_ kind: (MemoryFamily, Int)) throws {
    for chunk in [1, 3, 7, 256, 1000, 5000, 20_000] {
      var fixture = try fixture(kind)
      let bytes = image(9_001 + chunk % 7)
      let slot = try fixture.install(bytes, as: "blinky", chunk: chunk)
      #expect(fixture.phase(slot) == .verified)
      #expect(try fixture.read(slot, bytes.count) == bytes)
      #expect(fixture.memory.violations == [])
      try fixture.restart()
      #expect(fixture.phase(slot) == .verified)
      try fixture.store.verify(slot, digest: SHA256Digest.self, in: &fixture.memory)
      let descriptor = try fixture.store.descriptor(of: slot, in: &fixture.memory)
      #expect(descriptor.length == bytes.count)
      #expect(descriptor.nameCount == 6)
      #expect(descriptor.nameByte(0) == UInt8(ascii: "b") && descriptor.nameByte(5) == UInt8(ascii: "y"))
    }
  }

  @Test(
    "a transfer cut short goes on at the start of the erase unit it was in, or within 4 KiB", arguments: kinds
  )
  func resume(_ kind: (MemoryFamily, Int)) throws {
    let bytes = image(30_000)
    for cut in [0, 1, 255, 3_839, 3_840, 3_841, 4_096, 12_033, 28_416, 29_999, 30_000] {
      var fixture = try fixture(kind)
      var staging = try fixture.stage(bytes)
      let slot = staging.slot
      try fixture.write(bytes, to: &staging, upTo: cut, chunk: 97)
      fixture.memory.cutNow(lost: .max)
      try fixture.restart()
      var again = try fixture.stage(bytes)
      let expected = (256 + cut) / 4096 * 4096 - 256
      // Before the first unit nothing is lasting, not even what was announced.
      #expect(again.slot == slot || expected <= 0)
      #expect(again.offset == max(0, expected))
      try fixture.write(bytes, to: &again)
      try fixture.store.seal(&again, as: descriptor("blinky"), in: &fixture.memory)
      #expect(try fixture.read(again.slot, bytes.count) == bytes)
      #expect(fixture.memory.violations == [])
    }
  }

  @Test("a transfer goes on at a multiple of 256 whatever the size of the erase units")
  func eraseUnits() throws {
    let bytes = image(40_000)
    for unit in [64, 256, 528, 1056, 2048, 0x4000] {
      for cut in [100, 5_000, 8_500, 17_000, 39_999] {
        let size = unit * max(0x8_0000 / unit, 64)
        var fixture = try StoreFixture(.nor, size: size, writeUnit: 16, eraseUnit: unit)
        var staging = try fixture.stage(bytes)
        try fixture.write(bytes, to: &staging, upTo: cut, chunk: 999)
        fixture.memory.cutNow(lost: .max)
        try fixture.restart()
        var again = try fixture.stage(bytes)
        #expect(again.offset % 256 == 0 && again.offset <= cut)
        #expect(cut < 17_000 || unit == 0x4000 || again.offset > 0)
        try fixture.write(bytes, to: &again)
        try fixture.store.seal(&again, as: descriptor("blinky"), in: &fixture.memory)
        #expect(try fixture.read(again.slot, bytes.count) == bytes)
        #expect(fixture.memory.violations == [])
      }
    }
  }

  @Test("a transfer that was paused goes on within 256 bytes where bytes can be overwritten")
  func pause() throws {
    var fixture = try StoreFixture.file()
    let bytes = image(30_000)
    for cut in stride(from: 0, to: 30_000, by: 997) {
      var staging = try fixture.stage(bytes)
      #expect(staging.offset == max(0, cut - 997) & ~255)
      try fixture.write(bytes, to: &staging, upTo: cut, chunk: 91)
      try fixture.store.pause(&staging, in: &fixture.memory)
      fixture.memory.cutNow(lost: .max)
      try fixture.restart()
    }
    var staging = try fixture.stage(bytes)
    try fixture.write(bytes, to: &staging)
    try fixture.store.seal(&staging, as: descriptor("blinky"), in: &fixture.memory)
    #expect(try fixture.read(staging.slot, bytes.count) == bytes)
  }

  @Test("a transfer of another image does not go on where this one stopped")
  func otherHash() throws {
    var fixture = try StoreFixture()
    var staging = try fixture.stage(image(20_000))
    try fixture.write(image(20_000), to: &staging, upTo: 15_000)
    try fixture.store.pause(&staging, in: &fixture.memory)
    let other = try fixture.stage(image(20_000, seed: 2))
    #expect(other.offset == 0)
    #expect(other.slot != staging.slot)
    // Nor does one of the same hash but of another length, nor one that does not say.
    let shorter = try fixture.store.stage(
      length: 19_000, sha256: hash(image(20_000)), digest: SHA256Digest.self, in: &fixture.memory)
    #expect(shorter.offset == 0)
  }

  @Test("an image that nobody announced is taken, and its hash is that of what came")
  func unannounced() throws {
    for kind in StagingTests.kinds {
      var fixture = try fixture(kind)
      let bytes = image(5_000)
      var staging = try fixture.stage(bytes, announced: false)
      try fixture.write(bytes, to: &staging)
      try fixture.store.seal(&staging, as: descriptor("blinky"), in: &fixture.memory)
      let sha256 = try fixture.store.descriptor(of: staging.slot, in: &fixture.memory).sha256
      #expect((0..<32).allSatisfy { sha256[$0] == hash(bytes)[$0] })
      #expect(fixture.memory.violations == [])
    }
  }

  @Test("an identity left in the slot by an earlier image is not taken for the new one's")
  func staleIdentity() throws {
    var fixture = try StoreFixture.file()
    let old = image(10_000)
    var staging = try fixture.stage(old)
    try fixture.write(old, to: &staging)
    try fixture.store.abandon(&staging, in: &fixture.memory)
    var unknown = try fixture.stage(image(9_000, seed: 3), announced: false)
    #expect(unknown.slot == staging.slot)
    try fixture.write(image(9_000, seed: 3), to: &unknown)
    try fixture.store.pause(&unknown, in: &fixture.memory)
    let again = try fixture.stage(old)
    #expect(again.offset == 0)
  }

  @Test("what is not the announced image is refused, and its slot is free")
  func mismatch() throws {
    var fixture = try StoreFixture()
    let bytes = image(6_000)
    var staging = try fixture.stage(bytes)
    try fixture.write(image(6_000, seed: 9), to: &staging)
    let slot = staging.slot
    #expect(
      failure { try fixture.store.seal(&staging, as: descriptor("a"), in: &fixture.memory) }
        == .hashMismatch(slot))
    #expect(fixture.phase(slot) == .empty)
    #expect(
      failure { try fixture.store.write([0].span, to: &staging, in: &fixture.memory) }
        == .slotState(slot, .empty))
  }

  @Test("an image that reads back otherwise than it was written is not sealed")
  func readBack() throws {
    var fixture = try StoreFixture()
    let bytes = image(6_000)
    var staging = try fixture.stage(bytes)
    try fixture.write(bytes, to: &staging)
    let slot = staging.slot
    fixture.memory.flip(bit: (fixture.store.layout.offset(ofSlot: Int(slot)) + 256 + 3_000) * 8 + 3)
    #expect(
      failure { try fixture.store.seal(&staging, as: descriptor("a"), in: &fixture.memory) } == .damaged(slot)
    )
    #expect(fixture.phase(slot) == .empty)
  }

  @Test("more or fewer bytes than announced are refused")
  func length() throws {
    var fixture = try StoreFixture()
    let bytes = image(6_000)
    var staging = try fixture.stage(bytes)
    try fixture.write(bytes, to: &staging, upTo: 5_999)
    #expect(
      failure { try fixture.store.seal(&staging, as: descriptor("a"), in: &fixture.memory) }
        == .imageSize(found: 5_999, expected: 6_000))
    #expect(
      failure { try fixture.store.write([0, 0].span, to: &staging, in: &fixture.memory) }
        == .imageSize(found: 6_001, expected: 6_000))
    try fixture.write(bytes, to: &staging)
    try fixture.store.seal(&staging, as: descriptor("a"), in: &fixture.memory)
    let room = fixture.store.layout.slotSize - 256
    for length in [room + 1, 0, -1, .max] {
      #expect(failure { _ = try fixture.stage(length) } == .imageSize(found: length, expected: room))
    }
    // A full slot is allowed.
    let full = try fixture.install(image(room), as: "b")
    #expect(try fixture.read(full, room) == image(room))
  }

  @Test("progress of a 64 KiB image costs at most half a percent, its states at most 64 bytes each")
  func cost() throws {
    for kind in StagingTests.kinds where kind.1 <= 8 {
      // The first change of a boot turns the page; that is the boot's cost.
      var fixture = try StoreFixture(kind.0, size: 0x40_0000, writeUnit: kind.1)
      try fixture.store.setValue(1, of: 1, generation: 0, in: &fixture.memory)
      let bytes = image(0x1_0000 - 256)
      let before = fixture.memory.bytesProgrammed
      var staging = try fixture.stage(bytes)
      try fixture.write(bytes, to: &staging)
      try fixture.store.seal(&staging, as: descriptor("a"), in: &fixture.memory)
      let written = fixture.memory.bytesProgrammed - before
      #expect(written * 1000 <= bytes.count * 1005)
      let start = fixture.memory.bytesProgrammed
      try fixture.activate(staging.slot)
      #expect(fixture.memory.bytesProgrammed - start <= 64)
    }
  }

  @Test("slots in every phase are taken in order, and never an active one, a fallback or the factory's")
  func order() throws {
    var fixture = try StoreFixture()
    #expect(fixture.store.layout.slotCount == 3)
    let first = try fixture.run(image(1_000, seed: 1), as: "a")
    let second = try fixture.run(image(1_000, seed: 2), as: "a")
    let third = try fixture.install(image(1_000, seed: 3), as: "a")
    #expect(Set([first, second, third]).count == 3)
    // Active, fallback, verified: nothing is free.
    #expect(failure { _ = try fixture.stage(image(1_000, seed: 4)) } == .noSlot)
    try fixture.activate(third)
    // The older fallback was retired.
    #expect(fixture.phase(first) == .retired)
    try fixture.change { store, batch throws(StoreError) in try store.reject(third, .fault, into: &batch) }
    #expect(failure { _ = try fixture.stage(image(1_000, seed: 3)) } == .hashRejected(third))
    let fourth = try fixture.install(image(1_000, seed: 4), as: "a")
    #expect(fourth == first)
    try fixture.activate(fourth)
    // Now only the rejected one is left; a remedy must be able to come.
    let fifth = try fixture.stage(image(1_000, seed: 5))
    #expect(fifth.slot == third)
  }

  @Test("of several rejected slots the one rejected longest ago is taken")
  func oldestRejected() throws {
    var fixture = try StoreFixture.file()
    var rejected: [UInt16] = []
    for seed in 0..<32 {
      let slot = try fixture.install(image(300, seed: UInt8(seed)), as: "app\(seed)")
      try fixture.activate(slot)
      rejected.append(slot)
    }
    rejected = rejected.filter { $0 % 3 == 1 } + rejected.filter { $0 % 3 != 1 }
    for slot in rejected {
      try fixture.change { store, batch throws(StoreError) in try store.reject(slot, .exit, into: &batch) }
    }
    try fixture.restart()
    for round in 0..<100 {
      let slot = try fixture.install(image(301 + round), as: "new")
      #expect(slot == rejected.removeFirst())
      try fixture.activate(slot)
      try fixture.change { store, batch throws(StoreError) in try store.reject(slot, .exit, into: &batch) }
      rejected.append(slot)
    }
  }

  @Test("a memory without slots has none free")
  func noSlots() throws {
    var fixture = try StoreFixture(.nor, size: 0x1_0000)
    #expect(failure { _ = try fixture.stage(100) } == .noSlot)
    #expect(failure { _ = try fixture.stage(image(100), announced: false) } == .noSlot)
    #expect(failure { try fixture.activate(0) } == .slotState(0, .empty))
  }

  @Test(
    "a slot that is being written is STAGING to everybody, and nobody frees it, reads it as an image or makes it the factory's"
  )
  func beingWritten() throws {
    var fixture = try StoreFixture()
    let bytes = image(9_000)
    var staging = try fixture.stage(bytes)
    try fixture.write(bytes, to: &staging, upTo: 5_000)
    let slot = staging.slot
    #expect(fixture.phase(slot) == .staging && fixture.store.slots[slot].phase == .staging)
    let refusals: [(inout StoreFixture) throws -> Void] = [
      { fixture in
        try fixture.change { store, batch throws(StoreError) in try store.release(slot, into: &batch) }
      },
      { fixture in
        try fixture.change { store, batch throws(StoreError) in try store.setFactory(true, slot, into: &batch)
        }
      },
      { fixture in try fixture.store.verify(slot, digest: SHA256Digest.self, in: &fixture.memory) },
      { fixture in _ = try fixture.store.descriptor(of: slot, in: &fixture.memory) },
      { fixture in try fixture.activate(slot) },
    ]
    for refused in refusals {
      guard case .slotState(slot, let state) = failure({ try refused(&fixture) }) else {
        Issue.record("not refused for the slot's state")
        continue
      }
      #expect(state.phase == .staging)
    }
    try fixture.write(bytes, to: &staging)
    try fixture.store.seal(&staging, as: descriptor("a"), in: &fixture.memory)
    #expect(try fixture.read(slot, bytes.count) == bytes)
  }

  @Test("a transfer that is over cannot free the slot of an image in use")
  func abandonInUse() throws {
    var fixture = try StoreFixture()
    let bytes = image(900)
    var staging = try fixture.stage(bytes)
    try fixture.write(bytes, to: &staging)
    try fixture.store.seal(&staging, as: descriptor("a"), in: &fixture.memory)
    try fixture.activate(staging.slot)
    let state = fixture.store.state(of: staging.slot)
    #expect(
      failure { try fixture.store.abandon(&staging, in: &fixture.memory) } == .slotState(staging.slot, state))
    #expect(fixture.store.state(of: staging.slot) == state)
  }

  @Test("two transfers at once take two slots")
  func twoAtOnce() throws {
    var fixture = try StoreFixture()
    var first = try fixture.stage(image(9_000, seed: 1))
    var second = try fixture.stage(image(9_000, seed: 1))
    #expect(first.slot != second.slot)
    try fixture.write(image(9_000, seed: 1), to: &first)
    try fixture.write(image(9_000, seed: 1), to: &second)
    try fixture.store.seal(&first, as: descriptor("a"), in: &fixture.memory)
    try fixture.store.seal(&second, as: descriptor("a"), in: &fixture.memory)
    #expect(fixture.memory.violations == [])
  }
}

extension StoreFixture {
  /// Begins a transfer of this length.
  mutating func stage(_ length: Int) throws -> Staging<SHA256Digest> {
    try store.stage(length: length, sha256: nil, digest: SHA256Digest.self, in: &memory)
  }
}
