import HSXHAL
import HSXSimulation
import Testing

@testable import HSXPersistence

@Suite("What is reported of pages and superblocks")
struct PageReportTests {
  private func pages(_ fixture: inout StoreFixture) -> [PageReport] {
    (0..<fixture.store.layout.ring.pageCount).map {
      fixture.store.journal.report(ofPage: $0, in: &fixture.memory)
    }
  }

  private func current(_ fixture: inout StoreFixture) throws -> PageReport {
    let all = pages(&fixture)
    return try #require(all.first { $0.role == .current })
  }

  @Test("the erases in the headers are those that the memory has counted", arguments: [8, 16, 32])
  func erases(writeUnit: Int) throws {
    var fixture = try StoreFixture(writeUnit: writeUnit)
    for round in 0..<3000 as Range<UInt16> {
      let first = fixture.store.layout.ring.offset / 4096
      if round % 500 == 0 {
        let reports = pages(&fixture)
        #expect(reports.map { Int($0.erases) } == Array(fixture.memory.erases[first..<first + reports.count]))
        let erases = reports.map(\.erases)
        #expect((erases.max() ?? 9) - (erases.min() ?? 0) <= 1)
      }
      try fixture.store.setValue(round, of: 1 + round % 7, generation: 0, in: &fixture.memory)
    }
  }

  @Test("records, snapshot and free cells add up to what was written", arguments: [1, 8, 16])
  func counts(writeUnit: Int) throws {
    var fixture = try StoreFixture(writeUnit: writeUnit)
    for key in 1...9 as ClosedRange<UInt16> {
      try fixture.store.setValue(key, of: key, generation: 0, in: &fixture.memory)
    }
    try fixture.restart()
    for number in 1...5 as ClosedRange<UInt16> {
      try fixture.store.setValue(number &* 100, of: 3, generation: 0, in: &fixture.memory)
    }
    let report = try current(&fixture)
    #expect(report.snapshot == 9)
    #expect(report.isCommitted)
    #expect(report.records == 5)
    #expect(report.ends == 0)
    #expect(report.free == report.cells - 9 - 1 - 5)
    #expect(report.damaged == 0 && report.stray == 0 && report.corrected == 0)
    #expect(report.firstDamage == nil)
  }

  @Test("the page said to be next is the one that the next turn erases")
  func next() throws {
    var fixture = try StoreFixture()
    for round in 0..<12 as Range<UInt16> {
      try fixture.restart()
      let all = pages(&fixture)
      let target = try #require(all.first { $0.isNext }).position
      let before = fixture.memory.erases
      try fixture.store.setValue(round, of: 1, generation: 0, in: &fixture.memory)
      let erased = zip(fixture.memory.erases, before).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
      #expect(erased == [fixture.store.layout.ring.offset / 4096 + target])
    }
  }

  @Test("what is flipped is named: one bit is corrected, two are damage with its place")
  func damage() throws {
    var fixture = try StoreFixture()
    for number in 1...4 as ClosedRange<UInt16> {
      try fixture.store.setValue(number, of: 3, generation: 0, in: &fixture.memory)
    }
    let page = try current(&fixture)
    // Two cells of header and a COMMIT come first; the new key took two cells.
    let record = page.offset + (2 + 1 + 2) * 8
    fixture.memory.flip(bit: record * 8 + 3)
    #expect(try current(&fixture).corrected == 1)
    fixture.memory.flip(bit: record * 8 + 40)
    let damaged = try current(&fixture)
    #expect(damaged.corrected == 0)
    #expect(damaged.damaged == 1)
    #expect(damaged.firstDamage == record)
    fixture.memory.flip(bit: page.offset * 8 + 70)
    #expect(try current(&fixture).corrected == 1)
    for bit in 0..<8 { fixture.memory.flip(bit: (page.offset + 1) * 8 + bit) }
    let headless = try current(&fixture)
    #expect(headless.damaged == 2)
    #expect(headless.firstDamage == page.offset)
    #expect(headless.sequence == page.sequence)
  }

  @Test("a page that is not read shows its damage too, and one without a header is unreadable or blank")
  func others() throws {
    var fixture = try StoreFixture()
    let all = pages(&fixture)
    let other = try #require(all.first { $0.role == .blank && !$0.isNext })
    for bit in 0..<64 where bit % 3 == 0 { fixture.memory.flip(bit: other.offset * 8 + bit) }
    #expect(pages(&fixture)[other.position].role == .unreadable)
    #expect(pages(&fixture)[other.position].sequence == 0)
    try fixture.memory.erase(sector: other.offset / 4096)
    #expect(pages(&fixture)[other.position].role == .blank)
    #expect(pages(&fixture)[other.position].sequence == 0)
  }

  @Test("a superblock is whole, corrected, damaged, missing, or of a memory of another size")
  func superblocks() throws {
    var fixture = try StoreFixture()
    #expect(SuperblockReport(copy: 0, in: &fixture.memory).finding == .whole)
    #expect(SuperblockReport(copy: 1, in: &fixture.memory).layout == fixture.store.layout)
    fixture.memory.flip(bit: 4096 * 8 + 77)
    #expect(SuperblockReport(copy: 1, in: &fixture.memory).finding == .corrected)
    #expect(SuperblockReport(copy: 1, in: &fixture.memory).layout == fixture.store.layout)
    fixture.memory.flip(bit: 4096 * 8 + 200)
    #expect(SuperblockReport(copy: 1, in: &fixture.memory).finding == .damaged)
    try fixture.memory.erase(sector: 1)
    #expect(SuperblockReport(copy: 1, in: &fixture.memory).finding == .erased)
    var large = try StoreFixture(size: 0x8_0000).memory
    var superblock = [UInt8](repeating: 0, count: 64)
    var span = superblock.mutableSpan
    try large.read(at: 0, into: &span)
    try fixture.memory.program(superblock.span, at: 4096)
    #expect(SuperblockReport(copy: 1, in: &fixture.memory).finding == .otherSize(0x8_0000))
  }

  @Test("each flipped bit of a superblock or a descriptor is said to be corrected, those of the CRC too")
  func corrected() throws {
    var fixture = try StoreFixture()
    let slot = try fixture.install([UInt8](repeating: 7, count: 600), as: "app")
    #expect(!fixture.store.isDescriptorCorrected(slot, in: &fixture.memory))
    for bit in 0..<64 * 8 {
      fixture.memory.flip(bit: bit)
      #expect(SuperblockReport(copy: 0, in: &fixture.memory).finding == .corrected, "\(bit)")
      fixture.memory.flip(bit: bit)
    }
    let start = fixture.store.layout.offset(ofSlot: Int(slot)) * 8
    for bit in start..<start + 96 * 8 {
      fixture.memory.flip(bit: bit)
      #expect(fixture.store.isDescriptorCorrected(slot, in: &fixture.memory), "\(bit)")
      fixture.memory.flip(bit: bit)
    }
  }
}
