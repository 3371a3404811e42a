import HSXHAL
import HSXSimulation
import Testing

@testable import HSXPersistence

@Suite struct StoreTests {
  @Test("a mount tells that pages were retired before")
  func retiredPages() throws {
    var fixture = try StoreFixture()
    try fixture.store.setValue(1, of: 1, generation: 0, in: &fixture.memory)
    #expect(fixture.store.condition == [])
    let page = UInt16(fixture.store.layout.ring.pageCount - 1)
    let records: InlineArray<1, Record> = [Record(.retired, page, 1)]
    try fixture.store.journal.commit(records.span, in: &fixture.memory)
    #expect(fixture.store.condition == .worn)
    try fixture.restart()
    #expect(fixture.store.condition == .worn)
    #expect(fixture.store.wear(in: &fixture.memory).retired == 1)
  }

  @Test("values of two generations stand apart, are there after a restart, and are forgotten by tombstones")
  func values() throws {
    for family in [MemoryFamily.nor, .fram] {
      var fixture = try StoreFixture(family)
      for key: UInt16 in 1...100 {
        try fixture.store.setValue(key, of: key, generation: 0, in: &fixture.memory)
        try fixture.store.setValue(~key, of: key, generation: 1, in: &fixture.memory)
      }
      try fixture.change { _, batch throws(StoreError) in
        for key: UInt16 in 1...50 { try batch.append(.tombstone(.value0, key)) }
      }
      try fixture.restart()
      for key: UInt16 in 1...100 {
        #expect(fixture.store.value(of: key, generation: 0) == (key > 50 ? key : nil))
        #expect(fixture.store.value(of: key, generation: 1) == ~key)
      }
    }
  }

  @Test("what a batch says twice of the same thing is the last")
  func batch() throws {
    var fixture = try StoreFixture()
    try fixture.change { _, batch throws(StoreError) in
      try batch.append(Record(.value0, 3, 1))
      try batch.append(Record(.value1, 3, 2))
      try batch.append(.tombstone(.value0, 3))
      try batch.append(.tombstone(.value1, 3))
      try batch.append(Record(.value0, 3, 9))
      #expect(batch.count == 2)
    }
    #expect(fixture.store.value(of: 3, generation: 0) == 9)
    #expect(fixture.store.value(of: 3, generation: 1) == nil)
    var small = Batch<2>()
    try small.append(Record(.value0, 1, 1))
    try small.append(Record(.value0, 2, 1))
    #expect(failure { try small.append(Record(.value0, 3, 1)) } == .full(needed: 3, available: 2))
  }

  @Test("the newest trust blob holds, the older is overwritten, and a cut leaves the old one or the new one")
  func trust() throws {
    for kind: (MemoryFamily, Int) in [(.nor, 1), (.nor, 32), (.fram, 1), (.eccNOR, 16)] {
      var fixture = try StoreFixture(kind.0, size: 0x4_0000, writeUnit: kind.1)
      #expect(fixture.store.trust(in: &fixture.memory) == nil)
      var blobs: [UInt32: [UInt8]] = [:]
      for version: UInt32 in [3, 4, 9] {
        let blob = image(77 + Int(version), seed: UInt8(version))
        blobs[version] = blob
        let old = fixture
        try fixture.store.setTrust(blob.span, version: version, in: &fixture.memory)
        try fixture.restart()
        #expect(try readTrust(&fixture) == blob)
        #expect(
          failure { try fixture.store.setTrust(blob.span, version: version, in: &fixture.memory) } != nil)
        for step in stride(from: 0, to: 300, by: 3) {
          var trial = old
          trial.memory.cut(after: step, Tear(.bits(seed: UInt32(step))))
          let failed =
            failure { try trial.store.setTrust(blob.span, version: version, in: &trial.memory) } != nil
          trial.memory.cancelCut()
          try trial.restart()
          let found = trial.store.trust(in: &trial.memory)?.version
          #expect(failed ? found != version || step > 60 : found == version)
          if let found { #expect(try readTrust(&trial) == blobs[found]) } else { #expect(version == 3) }
        }
      }
      #expect(fixture.memory.violations == [])
      let room = fixture.store.trustCapacity
      try fixture.store.setTrust(image(room).span, version: 10, in: &fixture.memory)
      #expect(try readTrust(&fixture) == image(room))
      #expect(
        failure { try fixture.store.setTrust(image(room + 1).span, version: 11, in: &fixture.memory) }
          == .imageSize(found: room + 1, expected: room))
    }
  }

  func readTrust(_ fixture: inout StoreFixture) throws -> [UInt8] {
    let length = try #require(fixture.store.trust(in: &fixture.memory)).length
    var bytes = [UInt8](repeating: 0, count: length)
    var span = bytes.mutableSpan
    #expect(try fixture.store.readTrust(into: &span, in: &fixture.memory))
    return bytes
  }

  @Test("flipped bits in the trust blob are detected, and the older copy holds")
  func trustDamage() throws {
    var fixture = try StoreFixture()
    for version: UInt32 in 1...2 {
      try fixture.store.setTrust(image(40, seed: UInt8(version)).span, version: version, in: &fixture.memory)
    }
    let half = fixture.store.layout.trust.lowerBound + fixture.store.layout.trust.count / 2
    for bit in 0..<40 * 8 {
      fixture.memory.flip(bit: (half + 32) * 8 + bit)
      #expect(fixture.store.trust(in: &fixture.memory)?.version == 1)
      fixture.memory.flip(bit: (half + 32) * 8 + bit)
    }
    #expect(fixture.store.trust(in: &fixture.memory)?.version == 2)
  }

  @Test("wear is counted and even, and page reports agree with it")
  func wear() throws {
    var fixture = try StoreFixture(.nor, size: 0x1_0000)
    for round in 0..<20_000 {
      try fixture.store.setValue(
        UInt16(round & 0xFFFF), of: UInt16(1 + round % 20), generation: 0, in: &fixture.memory)
    }
    let wear = fixture.store.wear(in: &fixture.memory)
    #expect(wear.most - wear.fewest <= 1 && wear.total > 30)
    let ring = fixture.store.layout.ring
    var reports: [PageReport] = []
    for page in 0..<ring.pageCount {
      let report = fixture.store.journal.report(ofPage: page, in: &fixture.memory)
      #expect(Int(report.erases) == fixture.memory.erases[ring.offset / 4096 + page])
      #expect(report.damaged == 0 && report.stray == 0 && report.records <= report.cells)
      reports.append(report)
    }
    #expect(reports.reduce(0) { $0 + UInt64($1.erases) } == wear.total)
    #expect(reports.count { $0.role == .current } == 1)
    #expect(reports.first { $0.role == .current }?.sequence == reports.map(\.sequence).max())
  }

  @Test("scrubbing writes what was flipped anew, and leaves alone what is whole")
  func scrub() throws {
    for family in [MemoryFamily.nor, .fram] {
      var fixture = try StoreFixture(family, size: 0x1_0000)
      for key: UInt16 in 1...20 {
        try fixture.store.setValue(key, of: key, generation: 0, in: &fixture.memory)
      }
      #expect(try !fixture.store.scrub(in: &fixture.memory))
      let current = fixture.store.journal.position(of: fixture.store.journal.sequence)
      let start = fixture.store.layout.ring.offset + current * fixture.store.layout.ring.pageSize
      let end = (2 + Int(fixture.store.journal.tail)) * 64
      for bit in stride(from: 16 * 8, to: end, by: 37) {
        var trial = fixture
        trial.memory.flip(bit: start * 8 + bit)
        #expect(try trial.store.scrub(in: &trial.memory))
        #expect(try !trial.store.scrub(in: &trial.memory))
        try trial.restart()
        #expect(trial.store.condition == [])
        for key: UInt16 in 1...20 { #expect(trial.store.value(of: key, generation: 0) == key) }
      }
      // Damage beyond correction that came since the mount is healed from what the store knows.
      for bit in stride(from: 0, to: 64 * 30, by: 5) { fixture.memory.flip(bit: start * 8 + bit) }
      #expect(try fixture.store.scrub(in: &fixture.memory))
      try fixture.restart()
      for key: UInt16 in 1...20 { #expect(fixture.store.value(of: key, generation: 0) == key) }
    }
  }
}
