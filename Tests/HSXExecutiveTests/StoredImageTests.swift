@testable import HSXExecutive
import HSXHAL
import HSXPersistence
import HSXProvisioning
import HSXRegistry
import HSXSigning
import HSXSimulation
import HXE
import MiniVM
import Testing

/// The SHA-256 of an image's bytes.
func sha256(_ image: [UInt8]) -> [UInt8] {
  var digest = SHA256Digest()
  digest.update(image.span)
  let hash = digest.finish()
  return hash.indices.map { hash[$0] }
}

extension HSXExecutive.Executive where Memory == SimulatedMemory {
  /// Loads an image and stores it.
  mutating func loadStored(
    _ image: [UInt8], replaces: Bool = false, at milliseconds: UInt64 = 0
  ) throws(ProvisioningError) -> PID {
    let options = LoadOptions(
      source: .file(path: Array("test.hxe".utf8)), replaces: replaces, persists: .flash)
    let activation = try load(
      image.span, options: options, nonce: 7, now: Instant(milliseconds: milliseconds))
    return activation?.pid ?? 0
  }

  /// Phases of the slots, with a star for the active ones.
  mutating func phases() throws -> [String] {
    try slots().filter { $0.state.phase != .empty }.map {
      "\($0.slot) \($0.state.phase)\($0.state.isActive ? "*" : "")\($0.isFallback ? " fallback" : "")"
    }
  }
}

@Suite("Stored images")
struct StoredImageTests {
  private let counter = ObjectID(group: 1, member: 1)
  private let app = ShortName("counter") ?? ShortName()
  private let crash = "LDI R1, 0\nLDI R1, 0\nLDI R2, 0\nDIV R1, R1, R2\nRET"
  private let loop = "LDI R1, 1\nJMP main"

  private func set(_ executive: inout StoredExecutive, _ number: Float16, at milliseconds: UInt64 = 0) {
    let status = executive.setValue(
      counter, to: number.bitPattern, caller: .client(.factory), now: Instant(milliseconds: milliseconds))
    #expect(status == .ok)
    executive.advance(to: Instant(milliseconds: milliseconds))
  }

  private func number(_ executive: borrowing StoredExecutive) -> Float16? {
    executive.objects.values[counter].map { Float16(bitPattern: $0.bits) }
  }

  @Test(
    "an image that is loaded to be stored is on trial, then confirmed, and runs after a start with its values"
  )
  func stored() throws {
    var executive = try booted(try formattedMemory())
    let image = try counterImage(body: loop)
    let pid = try executive.loadStored(image)
    #expect(try executive.phases() == ["0 trial*"])
    #expect(
      try executive.task(pid).image
        == StoredImage(slot: 0, revision: 1, crc32: CRC32.checksum(image.span, .fast)))
    let told = executive.bodies().contains {
      if case .persisted(_, 0, 1, .flash, CRC32.checksum(image.span, .fast)) = $0 { true } else { false }
    }
    #expect(told)
    set(&executive, 42)
    _ = try executive.run(upTo: 10, now: .zero)
    executive.advance(to: Instant(milliseconds: 4_999))
    #expect(try executive.phases() == ["0 trial*"])
    executive.advance(to: Instant(milliseconds: 5_000))
    #expect(try executive.phases() == ["0 confirmed*"])
    #expect(try executive.slots()[0].sha256 == sha256(image))

    var next = try booted(try executive.memory())
    let started = try next.startStored(nonce: 1, now: .zero)
    #expect(started.map(\.baseName) == [app])
    #expect(started.first?.source == .store(slot: 0, revision: 1))
    #expect(number(next) == 42)
    #expect(try next.memory().violations.isEmpty)
  }

  @Test("an image that returns well in its probation is confirmed at once")
  func returnsWell() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try executive.run(upTo: 10, now: .zero)
    #expect(try executive.phases() == ["0 confirmed*"])
  }

  @Test("a replacement that fails is rejected, the old one is back with its values, and its hash is refused")
  func rejected() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try executive.run(upTo: 10, now: .zero)
    set(&executive, 9)
    let bad = try counterImage(maximum: 500, body: crash)
    let sequence = executive.events.nextSequence
    _ = try executive.loadStored(bad, replaces: true)
    #expect(try executive.phases() == ["0 confirmed fallback", "1 trial*"])
    #expect(number(executive) == 9)
    #expect(executive.storedNumber(17, generation: 1) == 9)
    set(&executive, 11)
    #expect(executive.storedNumber(17, generation: 1) == 11)
    #expect(executive.storedNumber(17, generation: 0) == 9)
    _ = try executive.run(upTo: 10, now: .zero)
    #expect(try executive.phases() == ["0 confirmed*", "1 rejected"])
    #expect(try executive.slots()[1].state.cause == .fault)
    #expect(number(executive) == 9)
    #expect(executive.storedNumber(17, generation: 1) == nil)
    let told = executive.bodies(from: sequence).contains {
      if case .rollback(_, _, _, 2, 1, .fault(.divideByZero)) = $0 { true } else { false }
    }
    #expect(told)
    let again = refusal { () throws(ProvisioningError) in try executive.loadStored(bad, replaces: true) }
    #expect(again == .store(.hashRejected(1)))
    let trail = try executive.auditTrail(limit: 100)
    #expect(
      trail.map { AuditCode(rawValue: $0.code) } == [
        .refused, .rejected, .activated, .stored, .confirmed, .activated, .stored,
      ])
    #expect(trail.map(\.subject) == [1, 1, 1, 1, 0, 0, 0])
    #expect(trail[1].detail == 2 | UInt32(SlotState.Cause.fault.rawValue) << 16)
    #expect(executive.taskList.count == 1)
  }

  @Test("a value outside the new range starts from the new image's own, and the old one keeps what it had")
  func migration() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try executive.run(upTo: 10, now: .zero)
    set(&executive, 900)
    _ = try executive.loadStored(counterImage(initial: 3, maximum: 100, body: loop), replaces: true)
    #expect(number(executive) == 3)
    #expect(executive.storedNumber(17, generation: 1) == 3)
    let back = try executive.rollback(app, nonce: 5, now: .zero)
    #expect(back.source == .store(slot: 0, revision: 1))
    #expect(number(executive) == 900)
    #expect(try executive.phases() == ["0 confirmed*", "1 rejected"])
    #expect(executive.taskList.map(\.pid) == [back.pid])
    #expect(
      refusal { () throws(ProvisioningError) in try executive.rollback(app, nonce: 5, now: .zero) }
        == .noFallback(app))
  }

  @Test("behind the highest revision comes the highest again, never 0")
  func highestRevision() throws {
    var memory = try formattedMemory()
    var store = try StateStore(mounting: &memory)
    var staging = try store.stage(length: 1, sha256: nil, digest: SHA256Digest.self, in: &memory)
    try store.write([1].span, to: &staging, in: &memory)
    var descriptor = ImageDescriptor()
    descriptor.setName(Array("counter".utf8).span)
    descriptor.revision = 65_534
    try store.seal(&staging, as: descriptor, in: &memory)
    var executive = try booted(memory)
    for isSecond in [false, true] {
      _ = try executive.loadStored(
        counterImage(key: isSecond ? 18 : 17, body: "LDI R0, 0\nRET"), replaces: isSecond)
      _ = try executive.run(upTo: 10, now: .zero)
    }
    #expect(try executive.slots().compactMap(\.revision) == [65_534, 65_535, 65_535])
  }

  @Test("keys that the third version has no longer are forgotten with the first")
  func tombstones() throws {
    var executive = try booted(try formattedMemory())
    for key in [17, 18, 19] {
      _ = try executive.loadStored(counterImage(key: key, body: "LDI R0, 0\nRET"), replaces: key != 17)
      _ = try executive.run(upTo: 10, now: .zero)
      set(&executive, Float16(key))
    }
    #expect(executive.storedNumber(17, generation: 0) == nil)
    #expect(executive.storedNumber(18, generation: 1) == 18)
    #expect(executive.storedNumber(19, generation: 0) == 19)
    #expect(try executive.phases() == ["0 retired", "1 confirmed fallback", "2 confirmed*"])
    #expect(try executive.history(of: app).map(\.revision) == [3, 2, 1])
  }

  @Test("a power cut in a probation costs the attempt: the next start has the old image with its values")
  func cutInProbation() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try executive.run(upTo: 10, now: .zero)
    set(&executive, 9)
    _ = try executive.loadStored(counterImage(initial: 2, body: loop), replaces: true)
    _ = try executive.run(upTo: 10, now: .zero)
    set(&executive, 10)
    var next = try booted(try executive.memory())
    let started = try next.startStored(nonce: 1, now: .zero)
    #expect(started.map(\.source) == [.store(slot: 0, revision: 1)])
    #expect(number(next) == 9)
    #expect(try next.phases() == ["0 confirmed*", "1 rejected"])
    let told = next.bodies().contains {
      if case .rollback(_, nil, nil, 2, 1, .attemptsSpent) = $0 { true } else { false }
    }
    #expect(told)
  }

  @Test("an active image that is damaged gives way to the one before it")
  func damaged() throws {
    var executive = try booted(try formattedMemory())
    for initial in [1.0, 2.0] {
      let image = try counterImage(initial: initial, body: "LDI R0, 0\nRET")
      _ = try executive.loadStored(image, replaces: initial == 2)
      _ = try executive.run(upTo: 10, now: .zero)
    }
    var memory = try executive.memory()
    let layout = try #require(Layout.standard(for: memory.geometry))
    memory.flip(bit: (layout.offset(ofSlot: 1) + 256 + 100) * 8)
    var next = try booted(memory)
    #expect(try next.startStored(nonce: 1, now: .zero).map(\.source) == [.store(slot: 0, revision: 1)])
    #expect(try next.phases() == ["0 confirmed*", "1 rejected"])
    #expect(try next.slots()[1].state.cause == .damaged)
  }

  @Test("a first image that a reset meets in its probation is tried again, until its attempts are spent")
  func firstImage() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.loadStored(counterImage(body: loop))
    _ = try executive.run(upTo: 10, now: .zero)
    for left in [1, 0] {
      executive = try booted(try executive.memory())
      #expect(try executive.startStored(nonce: 1, now: .zero).count == 1)
      #expect(try executive.slots()[0].state.tally == left)
      _ = try executive.run(upTo: 10, now: .zero)
    }
    executive = try booted(try executive.memory())
    #expect(try executive.startStored(nonce: 1, now: .zero).isEmpty)
    #expect(try executive.phases() == ["0 rejected"])
    #expect(try executive.slots()[0].state.cause == .reset)
  }

  @Test("an image on trial after a start that faults gives way to the one before it, which is started")
  func faultsAfterStart() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try executive.run(upTo: 10, now: .zero)
    set(&executive, 9)
    // Staged by hand with an attempt to spare, as a boot that activates it would.
    let image = try counterImage(initial: 2, body: crash)
    let key = try beginStaged(image, &executive, sealsOnly: true)
    _ = try executive.write(key, 0, image)
    _ = try executive.end(key)
    var memory = try executive.memory()
    var store = try StateStore(mounting: &memory)
    var batch = StateBatch()
    #expect(try store.activate(1, attempts: 1, into: &batch, in: &memory) == 1)
    try store.commit(batch, in: &memory)
    var next = try booted(memory)
    let failed = try #require(try next.startStored(nonce: 1, now: .zero).first?.pid)
    _ = try next.run(upTo: 10, now: .zero)
    #expect(try next.phases() == ["0 confirmed*", "1 rejected"])
    next.advance(to: .zero)
    #expect(next.taskList.map(\.source) == [.store(slot: 0, revision: 1)])
    #expect(number(next) == 9)
    let told = next.bodies().contains {
      if case .rollback(_, failed, .some, 2, 1, .fault(.divideByZero)) = $0 { true } else { false }
    }
    #expect(told)
  }

  @Test("one on trial whose task is replaced without being stored is not confirmed by that")
  func replacedOnTrial() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try executive.run(upTo: 10, now: .zero)
    _ = try executive.loadStored(counterImage(initial: 2, body: loop), replaces: true)
    _ = try executive.run(upTo: 4, now: .zero)
    let again = try counterImage(initial: 3, body: loop)
    let busy = refusal { () throws(ProvisioningError) in try executive.loadStored(again, replaces: true) }
    #expect(busy?.code == .busy)
    _ = try executive.load(again, replaces: true)
    _ = try executive.run(upTo: 4, now: .zero)
    executive.advance(to: Instant(milliseconds: 6_000))
    #expect(try executive.phases() == ["0 confirmed fallback", "1 trial*"])
    var next = try booted(try executive.memory())
    #expect(try next.startStored(nonce: 1, now: .zero).map(\.source) == [.store(slot: 0, revision: 1)])
  }

  @Test("a program cannot claim the key of another stored app by a system call either")
  func keyByCall() throws {
    var executive = try booted(try formattedMemory())
    let pid = try executive.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try executive.run(upTo: 10, now: .zero)
    try executive.kill(pid, now: .zero)
    let rival = try executive.load(
      assembled(
        """
        .text
        .entry main
        main:
        LDI R1, 9
        LDI R2, 9
        LDI R3, 2
        LDI32 R4, chain
        LDI R5, 0
        SVC 0x700
        again:
        JMP again
        .data
        chain: .byte 5, 0, 0, 0, 17, 0, 100, 0
        """, name: "rival"))
    _ = try executive.run(upTo: 20, now: .zero)
    #expect(try executive.processor(of: rival).registers[0] == UInt32(ValueStatus.exists.rawValue))
    #expect(executive.objects.values.all.isEmpty)
  }

  @Test("a memory that fails anywhere in a replacement costs the old app nothing, and the next try succeeds")
  func failingMemory() throws {
    var before = try booted(try formattedMemory())
    _ = try before.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try before.run(upTo: 10, now: .zero)
    set(&before, 9)
    let memory = try before.memory()
    let image = try counterImage(initial: 3, maximum: 5, body: loop)
    var failed = 0
    for after in 0..<60 {
      for kind in [MemoryFailure.Kind.program, .erase] {
        var executive = try booted(memory)
        let old = try #require(try executive.startStored(nonce: 1, now: .zero).first?.pid)
        try executive.withMemory { $0.fail(MemoryFailure(kind, after: after, isLasting: true)) }
        let fingerprint = executive.fingerprint
        let error = refusal { () throws(ProvisioningError) in
          try executive.loadStored(image, replaces: true)
        }
        guard error != nil else { continue }
        failed += 1
        #expect(executive.fingerprint == fingerprint)
        #expect(executive.taskList.map(\.pid) == [old])
        #expect(number(executive) == 9)
        try executive.withMemory { $0.repair() }
        let second = try executive.loadStored(image, replaces: true)
        #expect(number(executive) == 3)
        #expect(executive.taskList.map(\.pid) == [second])
        #expect(try executive.slots().filter { $0.state.isActive }.map(\.app) == [app])
        #expect(try executive.slots().filter { $0.state.phase == .verified }.isEmpty)
      }
    }
    #expect(failed > 10)
  }

  @Test("two sets of values that do not fit together are refused before anything is touched")
  func tooManyValues() throws {
    func image(_ initial: Int) throws -> [UInt8] {
      let values = (1...256).map {
        ".value {\"group\":\($0 >> 4),\"id\":\($0 & 15),\"flags\":\"PERSIST\",\"init\":\(initial),\"persist_key\":\($0)}"
      }
      return try assembled(
        values.joined(separator: "\n") + "\n.text\n.entry main\nmain:\nLDI R0, 0\nRET\n", name: "counter")
    }
    var policy = Policy.desktop
    policy.budget.registry.values = 600
    var executive = try booted(try formattedMemory(), policy: policy)
    let old = try executive.loadStored(image(1))
    _ = try executive.run(upTo: 10, now: .zero)
    for number in 1...256 {
      let id = ObjectID(group: UInt8(number >> 4), member: UInt8(number & 15))
      #expect(executive.setValue(id, to: 0x4900, caller: .client(.factory), now: .zero) == .ok)
    }
    try executive.flush(now: .zero)
    let before = executive.fingerprint
    let phases = try executive.phases()
    let next = try image(2)
    let error = refusal { () throws(ProvisioningError) in try executive.loadStored(next, replaces: true) }
    guard case .store(.full) = error else {
      Issue.record("refused otherwise: \(error.map { "\($0)" } ?? "not at all")")
      return
    }
    #expect(executive.fingerprint == before)
    #expect(try executive.phases() == phases)
    #expect(executive.taskList.map(\.pid) == [old])
    #expect(executive.storedNumber(250) == 10)
  }

  @Test("a slot that is not needed can be freed, and the hash in it may come again")
  func released() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try executive.run(upTo: 10, now: .zero)
    let bad = try counterImage(initial: 2, body: crash)
    _ = try executive.loadStored(bad, replaces: true)
    _ = try executive.run(upTo: 10, now: .zero)
    try executive.release(slot: 1)
    #expect(try executive.phases() == ["0 confirmed*"])
    #expect(refusal { () throws(ProvisioningError) in try executive.release(slot: 0) }?.code == .busy)
    #expect(refusal { () throws(ProvisioningError) in try executive.release(slot: 1) } == .unknownSlot(1))
    _ = try executive.loadStored(bad, replaces: true)
    #expect(try executive.phases() == ["0 confirmed fallback", "1 trial*"])
  }

  @Test("killing a stored app in its probation rejects the image")
  func killed() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try executive.run(upTo: 10, now: .zero)
    let pid = try executive.loadStored(counterImage(initial: 2, body: loop), replaces: true)
    _ = try executive.run(upTo: 10, now: .zero)
    try executive.kill(pid, now: .zero)
    #expect(executive.taskList.isEmpty)
    #expect(try executive.phases() == ["0 confirmed*", "1 rejected"])
    let told = executive.bodies().contains {
      if case .rollback(_, pid, nil, 2, 1, .killed) = $0 { true } else { false }
    }
    #expect(told)
  }

  @Test("a running app can be stored later, with its present values, and without a second copy once it is")
  func persistedLater() throws {
    var executive = try booted(try formattedMemory())
    let image = try counterImage(body: loop)
    let pid = try executive.load(image)
    set(&executive, 12)
    let stored = try executive.persist(pid, target: .flash, now: .zero)
    #expect(stored == StoredImage(slot: 0, revision: 1, crc32: CRC32.checksum(image.span, .fast)))
    #expect(try executive.persist(pid, target: .flash, now: .zero) == stored)
    #expect(try executive.phases() == ["0 confirmed*"])
    #expect(executive.retained.isEmpty)
    var next = try booted(try executive.memory())
    _ = try next.startStored(nonce: 1, now: .zero)
    #expect(number(next) == 12)
  }

  @Test("a policy that keeps no images cannot store one later")
  func notRetained() throws {
    var policy = Policy.desktop
    policy.retainsImages = false
    var executive = try booted(try formattedMemory(), policy: policy)
    let pid = try executive.load(counterImage())
    let error = refusal { () throws(ProvisioningError) in
      try executive.persist(pid, target: .flash, now: .zero)
    }
    #expect(error == .imageNotRetained(pid))
    #expect(try executive.phases().isEmpty)
  }

  @Test("another app cannot claim a key of a stored one, running or not")
  func keyOwner() throws {
    var executive = try booted(try formattedMemory())
    let pid = try executive.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try executive.run(upTo: 10, now: .zero)
    try executive.kill(pid, now: .zero)
    let before = executive.fingerprint
    let rival = try counterImage(name: "rival")
    let error = refusal { () throws(ProvisioningError) in try executive.load(rival) }
    #expect(error == .persistKeyStored(key: 17, slot: 0))
    #expect(executive.fingerprint == before)
    #expect(try executive.load(counterImage(name: "other", key: 18)) != 0)
  }

  @Test("without slots nothing is changed by a load that is to be stored, and without a store it says so")
  func noSlots() throws {
    let geometry = try #require(
      Geometry(size: 0x2000, writeUnit: 1, eraseUnit: 0, erasedValue: 0, ratedCycles: 0))
    var memory = SimulatedMemory(.fram, geometry)
    _ = try StateStore.format(try #require(Layout.standard(for: geometry)), in: &memory)
    var executive = try booted(memory)
    let before = executive.fingerprint
    let image = try counterImage()
    #expect(refusal { () throws(ProvisioningError) in try executive.loadStored(image) }?.code == .noSpace)
    #expect(executive.fingerprint == before)
    var none = StoredExecutive(policy: .desktop, platform: .host)
    #expect(refusal { () throws(ProvisioningError) in try none.loadStored(image) } == .noStore)
    #expect(refusal { () throws(ProvisioningError) in try none.slots() } == .noStore)
    #expect(none.taskList.isEmpty && none.transfers.isEmpty)
  }
}
