import HSXHAL
import HSXSimulation
import Testing

@testable import HSXPersistence

/// Rules of the ring of which a search among cuts meets the case seldom or never: here each stands as what it is.
///
/// Pages of 512 bytes in cells of 8: two for the header, 62 for records.
@Suite("Rules of the ring")
struct RingRuleTests {
  @Test(
    "an erase is lasting before it is programmed onto, a snapshot before its COMMIT, the COMMIT before a record"
  )
  func order() throws {
    var fixture = try RingFixture(pages: 3)
    for key in UInt16(1)...5 { try fixture.set(key, 1) }
    try fixture.restart()
    fixture.memory.isTracing = true
    try fixture.set(3, 2)
    let header = 2
    let expected: [MemoryOperation.Kind] =
      [.erase, .sync] + Array(repeating: .program, count: header + 5) + [
        .sync, .program, .sync, .program, .sync,
      ]
    #expect(fixture.memory.operations.map(\.kind) == expected)
  }

  @Test("one record behind a damaged snapshot proves nothing: the page before counts, and that is said")
  func loneRecord() throws {
    var fixture = try RingFixture(pages: 3)
    for key in UInt16(1)...5 { try fixture.set(key, key) }
    try fixture.restart()
    try fixture.set(3, 30)
    fixture.damage(cell: 1)
    try fixture.restart()
    #expect(fixture.values(1...5) == [1, 2, 3, 4, 5])
    #expect(fixture.journal.condition.isSuperset(of: [.degraded, .lastUpdateUnknown]))
  }

  @Test(
    "two records behind the COMMIT prove a page, whatever its snapshot or COMMIT reads as", arguments: [1, 5])
  func twoRecords(damaged: Int) throws {
    var fixture = try RingFixture(pages: 3)
    for key in UInt16(1)...5 { try fixture.set(key, key) }
    try fixture.restart()
    try fixture.set(3, 30)
    try fixture.set(4, 40)
    fixture.damage(cell: damaged)
    try fixture.restart()
    #expect(fixture.values(1...5) == [1, damaged == 1 ? nil : 2, 30, 40, 5])
    #expect(fixture.journal.condition.contains(.degraded))
  }

  @Test("where no page is sound the oldest that counts is kept")
  func oldestUnproved() throws {
    var fixture = try RingFixture(pages: 3)
    let oldest = fixture.position
    for _ in 1...2 {
      try fixture.restart()
      try fixture.cutBehindCommit { fixture throws(StoreError) in try fixture.set(1, 1) }
    }
    try fixture.restart()
    #expect(fixture.journal.position(of: fixture.journal.sound) == oldest)
    let erases = fixture.memory.erases[oldest]
    try fixture.set(1, 1)
    #expect(fixture.memory.erases[oldest] == erases)
  }

  @Test("a page whose header is lost is found by its place, and that is said")
  func headless() throws {
    var fixture = try RingFixture(pages: 3)
    for key in UInt16(1)...5 { try fixture.set(key, key) }
    try fixture.restart()
    for value in UInt16(30)...33 { try fixture.set(3, value) }
    fixture.damage(cell: -2)
    try fixture.restart()
    #expect(fixture.values(1...5) == [1, 2, 33, 4, 5])
    #expect(fixture.journal.condition.contains(.degraded))
  }

  @Test("a page in another's place is none, and that the page of that place is gone is said")
  func misplaced() throws {
    var fixture = try RingFixture(pages: 4)
    for key in UInt16(1)...5 { try fixture.set(key, key) }
    try fixture.set(3, 30)
    let before = fixture.position
    try fixture.restart()
    try fixture.set(3, 31)
    try fixture.set(3, 32)
    fixture.copy(page: before, to: fixture.position)
    try fixture.restart()
    #expect(fixture.values(1...5) == [1, 2, 30, 4, 5])
    #expect(fixture.journal.condition.contains(.lastUpdateUnknown))
  }

  @Test("what is written behind a page that only its place names is newer than it")
  func predicted() throws {
    var fixture = try RingFixture(pages: 4)
    for key in UInt16(1)...5 { try fixture.set(key, key) }
    let sound = fixture.position
    try fixture.restart()
    // A page refuses, the one behind it is not proved and loses its header.
    fixture.memory.fail(MemoryFailure(.program, after: 0, isLasting: false))
    try fixture.cutBehindCommit(refused: 1) { fixture throws(StoreError) in try fixture.set(3, 30) }
    fixture.memory.repair()
    try fixture.restart()
    #expect(
      fixture.position == (sound + 2) % 4 && fixture.journal.position(of: fixture.journal.sound) == sound)
    fixture.damage(cell: -2)
    try fixture.restart()
    #expect(fixture.position == (sound + 2) % 4)
    try fixture.set(3, 31)
    try fixture.restart()
    #expect(fixture.values(1...5) == [1, 2, 31, 4, 5])
  }

  @Test("a page that refuses is retired once another is written, passed by from then on, and that is said")
  func retired() throws {
    var fixture = try RingFixture(pages: 5)
    for key in UInt16(1)...5 { try fixture.set(key, key) }
    let bad = (fixture.position + 1) % 5
    try fixture.restart()
    fixture.memory.fail(MemoryFailure(.program, after: 0, isLasting: false))
    try fixture.set(3, 30)
    #expect(fixture.journal.condition.contains(.worn))
    try fixture.restart()
    #expect(fixture.journal.value(of: .retired, UInt16(bad)) != nil)
    // It has no header: the first write of a boot erases it once more, so that nothing of it comes back.
    try fixture.set(3, 31)
    let erases = fixture.memory.erases
    for value in UInt16(100)...700 { try fixture.set(3, value) }
    #expect((0..<5).allSatisfy { (fixture.memory.erases[$0] == erases[$0]) == ($0 == bad) })
  }

  @Test(
    "a torn record that looks like another's with a flipped bit is not believed, unless it says something expected"
  )
  func torn() throws {
    for (key, isBelieved): (UInt16, Bool) in [(3, true), (9, false)] {
      var fixture = try RingFixture(pages: 3)
      for key in UInt16(1)...5 { try fixture.set(key, key) }
      try fixture.write(Record(.value0, key, 77), flipped: 5)
      try fixture.restart()
      #expect(fixture.journal.value(of: .value0, key) == (isBelieved ? 77 : nil))
      #expect(fixture.journal.condition.contains(isBelieved ? .corrected : .lastUpdateUnknown))
      #expect(fixture.values(4...5) == [4, 5])
    }
  }

  @Test("where nothing can be erased a new page is free behind its records, whatever was there")
  func filled() throws {
    for erased: UInt8 in [0, 0xFF] {
      var fixture = try RingFixture(.fram, pages: 2, erased: erased)
      for value in UInt16(0)...200 { try fixture.set(1, value) }
      try fixture.restart()
      try fixture.set(1, 999)
      let free =
        fixture.offset(ofCell: Int(fixture.journal.tail))..<(fixture.position + 1) * RingFixture.pageSize
      #expect(free.count > 300)
      #expect(free.allSatisfy { fixture.memory.byte(at: $0) == erased })
    }
  }

  @Test("a cell that cannot be read is not free: what stands behind it counts, and at the tail it is said")
  func unreadable() throws {
    for (distance, conditions): (Int, Condition) in [
      (2, [.degraded, .lastUpdateUnknown]), (1, .lastUpdateUnknown),
    ] {
      var fixture = try RingFixture(.eccNOR, pages: 3)
      for key in UInt16(1)...5 { try fixture.set(key, key) }
      for value in UInt16(30)...40 { try fixture.set(3, value) }
      fixture.loseUnit(ofCell: Int(fixture.journal.tail) - distance)
      try fixture.restart()
      #expect(fixture.journal.value(of: .value0, 3) == (distance == 1 ? 39 : 40))
      #expect(fixture.journal.condition.isSuperset(of: conditions))
    }
  }

  @Test("the pages that the page that counts goes on from are kept, though one of them is no proof any more")
  func depths() throws {
    var fixture = try RingFixture(pages: 5)
    for key in UInt16(1)...40 { try fixture.set(key, key) }
    var value: UInt16 = 100
    while fixture.journal.depth < 1 || Int(fixture.journal.tail) < fixture.journal.cells {
      value += 1
      try fixture.set(value % 8 + 1, value)
    }
    let middle = fixture.position
    try fixture.cutBehindCommit { fixture throws(StoreError) in try fixture.set(1, 1_000) }
    // The first two behind its COMMIT, of keys that are written anew behind them.
    for cell in 1...2 { fixture.damage(cell: cell, ofPage: middle) }
    try fixture.restart()
    #expect(fixture.journal.depth == 2 && fixture.position != middle)
    let known = fixture.values(1...40)
    let writing = fixture
    var step = 0
    while true {
      fixture = writing
      fixture.memory.cut(after: step, Tear(.prefix))
      do throws(StoreError) {
        try fixture.set(40, 4_000)
        break
      } catch {
        try fixture.restart()
        #expect(fixture.values(1...39) == Array(known.dropLast()), "cut at step \(step)")
      }
      step += 1
    }
    #expect(step > 300)
  }
}
