import HSXHAL
import HSXPersistence
import HSXSimulation
import HXE
import Testing

/// A ring of four pages of 512 bytes that nothing erases, filled with 0xFF, with two keys of which the first was written often.
private struct Fixture {
  static let ring = Ring(offset: 0, pageSize: 512, pageCount: 4)
  var memory: SimulatedMemory

  init() throws {
    memory = SimulatedMemory(
      .fram,
      try #require(Geometry(size: 2_048, writeUnit: 1, eraseUnit: 0, erasedValue: 0xFF, ratedCycles: 0)))
    var journal = try Journal<8>(formatting: Self.ring, in: &memory)
    try journal.commit([Record(.value0, 2, 7)].span, in: &memory)
    for value in UInt16(1)...100 { try journal.commit([Record(.value0, 1, value)].span, in: &memory) }
  }

  mutating func mounted() throws(StoreError) -> Journal<8> {
    try Journal<8>(mounting: Self.ring, in: &memory)
  }

  mutating func write(_ bytes: [UInt8], at offset: Int) throws(MemoryFault) {
    try memory.program(bytes.span, at: offset)
  }
}

/// The header of a page, as the layout says it.
private func header(_ sequence: UInt32) -> [UInt8] {
  var bytes: [UInt8] = [0x48, 0x10, 0, 0]
  bytes += stride(from: 0, to: 32, by: 8).map { UInt8(truncatingIfNeeded: sequence >> $0) }
  bytes += [1, 0, 0, 0]
  let checksum = CRC32.checksum(bytes.span, .fast)
  return bytes + stride(from: 0, to: 32, by: 8).map { UInt8(truncatingIfNeeded: checksum >> $0) }
}

@Suite("A ring that somebody tampered with")
struct HostileRingTests {
  @Test("a header that claims the last of all sequences is no header, and what is stored behind it stays")
  func lastSequence() throws {
    var fixture = try Fixture()
    let current = try (0..<4).map { page in
      try fixture.mounted().report(ofPage: page, in: &fixture.memory)
    }.first { $0.role == .current }?.position
    let page = (try #require(current) + 2) % 4
    // The one of the last four sequences that belongs to the page.
    try fixture.write(header(0xFFFF_FFFC + UInt32(page)), at: page * 512)
    var journal = try fixture.mounted()
    #expect(journal.value(of: .value0, 1) == 100)
    #expect(journal.condition.contains(.lastUpdateUnknown))
    for value in UInt16(101)...103 {
      try journal.commit([Record(.value0, 1, value)].span, in: &fixture.memory)
    }
    #expect(try fixture.mounted().value(of: .value0, 1) == 103)
  }

  @Test(
    "a block that lost its content is damage, wherever it lies in the pages that count", arguments: 0..<32)
  func zeroedBlock(block: Int) throws {
    var fixture = try Fixture()
    try fixture.write([UInt8](repeating: 0, count: 64), at: block * 64)
    do throws(StoreError) {
      let journal = try fixture.mounted()
      let isWhole = journal.value(of: .value0, 1) == 100 && journal.value(of: .value0, 2) == 7
      #expect(isWhole || !journal.condition.isDisjoint(with: [.degraded, .lastUpdateUnknown]))
    } catch {
      #expect(error == .noSoundPage)
    }
  }

  @Test("a snapshot that is erased where records were is damage")
  func erasedSnapshot() throws {
    var fixture = try Fixture()
    let page = try (0..<4).map { page in
      try fixture.mounted().report(ofPage: page, in: &fixture.memory)
    }.first { $0.role == .current }?.position
    try fixture.write([UInt8](repeating: 0xFF, count: 8), at: try #require(page) * 512 + 16)
    #expect(try fixture.mounted().condition.contains(.degraded))
  }

  @Test("more entries than there is room for are refused, not forgotten")
  func overfull() throws {
    var fixture = try Fixture()
    do throws(StoreError) {
      _ = try Journal<1>(mounting: Fixture.ring, in: &fixture.memory)
      Issue.record("mounted")
    } catch {
      #expect(error == .full(needed: 2, available: 1))
    }
  }

  @Test("pages that refuse, beside a table that nearly fills a page, never let a record pass the page's end")
  func retiredBesideMany() throws {
    let geometry = try #require(
      Geometry(size: 16 * 512, writeUnit: 8, eraseUnit: 512, erasedValue: 0xFF, ratedCycles: 0))
    let ring = Ring(offset: 0, pageSize: 512, pageCount: 14)
    for refusing in 1...10 {
      var memory = SimulatedMemory(.nor, geometry)
      var journal = try Journal<80>(formatting: ring, in: &memory)
      for key in UInt16(1)...57 { try journal.commit([Record(.value0, key, key)].span, in: &memory) }
      var remounted = try Journal<80>(mounting: ring, in: &memory)
      for number in 0..<refusing { memory.fail(MemoryFailure(.erase, after: number, isLasting: false)) }
      for value in UInt16(1000)...1010 {
        do throws(StoreError) {
          try remounted.commit([Record(.value0, 1, value)].span, in: &memory)
        } catch {
          guard case .full = error else { throw error }
        }
      }
      #expect(memory.violations.isEmpty)
    }
  }
}
