import HSXHAL
import HSXSigning
import HSXSimulation
import Testing

@testable import HSXPersistence

@Suite struct SwappingTests {
  @Test("the table of states allows what the specification's does, and nothing else")
  func table() {
    let allowed: [SlotState.Phase: [SlotState.Phase]] = [
      .empty: [.staging], .staging: [.verified, .empty], .verified: [.trial, .empty],
      .trial: [.confirmed, .rejected], .confirmed: [.retired, .rejected], .rejected: [.empty],
      .retired: [.empty],
    ]
    for phase in SlotState.Phase.allCases {
      for next in SlotState.Phase.allCases {
        #expect(SlotState.allows(phase, next) == (phase == next || allowed[phase]?.contains(next) == true))
      }
    }
  }

  @Test("a swap lets the new image be active on trial, the old its fallback, and the one before it retired")
  func swap() throws {
    var fixture = try StoreFixture()
    let first = try fixture.run(image(500, seed: 1), as: "a")
    #expect(fixture.store.state(of: first).generation == 0)
    let second = try fixture.run(image(500, seed: 2), as: "a")
    #expect(fixture.store.state(of: second).generation == 1)
    #expect(fixture.store.slots.fallback(of: second) == first)
    let third = try fixture.install(image(500, seed: 3), as: "a")
    #expect(try fixture.activate(third, attempts: 2) == 0)
    try fixture.restart()
    let states = fixture.store.slots
    #expect(states[third].phase == .trial && states[third].isActive && states[third].tally == 2)
    #expect(states[second].phase == .confirmed && !states[second].isActive)
    #expect(states[first].phase == .retired)
    #expect(states.active(of: second) == third && states.fallback(of: third) == second)
    #expect(fixture.memory.violations == [])
  }

  @Test("apps of other names are left alone")
  func otherApps() throws {
    var fixture = try StoreFixture.file()
    let other = try fixture.run(image(500, seed: 9), as: "ab")
    let first = try fixture.run(image(500, seed: 1), as: "a")
    let second = try fixture.run(image(500, seed: 2), as: "a")
    #expect(fixture.store.state(of: other).isActive)
    #expect(fixture.store.slots.fallback(of: other) == nil)
    #expect(fixture.store.slots.fallback(of: second) == first)
    try fixture.change { store, batch throws(StoreError) in try store.reject(second, .request, into: &batch) }
    #expect(fixture.store.state(of: first).isActive)
    #expect(fixture.store.state(of: second).cause == .request)
  }

  @Test(
    "swap, migrated values, tombstones and floor hold in one batch, and a cut anywhere leaves all or none")
  func cuts() throws {
    var prepared = try StoreFixture()
    let first = try prepared.run(image(500, seed: 1), as: "a")
    try prepared.store.setValue(7, of: 5, generation: 0, in: &prepared.memory)
    let second = try prepared.install(image(500, seed: 2), as: "a")
    for isFresh in [false, true] {
      var fixture = prepared
      if isFresh { try fixture.restart() }
      var step = 0
      while true {
        var trial = fixture
        trial.memory.cut(after: step, Tear(.prefix, lost: UInt64(step)))
        var batch = Batch<256>()
        let generation = try trial.store.activate(second, attempts: 1, into: &batch, in: &trial.memory)
        try batch.append(Record(.value(generation: generation), 5, 8))
        try batch.append(Record(.floorLow, 0, 3))
        let isWhole = failure { try trial.store.commit(batch, in: &trial.memory) } == nil
        trial.memory.cancelCut()
        try trial.restart()
        let isNew = trial.store.state(of: second).isActive
        #expect(trial.store.state(of: first).isActive == !isNew)
        #expect(trial.store.value(of: 5, generation: 1) == (isNew ? 8 : nil))
        #expect(trial.store.value(of: 5, generation: 0) == 7)
        #expect(trial.store.journal.value(of: .floorLow, 0) == (isNew ? 3 : nil))
        if isWhole {
          #expect(isNew)
          break
        }
        step += 1
      }
      #expect(step > 40)
    }
  }

  @Test(
    "one attempt is taken at each boot, of all on trial in one batch; without any left the old image is back")
  func attempts() throws {
    var fixture = try StoreFixture.file()
    let old = try fixture.run(image(500, seed: 1), as: "a")
    let slot = try fixture.install(image(500, seed: 2), as: "a")
    try fixture.activate(slot, attempts: 2)
    let other = try fixture.install(image(500, seed: 3), as: "b")
    try fixture.activate(other, attempts: 9)
    for left in [1, 0] {
      try fixture.restart()
      let records = try fixture.change { store, batch throws(StoreError) in
        try store.takeAttempts(into: &batch)
      }
      #expect(records == 2)
      #expect(fixture.store.state(of: slot).tally == left)
    }
    try fixture.restart()
    try fixture.change { store, batch throws(StoreError) in try store.takeAttempts(into: &batch) }
    #expect(fixture.phase(slot) == .rejected && fixture.store.state(of: slot).cause == .reset)
    #expect(fixture.store.state(of: old).isActive && fixture.phase(old) == .confirmed)
    #expect(fixture.store.state(of: other).tally == 6)
    // Those that are confirmed cost nothing.
    try fixture.change { store, batch throws(StoreError) in try store.confirm(other, into: &batch) }
    let records = try fixture.change { store, batch throws(StoreError) in
      try store.takeAttempts(into: &batch)
      try store.confirm(other, into: &batch)
    }
    #expect(records == 0)
  }

  @Test("a confirmed image is rejected after so many failed boots in a row, and one good boot forgets them")
  func failures() throws {
    var fixture = try StoreFixture()
    let old = try fixture.run(image(500, seed: 1), as: "a")
    let slot = try fixture.run(image(500, seed: 2), as: "a")
    let fail = { (fixture: inout StoreFixture) in
      _ = try fixture.change { store, batch throws(StoreError) in
        try store.fail(slot, .fault, attempts: 3, into: &batch)
      }
    }
    try fail(&fixture)
    try fail(&fixture)
    #expect(fixture.store.state(of: slot).tally == 2 && fixture.store.state(of: slot).isActive)
    try fixture.change { store, batch throws(StoreError) in try store.confirm(slot, into: &batch) }
    for _ in 0..<3 {
      #expect(fixture.store.state(of: slot).isActive)
      try fail(&fixture)
      try fixture.restart()
    }
    #expect(fixture.phase(slot) == .rejected)
    #expect(fixture.store.state(of: old).isActive)
    // Nothing of it can be undone by another report.
    #expect(failure { try fail(&fixture) } == .slotState(slot, fixture.store.state(of: slot)))
  }

  @Test("an image on trial is not swapped away")
  func onTrial() throws {
    var fixture = try StoreFixture()
    let first = try fixture.install(image(500, seed: 1), as: "a")
    try fixture.activate(first)
    let second = try fixture.install(image(500, seed: 2), as: "a")
    #expect(failure { try fixture.activate(second) } == .slotState(first, fixture.store.state(of: first)))
    #expect(fixture.phase(second) == .verified)
  }

  @Test("what the table forbids is refused")
  func refused() throws {
    var fixture = try StoreFixture()
    let slot = try fixture.run(image(500, seed: 1), as: "a")
    let state = fixture.store.state(of: slot)
    #expect(failure { try fixture.activate(slot) } == .slotState(slot, state))
    #expect(
      failure {
        try fixture.change { store, batch throws(StoreError) in try store.release(slot, into: &batch) }
      } == .slotState(slot, state))
    for absent: UInt16 in [3, 31, 32, .max] {
      #expect(
        failure {
          try fixture.change { store, batch throws(StoreError) in try store.confirm(absent, into: &batch) }
        } == .slotState(absent, .empty))
      #expect(failure { try fixture.activate(absent) } == .slotState(absent, .empty))
    }
  }

  @Test("a released slot is free, and its hash may come again")
  func release() throws {
    var fixture = try StoreFixture()
    let bytes = image(500, seed: 1)
    let slot = try fixture.install(bytes, as: "a")
    try fixture.activate(slot)
    try fixture.change { store, batch throws(StoreError) in try store.reject(slot, .hang, into: &batch) }
    #expect(failure { _ = try fixture.stage(bytes) } == .hashRejected(slot))
    try fixture.change { store, batch throws(StoreError) in
      try store.release(slot, into: &batch)
      try batch.append(.tombstone(.value0, 9))
    }
    #expect(fixture.store.state(of: slot) == .empty && fixture.store.journal.value(of: .slot, slot) == nil)
    _ = try fixture.stage(bytes)
    // Nor does one stay whose values were of the other generation.
    _ = try fixture.run(image(500, seed: 2), as: "a")
    let other = try fixture.run(image(500, seed: 3), as: "a")
    #expect(fixture.store.state(of: other).generation == 1)
    try fixture.change { store, batch throws(StoreError) in
      try store.reject(other, .hang, into: &batch)
      try store.release(other, into: &batch)
    }
    #expect(fixture.store.journal.value(of: .slot, other) == nil)
  }

  @Test("slots that were used and are free again take no place in the ring, however many there are")
  func freedTakeNothing() throws {
    var fixture = try StoreFixture.file()
    var slots: [UInt16] = []
    for seed in UInt8(0)..<32 { slots.append(try fixture.install(image(300, seed: seed), as: "a")) }
    #expect(Set(slots).count == 32 && fixture.store.journal.count == 32)
    try fixture.change { store, batch throws(StoreError) in
      for slot in slots.dropLast() { try store.release(slot, into: &batch) }
    }
    #expect(fixture.store.journal.count == 1)
    var staging = try fixture.stage(image(300, seed: 99))
    try fixture.store.abandon(&staging, in: &fixture.memory)
    #expect(fixture.store.journal.count == 1)
    try fixture.restart()
    #expect(fixture.store.journal.count == 1)
    #expect(slots.map { fixture.phase($0) } == Array(repeating: .empty, count: 31) + [.verified])
  }

  @Test("a rejected image is refused at the seal if its hash was not announced")
  func rejectedAtSeal() throws {
    var fixture = try StoreFixture()
    let bytes = image(500, seed: 1)
    let slot = try fixture.install(bytes, as: "a")
    try fixture.activate(slot)
    try fixture.change { store, batch throws(StoreError) in try store.reject(slot, .hang, into: &batch) }
    var staging = try fixture.stage(bytes, announced: false)
    try fixture.write(bytes, to: &staging)
    #expect(
      failure { try fixture.store.seal(&staging, as: descriptor("a"), in: &fixture.memory) }
        == .hashRejected(slot))
    #expect(fixture.phase(staging.slot) == .empty)
  }

  @Test("a rejected image is refused also while a transfer of it is paused in a slot before or behind")
  func rejectedBesidePaused() throws {
    for order in [false, true] {
      var fixture = try StoreFixture()
      let bytes = image(5_000, seed: 1)
      // A transfer that takes a slot, so that the other slots follow.
      var first = try fixture.stage(order ? image(5_000, seed: 2) : bytes)
      if !order {
        try fixture.write(bytes, to: &first, upTo: 4_500)
        try fixture.store.pause(&first, in: &fixture.memory)
      }
      var second = try fixture.stage(bytes, announced: false)
      try fixture.write(bytes, to: &second)
      if order {
        try fixture.store.abandon(&first, in: &fixture.memory)
        first = try fixture.stage(bytes)
        try fixture.write(bytes, to: &first, upTo: 4_500)
        try fixture.store.pause(&first, in: &fixture.memory)
      }
      try fixture.store.seal(&second, as: descriptor("a"), in: &fixture.memory)
      let slot = second.slot
      try fixture.activate(slot)
      try fixture.change { store, batch throws(StoreError) in try store.reject(slot, .hang, into: &batch) }
      #expect(fixture.phase(first.slot) == .staging && fixture.phase(slot) == .rejected)
      for _ in 0..<2 {
        #expect(failure { _ = try fixture.stage(bytes) } == .hashRejected(slot))
        var staging = try fixture.stage(bytes, announced: false)
        try fixture.write(bytes, to: &staging)
        #expect(
          failure { try fixture.store.seal(&staging, as: descriptor("a"), in: &fixture.memory) }
            == .hashRejected(slot))
        #expect(fixture.phase(staging.slot) == .empty)
        try fixture.restart()
      }
    }
  }

  @Test(
    "an image whose slot was damaged may come again, one that failed may not",
    arguments: SlotState.Cause.allCases)
  func causes(_ cause: SlotState.Cause) throws {
    var fixture = try StoreFixture()
    let bytes = image(500, seed: 1)
    let slot = try fixture.install(bytes, as: "a")
    try fixture.activate(slot)
    try fixture.change { store, batch throws(StoreError) in try store.reject(slot, cause, into: &batch) }
    if cause == .damaged {
      let again = try fixture.install(bytes, as: "a")
      #expect(fixture.phase(again) == .verified && fixture.phase(slot) == .rejected)
    } else {
      #expect(failure { _ = try fixture.stage(bytes) } == .hashRejected(slot))
    }
  }

  @Test("a slot in a phase that no version writes is free")
  func unknownPhase() throws {
    var fixture = try StoreFixture()
    for state: UInt16 in [7, 0xF, 0x27, 0xFFFF] {
      let count = fixture.store.layout.slotCount
      for slot in 0..<UInt16(count) {
        let records: InlineArray<1, Record> = [Record(.slot, slot, state)]
        try fixture.store.journal.commit(records.span, in: &fixture.memory)
      }
      try fixture.restart()
      for slot in 0..<UInt16(count) {
        #expect(fixture.store.state(of: slot) == .empty && fixture.store.slots[slot] == .empty)
        #expect(
          failure { _ = try fixture.store.descriptor(of: slot, in: &fixture.memory) }
            == .slotState(slot, .empty))
      }
      for seed in 1...UInt8(count) { _ = try fixture.install(image(500, seed: seed), as: "a") }
      #expect(failure { _ = try fixture.stage(image(500, seed: 99)) } == .noSlot)
      try fixture.change { store, batch throws(StoreError) in
        for slot in 0..<UInt16(count) { try store.release(slot, into: &batch) }
      }
    }
  }

  @Test("the factory's image is neither retired nor released nor overwritten, and is the last fallback")
  func factory() throws {
    var fixture = try StoreFixture()
    let factory = try fixture.run(image(500, seed: 1), as: "a")
    try fixture.change { store, batch throws(StoreError) in try store.setFactory(true, factory, into: &batch)
    }
    let second = try fixture.run(image(500, seed: 2), as: "a")
    let third = try fixture.run(image(500, seed: 3), as: "a")
    #expect(fixture.phase(factory) == .confirmed && fixture.store.state(of: factory).isFactory)
    #expect(fixture.store.slots.fallback(of: third) == second)
    try fixture.change { store, batch throws(StoreError) in try store.reject(third, .fault, into: &batch) }
    try fixture.change { store, batch throws(StoreError) in try store.reject(second, .fault, into: &batch) }
    #expect(fixture.store.state(of: factory).isActive)
    #expect(fixture.store.state(of: factory).isFactory)
  }

  @Test("a flipped bit in a descriptor is corrected, in an image detected")
  func flips() throws {
    var fixture = try StoreFixture()
    let bytes = image(300, seed: 1)
    let slot = try fixture.install(bytes, as: "a")
    let start = fixture.store.layout.offset(ofSlot: Int(slot))
    for bit in 0..<96 * 8 {
      fixture.memory.flip(bit: start * 8 + bit)
      #expect(try fixture.store.descriptor(of: slot, in: &fixture.memory).length == 300)
      try fixture.store.verify(slot, digest: SHA256Digest.self, in: &fixture.memory)
      fixture.memory.flip(bit: start * 8 + bit)
    }
    for bit in stride(from: 0, to: 300 * 8, by: 7) {
      fixture.memory.flip(bit: (start + 256) * 8 + bit)
      let found = failure { try fixture.store.verify(slot, digest: SHA256Digest.self, in: &fixture.memory) }
      #expect(found == .damaged(slot))
      fixture.memory.flip(bit: (start + 256) * 8 + bit)
    }
    // Two in one part are never taken for something else.
    for bit in 0..<320 {
      let other = (bit + 33) % 320
      fixture.memory.flip(bit: start * 8 + bit)
      fixture.memory.flip(bit: start * 8 + other)
      #expect(
        failure { _ = try fixture.store.descriptor(of: slot, in: &fixture.memory) } == .damaged(slot))
      fixture.memory.flip(bit: start * 8 + bit)
      fixture.memory.flip(bit: start * 8 + other)
    }
  }
}
