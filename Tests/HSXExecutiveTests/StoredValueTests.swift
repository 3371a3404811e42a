@testable import HSXExecutive
import HSXHAL
import HSXPersistence
import HSXProvisioning
import HSXRegistry
import HSXSimulation
import MiniVM
import Testing

@Suite("Stored values")
struct StoredValueTests {
  private let counter = ObjectID(group: 1, member: 1)

  private func set(_ executive: inout StoredExecutive, _ number: Float16, at milliseconds: UInt64)
    -> ValueStatus
  {
    executive.setValue(
      counter, to: number.bitPattern, caller: .client(.factory), now: Instant(milliseconds: milliseconds))
  }

  @Test("a value starts after a boot from what was acknowledged before it")
  func restored() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.load(counterImage())
    #expect(set(&executive, 42, at: 0) == .ok)
    executive.advance(to: .zero)
    #expect(executive.storedEvents() == [42])
    var next = try booted(try executive.memory())
    _ = try next.load(counterImage())
    #expect(next.objects.values[counter]?.bits == Float16(42).bitPattern)
    #expect(next.storedEvents().isEmpty)
  }

  @Test(
    "an equal value is acknowledged only once this boot has written: what was read may read otherwise at the next"
  )
  func equalButUnsettled() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.load(counterImage())
    #expect(set(&executive, 42, at: 0) == .ok)
    executive.advance(to: .zero)
    var next = try booted(try executive.memory())
    _ = try next.load(counterImage())
    let before = try next.memory().bytesProgrammed
    #expect(set(&next, 41, at: 0) == .ok && set(&next, 42, at: 0) == .ok)
    next.advance(to: .zero)
    #expect(next.storedEvents() == [42])
    let settled = try next.memory().bytesProgrammed
    #expect(settled > before)
    #expect(set(&next, 41, at: 1) == .ok && set(&next, 42, at: 1) == .ok)
    next.advance(to: Instant(milliseconds: 1))
    #expect(try next.memory().bytesProgrammed == settled)
  }

  @Test("a stored value outside the declared range is passed over")
  func outOfRange() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.load(counterImage())
    #expect(set(&executive, 42, at: 0) == .ok)
    executive.advance(to: .zero)
    var next = try booted(try executive.memory())
    _ = try next.load(counterImage(maximum: 40))
    #expect(next.objects.values[counter]?.bits == Float16(1).bitPattern)
    #expect(next.storedNumber(17) == 42)
  }

  @Test("changes within the debounce are one write, and of an equal value none")
  func debounced() throws {
    var executive = try booted(try formattedMemory())
    let pid = try executive.load(
      assembled(
        """
        .text
        .entry main
        main:
        LDI R1, 1
        LDI R2, 1
        LDI R3, 2
        LDI32 R4, chain
        LDI R5, 0
        SVC 0x700
        again:
        JMP again
        .data
        chain: .byte 5, 0, 0, 0, 17, 0, 100, 0
        """))
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(try executive.processor(of: pid).registers[0] == 0)
    for (number, time) in [(2.0, 0), (3, 40), (4, 80)] as [(Float16, UInt64)] {
      #expect(set(&executive, number, at: time) == .ok)
      executive.advance(to: Instant(milliseconds: time))
    }
    #expect(executive.nextDeadline == Instant(milliseconds: 100))
    executive.advance(to: Instant(milliseconds: 99))
    #expect(executive.storedEvents().isEmpty)
    executive.advance(to: Instant(milliseconds: 100))
    #expect(executive.storedEvents() == [4])
    let programs = try executive.memory().programs
    #expect(set(&executive, 5, at: 200) == .ok)
    #expect(set(&executive, 4, at: 210) == .ok)
    executive.advance(to: Instant(milliseconds: 400))
    #expect(try executive.memory().programs == programs)
    #expect(executive.storedEvents() == [4, 4])
    #expect(executive.nextDeadline == nil)
  }

  @Test("a memory that fails loses nothing, is tried again later and later, and never in a tight loop")
  func failing() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.load(counterImage())
    try executive.withMemory { $0.fail(MemoryFailure(.program, after: 0, isLasting: true)) }
    #expect(set(&executive, 7, at: 0) == .ok)
    var now: UInt64 = 0
    var waits: [UInt64] = []
    for _ in 0..<12 {
      executive.advance(to: Instant(milliseconds: now))
      let deadline = executive.nextDeadline
      let next = try #require(deadline).milliseconds
      waits.append(next - now)
      executive.advance(to: Instant(milliseconds: next - 1))
      now = next
    }
    #expect(waits.first == 100 && waits.last == 60_000)
    #expect(zip(waits, waits.dropFirst()).allSatisfy { $0 <= $1 })
    let errors = executive.bodies().filter {
      if case .transferError(_, .store, .persist) = $0 { true } else { false }
    }
    #expect(errors.count == 12)
    #expect(executive.storedEvents().isEmpty)
    try executive.withMemory { $0.repair() }
    executive.advance(to: Instant(milliseconds: now))
    #expect(executive.storedEvents() == [7])
    #expect(executive.nextDeadline == nil)
  }

  @Test("many values that are due are stored a few in a call, and the next call is due at once")
  func manyDue() throws {
    var executive = try booted(try formattedMemory())
    let values = (1...20).map {
      ".value {\"group\":1,\"id\":\($0),\"flags\":\"PERSIST\",\"persist_key\":\($0)}"
    }.joined(separator: "\n")
    _ = try executive.load(assembled("\(values)\n.text\n.entry main\nmain:\nJMP main\n"))
    for number in 1...20 {
      let id = ObjectID(group: 1, member: UInt8(number))
      #expect(executive.setValue(id, to: 0x3C00, caller: .client(.factory), now: .zero) == .ok)
    }
    executive.advance(to: .zero)
    #expect(executive.storedEvents().count == 8)
    #expect(executive.nextDeadline == .zero)
    executive.advance(to: .zero)
    executive.advance(to: .zero)
    #expect(executive.storedEvents().count == 20)
    #expect(executive.nextDeadline == nil)
  }

  @Test("what a task had not stored when it was killed is stored")
  func killed() throws {
    var executive = try booted(try formattedMemory())
    let pid = try executive.load(counterImage())
    #expect(set(&executive, 9, at: 0) == .ok)
    try executive.kill(pid, now: .zero)
    #expect(executive.storedNumber(17) == 9)
    #expect(executive.storedEvents() == [9])
  }

  @Test("what a killed task could not store is not lost either, and its app begins with it")
  func orphaned() throws {
    var executive = try booted(try formattedMemory())
    let pid = try executive.load(counterImage())
    try executive.withMemory { $0.fail(MemoryFailure(.program, after: 0, isLasting: true)) }
    #expect(set(&executive, 9, at: 0) == .ok)
    try executive.kill(pid, now: .zero)
    #expect(executive.storedNumber(17) == nil)
    _ = try executive.load(counterImage())
    #expect(executive.objects.values[counter]?.bits == Float16(9).bitPattern)
    try executive.withMemory { $0.repair() }
    executive.advance(to: Instant(milliseconds: 1000))
    #expect(executive.storedNumber(17) == 9)
  }

  @Test("a later value of the same key counts, also when it is the one that is stored already")
  func laterOne() throws {
    var executive = try booted(try formattedMemory())
    let pid = try executive.load(counterImage())
    #expect(set(&executive, 5, at: 0) == .ok)
    executive.advance(to: .zero)
    try executive.withMemory { $0.fail(MemoryFailure(.program, after: 0, isLasting: true)) }
    #expect(set(&executive, 7, at: 1) == .ok)
    try executive.kill(pid, now: Instant(milliseconds: 1))
    _ = try executive.load(counterImage())
    #expect(executive.objects.values[counter]?.bits == Float16(7).bitPattern)
    #expect(set(&executive, 5, at: 2) == .ok)
    try executive.withMemory { $0.repair() }
    executive.advance(to: Instant(milliseconds: 500))
    #expect(executive.storedNumber(17) == 5)
    #expect(executive.storedEvents().last == 5)
  }

  @Test("a key that none can be is told once, and keeps no other waiting")
  func invalidKey() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.load(
      assembled(
        """
        .value {"group":1,"id":1,"flags":"PERSIST","persist_key":65535}
        .value {"group":1,"id":2,"flags":"PERSIST","persist_key":17}
        .text
        .entry main
        main:
        JMP main
        """))
    #expect(set(&executive, 5, at: 0) == .ok)
    let other = ObjectID(group: 1, member: 2)
    #expect(executive.setValue(other, to: 0x4000, caller: .client(.factory), now: .zero) == .ok)
    var refusal: ProvisioningError?
    do throws(ProvisioningError) { try executive.flush(now: .zero) } catch { refusal = error }
    #expect(refusal == .store(.keyInvalid(65535)))
    #expect(executive.storedNumber(17) == 2)
    #expect(executive.nextDeadline == nil)
  }

  @Test("a graceful stop stores what is due later")
  func flushed() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.load(counterImage())
    #expect(set(&executive, 9, at: 5) == .ok)
    try executive.flush(now: Instant(milliseconds: 5))
    #expect(executive.storedNumber(17) == 9)
  }

  @Test("a program that asks for loading gets what is stored")
  func asksForLoading() throws {
    var executive = try booted(try formattedMemory())
    let pid = try executive.load(counterImage())
    #expect(set(&executive, 9, at: 0) == .ok)
    try executive.kill(pid, now: .zero)
    let program = """
      .value {"group":1,"id":1,"init":1.0,"min":0.0,"max":99.0,"persist_key":17}
      .text
      .entry main
      main:
      LDI32 R1, 0x0101
      LDI R2, 1
      SVC 0x706
      LDI32 R1, 0x0101
      SVC 0x702
      here:
      JMP here
      """
    let second = try executive.load(assembled(program, name: "counter"))
    _ = try executive.run(upTo: 20, now: .zero)
    #expect(try executive.processor(of: second).registers[0] == UInt32(Float16(9).bitPattern))
  }

  @Test("a replaced app's values go on, and come back as they were when the new one fails")
  func replaced() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.load(counterImage())
    #expect(set(&executive, 9, at: 0) == .ok)
    _ = try executive.load(counterImage(body: "LDI R1, 0\nLDI R1, 0\nLDI R0, 1\nRET"), replaces: true)
    #expect(executive.storedNumber(17) == 9)
    #expect(executive.objects.values[counter]?.bits == Float16(9).bitPattern)
    _ = try executive.run(upTo: 1, now: .zero)
    #expect(set(&executive, 11, at: 0) == .ok)
    executive.advance(to: .zero)
    #expect(executive.storedNumber(17) == 11)
    _ = try executive.run(upTo: 10, now: .zero)
    #expect(executive.objects.values[counter]?.bits == Float16(9).bitPattern)
    executive.advance(to: .zero)
    #expect(executive.storedNumber(17) == 9)
  }

  @Test("without a store nothing is written and nothing waits")
  func noStore() throws {
    var executive = Executive(policy: .desktop, platform: .host)
    _ = try executive.load(counterImage())
    #expect(executive.setValue(counter, to: 0x4000, caller: .client(.factory), now: .zero) == .ok)
    #expect(executive.nextDeadline == nil)
    try executive.flush(now: .zero)
    #expect(executive.storageCondition == nil)
  }

  @Test("what the mount finds wrong is told, and a worn memory is written to four times less often")
  func warnings() throws {
    var memory = try formattedMemory()
    for bit in 0..<24 { memory.flip(bit: bit * 3) }
    var executive = try booted(memory)
    #expect(executive.bodies() == [.warning(.storage(.superblockDamaged))])
    #expect(executive.storageWarnings == [.superblockDamaged])
    _ = try executive.load(
      assembled(
        """
        .text
        .entry main
        main:
        LDI R1, 1
        LDI R2, 1
        LDI R3, 2
        LDI32 R4, chain
        LDI R5, 0
        SVC 0x700
        again:
        JMP again
        .data
        chain: .byte 5, 0, 0, 0, 17, 0, 100, 0
        """))
    _ = try executive.run(upTo: 100, now: .zero)
    executive.registries.objects.values.debounceFactor = 4
    #expect(executive.setValue(counter, to: 0x4000, caller: .client(.factory), now: .zero) == .ok)
    #expect(executive.nextDeadline == Instant(milliseconds: 400))
  }

  @Test("a memory warns at 80 % of its cycles, before it is worn, and what is stored stays")
  func wear() throws {
    let geometry = try #require(
      Geometry(size: 0x4_0000, writeUnit: 4, eraseUnit: 4096, erasedValue: 0xFF, ratedCycles: 20))
    var memory = SimulatedMemory(.nor, geometry)
    _ = try StateStore.format(try #require(Layout.standard(for: geometry)), in: &memory)
    var warned: [StorageWarning] = []
    // Each start that writes turns a page.
    for start in 1...160 {
      var executive = try booted(memory)
      _ = try executive.load(counterImage())
      if start > 1 { #expect(executive.objects.values[counter]?.bits == Float16(start - 1).bitPattern) }
      #expect(set(&executive, Float16(start), at: 0) == .ok || start == 1)
      try executive.flush(now: .zero)
      for warning in executive.storageWarnings where !warned.contains(warning) { warned.append(warning) }
      memory = try executive.memory()
    }
    #expect(warned == [.wearing, .worn])
  }

  @Test("a memory that was never formatted is reported and left as it is")
  func unformatted() throws {
    let geometry = try #require(
      Geometry(size: 0x2000, writeUnit: 1, eraseUnit: 0, erasedValue: 0, ratedCycles: 0))
    var executive = StoredExecutive(policy: .desktop, platform: .host)
    var refusal: StoreError?
    do throws(StoreError) {
      try executive.attachStorage(SimulatedMemory(.fram, geometry))
    } catch {
      refusal = error
    }
    #expect(refusal == .unformatted)
    #expect(executive.storageCondition == nil)
  }
}
