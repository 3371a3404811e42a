@testable import HSXExecutive
import HSXHAL
import HSXPersistence
import HSXProvisioning
import HSXRegistry
import HSXSimulation
import HXE
import MiniVM
import Testing

/// Begins a transfer whose image is to be stored.
func beginStaged(
  _ image: [UInt8], _ executive: inout StoredExecutive, sealsOnly: Bool = false, hash: [UInt8]? = nil
) throws -> Provisioner.Key {
  var request = TransferRequest(
    options: LoadOptions(source: .rpc(peer: []), sealsOnly: sealsOnly, persists: .flash), nonce: 99)
  request.totalBytes = UInt32(image.count)
  request.sha256 = hash ?? sha256(image)
  return .handle(try executive.loadBegin(request, now: .zero).handle)
}

@Suite("Images on their way into a slot")
struct StagedImageTests {
  private let counter = ObjectID(group: 1, member: 1)
  private let app = ShortName("counter") ?? ShortName()
  private let loop = "LDI R1, 1\nJMP main"

  @Test("a sealed image waits in its slot, is activated from there, and goes with its transfer")
  func sealed() throws {
    var executive = try booted(try formattedMemory())
    let image = try counterImage(body: "LDI R0, 0\nRET")
    let key = try beginStaged(image, &executive, sealsOnly: true)
    for (index, chunk) in image.chunks(of: 50).enumerated() {
      _ = try executive.write(key, UInt32(index), chunk)
    }
    #expect(try executive.end(key) == nil)
    #expect(try executive.phases() == ["0 verified"])
    let activation = try executive.activate(key, by: .admin, now: .zero)
    #expect(try executive.phases() == ["0 trial*"])
    #expect(try executive.task(activation.pid).image?.slot == 0)

    let second = try counterImage(name: "second", key: 18)
    let other = try beginStaged(second, &executive, sealsOnly: true)
    for (index, chunk) in second.chunks(of: 50).enumerated() {
      _ = try executive.write(other, UInt32(index), chunk)
    }
    _ = try executive.end(other)
    _ = try executive.loadAbort(other, by: .admin, now: .zero)
    #expect(try executive.phases() == ["0 trial*"])
  }

  @Test("bytes that are not those announced leave a free slot")
  func wrongHash() throws {
    var executive = try booted(try formattedMemory())
    let image = try counterImage()
    let key = try beginStaged(image, &executive, hash: [UInt8](repeating: 1, count: 32))
    _ = try executive.write(key, 0, image)
    let error = refusal { () throws(ProvisioningError) in try executive.end(key) }
    #expect(error == .store(.hashMismatch(0)))
    #expect(error?.code == .badMessage)
    #expect(try executive.phases().isEmpty)
    #expect(executive.taskList.isEmpty)
  }

  @Test("what was aborted by its user leaves nothing, what ran out of time can go on")
  func abortedOrLost() throws {
    var executive = try booted(try formattedMemory())
    let image = try goldenImage("large")
    let aborted = try beginStaged(image, &executive)
    _ = try executive.write(aborted, 0, Array(image[..<10_000]))
    _ = try executive.loadAbort(aborted, by: .admin, now: .zero)
    #expect(try executive.phases().isEmpty)
    let lost = try beginStaged(image, &executive)
    _ = try executive.write(lost, 0, Array(image[..<10_000]))
    executive.advance(to: Instant(milliseconds: 5_000))
    #expect(try executive.phases() == ["0 staging"])
    #expect(try resume(image, &executive, at: 5_000) > 0)
  }

  @Test("a graceful stop stores what came of a transfer and what is due of values")
  func stopped() throws {
    let image = try goldenImage("large")
    let geometry = try #require(
      Geometry(size: 0x10_0000, writeUnit: 1, eraseUnit: 0, erasedValue: 0, ratedCycles: 0))
    var memory = SimulatedMemory(.fram, geometry)
    _ = try StateStore.format(try #require(Layout.standard(for: geometry)), in: &memory)
    var executive = try booted(memory)
    _ = try executive.load(counterImage())
    let seven = Float16(7).bitPattern
    #expect(executive.setValue(counter, to: seven, caller: .client(.factory), now: .zero) == .ok)
    let key = try beginStaged(image, &executive)
    _ = try executive.write(key, 0, Array(image[..<3_000]))
    try executive.stop(now: .zero)
    #expect(executive.transfers.isEmpty)
    var next = try booted(try executive.memory())
    #expect(next.storedNumber(17) == 7)
    #expect(try resume(image, &next) == 3_000 / 256 * 256)
  }

  @Test("one stored in its probation is on trial with it")
  func persistedOnProbation() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.load(counterImage(body: "LDI R0, 0\nRET"))
    let pid = try executive.load(counterImage(initial: 2, body: loop), replaces: true)
    _ = try executive.run(upTo: 4, now: .zero)
    _ = try executive.persist(pid, target: .flash, now: .zero)
    #expect(try executive.phases() == ["0 trial*"])
    executive.advance(to: Instant(milliseconds: 5_000))
    #expect(try executive.phases() == ["0 confirmed*"])
  }

  @Test("an image in a slot can be activated by its slot or its app's name, and what runs already not again")
  func activated() throws {
    var executive = try booted(try formattedMemory())
    _ = try executive.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try executive.run(upTo: 10, now: .zero)
    let second = try executive.loadStored(counterImage(initial: 2, body: loop), replaces: true)
    _ = try executive.run(upTo: 4, now: .zero)
    executive.advance(to: Instant(milliseconds: 5_000))
    #expect(try executive.phases() == ["0 confirmed fallback", "1 confirmed*"])
    let running = refusal { () throws(ProvisioningError) in
      try executive.activate(slot: 1, nonce: 3, now: Instant(milliseconds: 5_000))
    }
    #expect(running?.code == .busy)
    try executive.kill(second, now: Instant(milliseconds: 5_000))
    let again = try executive.activate(app: app, nonce: 3, now: Instant(milliseconds: 5_000))
    #expect(again.source == .store(slot: 1, revision: 2))
    let back = try executive.activate(slot: 0, nonce: 4, now: Instant(milliseconds: 5_000))
    #expect(back.source == .store(slot: 0, revision: 1))
    #expect(executive.taskList.map(\.pid) == [back.pid])
    #expect(
      refusal { () throws(ProvisioningError) in try executive.activate(slot: 2, nonce: 4, now: .zero) }
        == .unknownSlot(2))
    let other = ShortName("other") ?? ShortName()
    #expect(
      refusal { () throws(ProvisioningError) in try executive.activate(app: other, nonce: 4, now: .zero) }
        == .unknownApp(other))
  }

  /// Goes on with a transfer to its end; answers where it went on.
  private func resume(_ image: [UInt8], _ executive: inout StoredExecutive, at time: UInt64 = 0) throws -> Int
  {
    let now = Instant(milliseconds: time)
    var request = TransferRequest(
      options: LoadOptions(source: .rpc(peer: []), persists: .flash), nonce: 98)
    request.totalBytes = UInt32(image.count)
    request.sha256 = sha256(image)
    request.crc32 = CRC32.checksum(image.span, .fast)
    let receipt = try executive.loadBegin(request, now: now)
    let offset = Int(receipt.offset)
    for (index, chunk) in Array(image[offset...]).chunks(of: 700).enumerated() {
      _ = try executive.loadWrite(
        .handle(receipt.handle), by: .anonymous, sequence: UInt32(index), chunk.span, now: now)
    }
    let activation = try executive.loadEnd(.handle(receipt.handle), by: .anonymous, now: now)
    #expect(activation != nil)
    #expect(try executive.slots().contains { $0.sha256 == sha256(image) && $0.state.isActive })
    return offset
  }

  @Test(
    "a transfer goes on after a restart where it stood, wherever it was cut",
    arguments: [0, 3_900, 9_000, 40_000])
  func resumed(cut: Int) throws {
    let image = try goldenImage("large")
    var executive = try booted(try formattedMemory())
    let key = try beginStaged(image, &executive)
    for (index, chunk) in Array(image[..<min(cut, image.count)]).chunks(of: 300).enumerated() {
      _ = try executive.write(key, UInt32(index), chunk)
    }
    var next = try booted(try executive.memory())
    let offset = try resume(image, &next)
    #expect(offset <= cut)
    #expect(offset > cut - 4096 - 256)
    #expect(try next.memory().violations.isEmpty)
  }
}
