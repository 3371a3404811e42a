import HSXHAL
import HSXPersistence
import HSXProvisioning
import HSXRegistry
import HSXSimulation
import HXE
import Testing

@testable import HSXExecutive

@Suite("Damaged images")
struct DamagedImageTests {
  private let counter = ObjectID(group: 1, member: 1)
  private let app = ShortName("counter") ?? ShortName()
  private let body = "LDI R0, 0\nRET"

  private func set(_ executive: inout StoredExecutive, _ number: Float16) {
    #expect(
      executive.setValue(counter, to: number.bitPattern, caller: .client(.factory), now: .zero) == .ok)
    executive.advance(to: .zero)
  }

  private func number(_ executive: borrowing StoredExecutive) -> Float16? {
    executive.objects.values[counter].map { Float16(bitPattern: $0.bits) }
  }

  /// An executive that runs so many confirmed versions, one behind the other; the last has the number 42.
  private func running(versions: Int) throws -> StoredExecutive {
    var executive = try booted(try formattedMemory())
    for version in 1...versions {
      _ = try executive.loadStored(counterImage(initial: Double(version), body: body), replaces: version > 1)
      _ = try executive.run(upTo: 10, now: .zero)
      set(&executive, version == versions ? 42 : Float16(version * 10))
    }
    return executive
  }

  private func place(of slot: Int) throws -> Int {
    let memory = try formattedMemory()
    return try #require(Layout.standard(for: memory.geometry)).offset(ofSlot: slot)
  }

  /// Flips bits of a slot: two of its descriptor's first part, or of the second, or one of its image.
  private func damage(_ bits: [Int], of slot: Int, _ executive: inout StoredExecutive) throws {
    let start = try place(of: slot)
    try executive.withMemory { memory in
      for bit in bits { memory.flip(bit: start * 8 + bit) }
    }
  }

  @Test(
    "an image that replaces a damaged one has its values, and the good one before it stays the fallback",
    arguments: [[3, 90], [40 * 8 + 3, 40 * 8 + 90], [(256 + 100) * 8]])
  func replaced(bits: [Int]) throws {
    for isRunning in [true, false] {
      var executive = try running(versions: 2)
      try damage(bits, of: 1, &executive)
      // Where nothing runs, as in a tool, only the records say whose the damaged slot is.
      if !isRunning { executive = try booted(try executive.memory()) }
      _ = try executive.loadStored(counterImage(initial: 3, body: body), replaces: isRunning)
      #expect(try executive.phases() == ["0 confirmed fallback", "1 rejected", "2 trial*"])
      #expect(try executive.slots()[1].state.cause == .damaged)
      #expect(number(executive) == 42)
      _ = try executive.run(upTo: 10, now: .zero)
      var next = try booted(try executive.memory())
      #expect(try next.startStored(nonce: 1, now: .zero).map(\.source.slotNumber) == [2])
      #expect(number(next) == 42)
      let back = try next.rollback(app, nonce: 5, now: .zero)
      #expect(back.source.slotNumber == 0)
      #expect(number(next) == 10)
    }
  }

  @Test("an only image that is damaged while it runs leaves its values to the one that replaces it")
  func only() throws {
    for generation in [0, 1] {
      var executive = try running(versions: 1 + generation)
      // The fallback goes with it.
      for slot in 0...generation { try damage([3, 90], of: slot, &executive) }
      _ = try executive.loadStored(counterImage(initial: 7, body: body), replaces: true)
      #expect(number(executive) == 42)
      var next = try booted(try executive.memory())
      _ = try next.startStored(nonce: 1, now: .zero)
      #expect(number(next) == 42)
    }
  }

  @Test("once a day what has faded in the ring is written anew, and not before")
  func scrubbed() throws {
    var executive = try running(versions: 1)
    let ring = try #require(Layout.standard(for: try formattedMemory().geometry)).ring
    try executive.withMemory { memory in
      // The last cells that are written, in each of the pages that are.
      for page in 0..<ring.pageCount {
        let start = ring.offset + page * ring.pageSize
        if memory.byte(at: start + 16) != 0xFF { memory.flip(bit: (start + 16) * 8) }
      }
    }
    let operations = try executive.memory().programs
    executive.advance(to: Instant(milliseconds: 86_399_999))
    #expect(try executive.memory().programs == operations)
    executive.advance(to: Instant(milliseconds: 86_400_000))
    let healed = try executive.memory().programs
    #expect(healed > operations)
    executive.advance(to: Instant(milliseconds: 2 * 86_400_000))
    #expect(try executive.memory().programs == healed)
    let next = try booted(try executive.memory())
    #expect(next.storageCondition == [])
  }

  @Test("an image whose slot was damaged can be loaded again")
  func again() throws {
    var executive = try running(versions: 2)
    try damage([(256 + 100) * 8], of: 1, &executive)
    executive = try booted(try executive.memory())
    _ = try executive.startStored(nonce: 1, now: .zero)
    #expect(try executive.phases() == ["0 confirmed*", "1 rejected"])
    _ = try executive.loadStored(counterImage(initial: 2, body: body), replaces: true)
    #expect(try executive.phases() == ["0 confirmed fallback", "1 rejected", "2 trial*"])
  }

  @Test("failed starts are counted in a row: a good one between them begins anew")
  func goodStart() throws {
    #expect(try tallies() == [1, 2, 0, 1])
  }

  @Test("a start that was good but for an early end is not counted as good")
  func earlyEnd() throws {
    var executive = try running(versions: 1)
    try fail(&executive)
    executive = try booted(try executive.memory())
    let started = try executive.startStored(nonce: 1, now: .zero)
    let pid = try #require(started.first?.pid)
    try executive.kill(pid, now: .zero)
    #expect(try executive.phases() == ["0 confirmed*"])
    #expect(try executive.slots()[0].state.tally == 1)
    executive.advance(to: Instant(milliseconds: 10_000))
    #expect(try executive.slots()[0].state.tally == 1)
  }

  /// Notes a failed start of slot 0.
  private func fail(_ executive: inout StoredExecutive) throws {
    var memory = try executive.memory()
    var store = try StateStore(mounting: &memory)
    var batch = StateBatch()
    try store.fail(0, .load, attempts: 3, into: &batch)
    try store.commit(batch, in: &memory)
    executive = try booted(memory)
  }

  /// The tallies of slot 0 after two failed starts, a good one, and another that failed.
  private func tallies() throws -> [Int] {
    var tallies: [Int] = []
    var executive = try running(versions: 1)
    for isGood in [false, false, true, false] {
      if isGood {
        executive = try booted(try executive.memory())
        _ = try executive.startStored(nonce: 1, now: .zero)
        _ = try executive.run(upTo: 10, now: .zero)
      } else {
        try fail(&executive)
      }
      #expect(try executive.phases() == ["0 confirmed*"])
      tallies.append(try executive.slots()[0].state.tally)
    }
    return tallies
  }

  @Test(
    "a memory that refuses to read costs a start, and never an image",
    arguments: [0..<40, 40..<96, 256..<300])
  func refused(bytes: Range<Int>) throws {
    var executive = try running(versions: 2)
    let phases = try executive.phases()
    let start = try place(of: 1)
    for _ in 0..<5 {
      var memory = try executive.memory()
      memory.refuseReads(of: start + bytes.lowerBound..<start + bytes.upperBound)
      executive = try booted(memory)
      #expect(try executive.startStored(nonce: 1, now: .zero).isEmpty)
      let told = executive.bodies().contains {
        if case .transferError(_, .store(.memory(.refused)), stage: .boot) = $0 { true } else { false }
      }
      #expect(told)
      try executive.withMemory { $0.repair() }
      #expect(try executive.phases() == phases)
    }
    #expect(try executive.startStored(nonce: 1, now: .zero).map(\.source.slotNumber) == [1])
    #expect(number(executive) == 42)
  }
}

extension Source {
  /// The slot that an image came from.
  fileprivate var slotNumber: UInt8? {
    if case .store(let slot, _) = self { slot } else { nil }
  }
}
