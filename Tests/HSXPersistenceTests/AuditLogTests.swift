import HSXHAL
import HSXSimulation
import Testing

@testable import HSXPersistence

@Suite struct AuditLogTests {
  static let families: [(MemoryFamily, Int)] = [(.nor, 1), (.nor, 8), (.nor, 32), (.fram, 1), (.eccNOR, 16)]

  /// All records, newest first.
  func read(_ fixture: inout StoreFixture) -> [AuditRecord] {
    var cursor = AuditCursor()
    var records: [AuditRecord] = []
    while let record = cursor.next(of: fixture.store.log, in: &fixture.memory) { records.append(record) }
    return records
  }

  /// A time in the hour `hour`.
  func time(hour: Int) -> Instant { Instant(milliseconds: UInt64(hour + 1) * 3_600_000) }

  @Test("the newest 64 records are always there, in order, over many turns and starts", arguments: families)
  func keeps(_ kind: (MemoryFamily, Int)) throws {
    var fixture = try StoreFixture(kind.0, size: 0x4_0000, writeUnit: kind.1)
    var number: UInt32 = 0
    for start in 0..<30 {
      for _ in 0..<[1, 0, 3, 40, 0, 60][start % 6] {
        number += 1
        let record = AuditRecord(
          code: UInt16(number % 9), peer: number &* 7, subject: number, detail: ~number)
        #expect(try fixture.store.log.append(record, at: time(hour: 1), in: &fixture.memory))
      }
      let records = read(&fixture)
      #expect(records.count >= min(Int(number), 64))
      for (index, record) in records.enumerated() {
        #expect(record.sequence == number - UInt32(index))
        #expect(record.subject == record.sequence && record.detail == ~record.sequence)
      }
      try fixture.restart()
    }
    #expect(fixture.memory.violations == [])
  }

  @Test("records know when and in which start they were written")
  func origin() throws {
    var fixture = try StoreFixture()
    for start in 0..<3 {
      let now = Instant(milliseconds: UInt64(5_000 + start * 1000))
      _ = try fixture.store.log.append(AuditRecord(code: 5), at: now, in: &fixture.memory)
      try fixture.restart()
    }
    #expect(read(&fixture).map(\.seconds) == [7, 6, 5])
    #expect(read(&fixture).map(\.boot) == [3, 2, 1])
  }

  @Test(
    "a log whose pages have any sequence is written within its bounds or refuses", arguments: families,
    [0, 1, UInt32.max / 2, .max - 2, .max - 1, .max])
  func hostileSequences(_ kind: (MemoryFamily, Int), _ sequence: UInt32) throws {
    var fixture = try StoreFixture(kind.0, size: 0x4_0000, writeUnit: kind.1)
    try fixture.store.setValue(7, of: 1, generation: 0, in: &fixture.memory)
    let ring = fixture.store.layout.log
    for page in 0..<ring.pageCount {
      var words = Words(Words.entry)
      words[0] = 0x4C58_5348
      words[1] = sequence
      try words.write(at: ring.offset + page * ring.pageSize, in: &fixture.memory)
    }
    let outside = fixture.bytes(outside: ring)
    try fixture.restart()
    var isTaken = false
    let refusal = failure {
      isTaken = try fixture.store.log.append(AuditRecord(code: 3), at: time(hour: 0), in: &fixture.memory)
    }
    #expect(fixture.bytes(outside: ring) == outside)
    try fixture.restart()
    // Only where no sequence is left nothing is taken; else what was taken is there.
    #expect(isTaken == (refusal == nil))
    #expect(read(&fixture).map(\.code) == (isTaken ? [3] : []))
    #expect(isTaken == (sequence != .max - 1) || kind.0 == .fram)
    #expect(fixture.store.value(of: 1, generation: 0) == 7)
  }

  @Test("at most 60 records an hour are written, and the next hour says how many were not")
  func limit() throws {
    var fixture = try StoreFixture()
    var written = 0
    for number in 0..<100 {
      let record = AuditRecord(code: 1, subject: UInt32(number))
      if try fixture.store.log.append(record, at: time(hour: 0), in: &fixture.memory) { written += 1 }
    }
    #expect(written == 60)
    _ = try fixture.store.log.append(AuditRecord(code: 2), at: time(hour: 1), in: &fixture.memory)
    #expect(read(&fixture).count == 61)
    #expect(read(&fixture)[0].dropped == 40)
    #expect(read(&fixture)[1].dropped == 0)
  }

  @Test("equal refusals of a peer are counted in one, also when peers take turns")
  func refusals() throws {
    var fixture = try StoreFixture()
    for _ in 0..<1000 {
      for peer: UInt32 in 1...3 {
        _ = try fixture.store.log.append(
          AuditRecord(code: 4, peer: peer), isRefusal: true, at: time(hour: 0), in: &fixture.memory)
      }
    }
    #expect(read(&fixture).map(\.peer) == [3, 2, 1])
    try fixture.store.log.flush(at: time(hour: 0), in: &fixture.memory)
    #expect(read(&fixture).map(\.count) == [999, 999, 999, 1, 1, 1])
    // It is told once.
    try fixture.store.log.flush(at: time(hour: 0), in: &fixture.memory)
    #expect(read(&fixture).count == 6)
  }

  @Test("a fifth refusal makes the oldest be told")
  func eviction() throws {
    var fixture = try StoreFixture()
    for peer: UInt32 in [1, 1, 2, 3, 4, 5] {
      _ = try fixture.store.log.append(
        AuditRecord(code: 4, peer: peer), isRefusal: true, at: time(hour: 0), in: &fixture.memory)
    }
    #expect(read(&fixture).map(\.peer) == [5, 1, 4, 3, 2, 1])
    #expect(read(&fixture).map(\.count) == [1, 1, 1, 1, 1, 1])
  }

  @Test(
    "after a cut anywhere what was told as written is there, no used word is programmed, and it goes on",
    arguments: families)
  func cuts(_ kind: (MemoryFamily, Int)) throws {
    var fixture = try StoreFixture(kind.0, size: 0x4_0000, writeUnit: kind.1)
    for number: UInt32 in 1...50 {
      _ = try fixture.store.log.append(
        AuditRecord(code: 1, subject: number), at: time(hour: 0), in: &fixture.memory)
    }
    try fixture.restart()
    let tears: [Tear] = [
      Tear(.prefix, lost: 0x5555), Tear(.bits(seed: 3)), Tear(.weak(WeakHistory([.old, .new, .mixed]))),
      Tear(.weak(WeakHistory([.new, .old]))),
    ]
    for tear in tears {
      var step = 0
      var isDone = false
      while !isDone {
        var trial = fixture
        trial.memory.cut(after: step, tear)
        var acknowledged: UInt32 = 50
        for number: UInt32 in 51...53 {
          guard
            failure({
              _ = try trial.store.log.append(
                AuditRecord(code: 1, subject: number), at: time(hour: 1), in: &trial.memory)
            }) == nil
          else { break }
          acknowledged = number
        }
        isDone = acknowledged == 53
        trial.memory.cancelCut()
        for round in 0..<3 {
          try trial.restart()
          let subjects = Set(read(&trial).map(\.subject))
          for number in 1...acknowledged { #expect(subjects.contains(number), "\(tear) \(step) \(round)") }
          _ = try trial.store.log.append(
            AuditRecord(code: 2, subject: 100 + UInt32(round)), at: time(hour: 2 + round), in: &trial.memory)
        }
        #expect(trial.memory.violations == [])
        step += 61
      }
      #expect(step > 1000 || kind.0 == .fram)
    }
  }

  @Test("damaged records are left out, and a memory full of anything is read to the end")
  func hostile() throws {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<20 {
      var fixture = try StoreFixture(.fram, size: 8192, writeUnit: 1)
      for number: UInt32 in 1...30 {
        _ = try fixture.store.log.append(
          AuditRecord(code: 1, subject: number), at: time(hour: 0), in: &fixture.memory)
      }
      let log = fixture.store.layout.log
      for _ in 0..<40 {
        let bit = Int.random(in: log.offset * 8..<(log.offset + 2 * log.pageSize) * 8, using: &generator)
        fixture.memory.flip(bit: bit)
      }
      try fixture.restart()
      for record in read(&fixture) { #expect(record.subject == record.sequence) }
      _ = try fixture.store.log.append(AuditRecord(code: 1), at: time(hour: 0), in: &fixture.memory)
    }
  }
}

extension StoreFixture {
  /// All bytes of the memory but a ring's.
  mutating func bytes(outside ring: Ring) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: memory.geometry.size)
    var span = bytes.mutableSpan
    do { try memory.read(at: 0, into: &span) } catch { return [] }
    bytes.removeSubrange(ring.offset..<ring.offset + ring.pageSize * ring.pageCount)
    return bytes
  }
}
