@testable import HSXExecutive
import HSXHAL
@testable import HSXProvisioning
import HXE
import MiniVM
import Testing

@Suite("An image in chunks")
struct StreamingTests {
  private struct Outcome: Equatable {
    var error: ProvisioningError?
    var state: Fingerprint
  }

  private func outcome(_ image: [UInt8], chunk: Int?) -> Outcome {
    var executive = Executive(policy: .desktop, platform: .host)
    let error = refusal { () throws(ProvisioningError) in
      guard let chunk else {
        _ = try executive.load(image)
        return
      }
      let source = Source.file(path: Array("test.hxe".utf8))
      var request = TransferRequest(options: LoadOptions(source: source), nonce: 7)
      request.totalBytes = UInt32(image.count)
      let key = Provisioner.Key.handle(try executive.loadBegin(request, now: .zero).handle)
      for (number, bytes) in image.chunks(of: chunk).enumerated() {
        _ = try executive.write(key, UInt32(number), bytes)
      }
      _ = try executive.end(key)
    }
    return Outcome(error: error, state: executive.fingerprint)
  }

  @Test("comes to what it comes to as a whole, whatever the chunks", arguments: try allImages())
  func sameOutcome(name: String) throws {
    let image = try goldenImage(name)
    let whole = outcome(image, chunk: nil)
    #expect((whole.error == nil) == !name.hasPrefix("bad/"))
    for size in image.count > 4096 ? [64, 4096] : [1, 7, 64, 4096] {
      #expect(outcome(image, chunk: size) == whole, "chunks of \(size)")
    }
  }

  private func fresh() -> Executive { Executive(policy: .desktop, platform: .host) }

  @Test("a repeated chunk is acknowledged again, a gap is refused, and the transfer goes on")
  func repeatsAndGaps() throws {
    var executive = fresh()
    let parts = try goldenImage("thermostat").chunks(of: 100)
    let key = try executive.begin()
    let first = try executive.write(key, 0, parts[0])
    #expect(try executive.write(key, 0, parts[0]) == first)
    #expect(first == WriteReceipt(nextSequence: 1, bytesWritten: 100))
    let gap = refusal { () throws(ProvisioningError) in try executive.write(key, 2, parts[2]) }
    #expect(gap == .sequenceGap(found: 2, expected: 1))
    for number in 1..<parts.count { _ = try executive.write(key, UInt32(number), parts[number]) }
    #expect(try executive.write(key, 3, parts[3]).nextSequence == UInt32(parts.count))
    #expect(try executive.end(key) != nil)
  }

  @Test("a repeated chunk with other bytes, or fewer, ends the transfer", arguments: [true, false])
  func contradiction(shorter: Bool) throws {
    var executive = fresh()
    let before = executive.fingerprint
    let parts = try goldenImage("thermostat").chunks(of: 100)
    let key = try executive.begin()
    _ = try executive.write(key, 0, parts[0])
    var other = parts[0]
    if shorter { other.removeLast() } else { other[99] ^= 1 }
    let error = refusal { () throws(ProvisioningError) in try executive.write(key, 0, other) }
    #expect(error == .chunkContradicts(sequence: 0))
    #expect(try executive.transferStatus(key).state == .failed)
    let late = refusal { () throws(ProvisioningError) in try executive.write(key, 1, parts[1]) }
    #expect(late?.code == .notFound)
    #expect(executive.fingerprint == before)
  }

  @Test("a chunk from before what is remembered is refused, and the transfer goes on")
  func forgotten() throws {
    var policy = Policy.desktop
    policy.rememberedChunks = 2
    var executive = Executive(policy: policy, platform: .host)
    let parts = try goldenImage("thermostat").chunks(of: 100)
    let key = try executive.begin()
    for number in 0..<5 { _ = try executive.write(key, UInt32(number), parts[number]) }
    let error = refusal { () throws(ProvisioningError) in try executive.write(key, 2, parts[2]) }
    #expect(error == .sequenceForgotten(found: 2, oldest: 3))
    #expect(try executive.write(key, 3, parts[3]).nextSequence == 5)
    for number in 5..<parts.count { _ = try executive.write(key, UInt32(number), parts[number]) }
    #expect(try executive.end(key) != nil)
  }

  @Test("empty and oversized chunks and bytes beyond the total are refused, and the transfer goes on")
  func sizes() throws {
    var policy = Policy.desktop
    policy.chunkBytes = 600
    var executive = Executive(policy: policy, platform: .host)
    let image = try goldenImage("thermostat")
    let key = try executive.begin(total: UInt32(image.count))
    func refused(_ sequence: UInt32, _ bytes: [UInt8]) -> ProvisioningError? {
      refusal { () throws(ProvisioningError) in try executive.write(key, sequence, bytes) }
    }
    #expect(refused(0, []) == .chunkEmpty(sequence: 0))
    #expect(refused(0, image) == .outOfRange(.chunk, found: 609, least: 1, most: 600))
    #expect(refused(0, Array(image.prefix(600))) == nil)
    #expect(refused(1, Array(image.suffix(9)) + [0]) == .beyondTotal(total: 609, found: 610))
    #expect(refused(1, Array(image.suffix(9))) == nil)
    #expect(try executive.end(key) != nil)
  }

  @Test("fewer bytes than announced, or bytes of another CRC, end the transfer")
  func announcements() throws {
    var executive = fresh()
    let before = executive.fingerprint
    let image = try goldenImage("sum")
    let short = try executive.begin(total: UInt32(image.count + 1))
    _ = try executive.write(short, 0, image)
    let incomplete = refusal { () throws(ProvisioningError) in try executive.end(short) }
    #expect(incomplete == .incomplete(received: 128, total: 129))
    var checksum = CRC32(.fast)
    checksum.update(image.span)
    let wrong = try executive.begin(crc32: checksum.value ^ 1)
    _ = try executive.write(wrong, 0, image)
    let mismatch = refusal { () throws(ProvisioningError) in try executive.end(wrong) }
    #expect(mismatch == .checksumMismatch(announced: checksum.value ^ 1, found: checksum.value))
    #expect(executive.fingerprint == before)
    let right = try executive.begin(crc32: checksum.value)
    for (number, part) in image.chunks(of: 50).enumerated() {
      _ = try executive.write(right, UInt32(number), part)
    }
    #expect(try executive.transferStatus(right).crc32 == checksum.value)
    #expect(try executive.end(right) != nil)
  }

  @Test("a transfer that a client session began is its own and an admin's")
  func owners() throws {
    var executive = fresh()
    let image = try goldenImage("sum")
    let key = try executive.begin(owner: 5)
    for caller in [Provisioner.Caller.anonymous, .clientSession(6)] {
      let error = refusal { () throws(ProvisioningError) in
        try executive.write(key, 0, image, by: caller)
      }
      #expect(error?.code == .notPermitted)
    }
    #expect(try executive.write(key, 0, image, by: .clientSession(5)).nextSequence == 1)
    #expect(try executive.end(key) != nil)
  }
}
