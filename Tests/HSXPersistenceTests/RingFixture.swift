import HSXHAL
import Testing

@testable import HSXPersistence
@testable import HSXSimulation

/// A ring of pages of 512 bytes, and what stands on it cell by cell.
struct RingFixture {
  static let pageSize = 512
  var memory: SimulatedMemory
  var journal: Journal<48>

  init(_ family: MemoryFamily = .nor, pages: Int, erased: UInt8 = 0xFF) throws {
    let geometry = try #require(
      Geometry(
        size: pages * Self.pageSize, writeUnit: family == .fram ? 1 : 8,
        eraseUnit: family == .fram ? 0 : Self.pageSize, erasedValue: erased, ratedCycles: 0))
    memory = SimulatedMemory(family, geometry)
    journal = try Journal(
      formatting: Ring(offset: 0, pageSize: Self.pageSize, pageCount: pages), in: &memory)
  }

  /// Where the page that counts lies in the ring.
  var position: Int {
    mutating get { journal.position(of: journal.sequence) }
  }

  mutating func set(_ key: UInt16, _ value: UInt16) throws(StoreError) {
    try journal.commit([Record(.value0, key, value)].span, in: &memory)
  }

  /// The next boot.
  mutating func restart() throws(StoreError) {
    memory.powerUp()
    journal = try Journal(mounting: journal.ring, in: &memory)
  }

  func values(_ keys: ClosedRange<UInt16>) -> [UInt16?] {
    keys.map { journal.value(of: .value0, $0) }
  }

  /// The first byte of a cell of the page that counts, or of another; the header's are -2 and -1.
  mutating func offset(ofCell cell: Int, ofPage page: Int? = nil) -> Int {
    (page ?? position) * Self.pageSize + (cell + 2) * 8
  }

  /// Flips so many bits of a cell that nothing mends it.
  mutating func damage(cell: Int, ofPage page: Int? = nil) {
    let start = offset(ofCell: cell, ofPage: page)
    for bit in [3, 17, 30, 44, 59] { memory.flip(bit: start * 8 + bit) }
  }

  /// Lets a cell be one that the error-correcting code gives up.
  mutating func loseUnit(ofCell cell: Int) { memory.isTorn[offset(ofCell: cell) / 8] = true }

  /// Lets a page be what another is, as after a write that went astray.
  mutating func copy(page: Int, to other: Int) {
    for byte in 0..<Self.pageSize {
      memory.bytes[other * Self.pageSize + byte] = memory.bytes[page * Self.pageSize + byte]
    }
  }

  /// Programs a record into the free cell, one of its bits flipped.
  mutating func write(_ record: Record, flipped bit: Int) throws(MemoryFault) {
    let index = Int(journal.tail)
    let page = RecordCode.fold(RecordCode.start, journal.sequence)
    let checksum = RecordCode.checksum(
      page: page, index: index, kind: record.kind.rawValue, data: record.data)
    let cell = (UInt64(record.data) | UInt64(checksum) << 32) ^ 1 << UInt64(bit)
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: cell >> (8 * UInt64($0))) }
    try memory.program(bytes.span, at: offset(ofCell: index))
  }

  /// Lets the power fail in the first program behind the COMMIT of a turn, which then is not there.
  ///
  /// `refused` pages before it refuse a program.
  mutating func cutBehindCommit(refused: Int = 0, _ change: (inout RingFixture) throws(StoreError) -> Void)
    throws
  {
    var rehearsal = self
    rehearsal.memory.isTracing = true
    try change(&rehearsal)
    // Of each erase, of the snapshot, of the COMMIT.
    let syncs = rehearsal.memory.operations.filter { $0.kind == .sync }
    try #require(syncs.count > 3 + refused)
    memory.cut(after: syncs[2 + refused].step + 1 - memory.steps, Tear(.prefix))
    do throws(StoreError) { try change(&self) } catch { return }
    Issue.record("the power did not fail")
  }
}
