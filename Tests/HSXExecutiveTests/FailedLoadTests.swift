@testable import HSXExecutive
import HSXHAL
import HSXProvisioning
import HXE
import MiniVM
import Testing

@Suite("A load that fails leaves nothing behind")
struct FailedLoadTests {
  /// An executive with tasks that have values, mailboxes, messages and endings.
  private func busy() throws -> Executive {
    var executive = Executive(policy: .desktop, platform: .host)
    for name in ["odometer", "mailbox_ping", "forever"] { _ = try executive.load(goldenImage(name)) }
    _ = try executive.run(upTo: 5000, now: .zero)
    return executive
  }

  @Test("a whole image that is cut at any byte")
  func cutWhole() throws {
    var executive = try busy()
    let image = try goldenImage("thermostat")
    let before = executive.fingerprint
    for count in 0..<image.count {
      let error = refusal { () throws(ProvisioningError) in try executive.load(Array(image.prefix(count))) }
      #expect(error?.code == .badMessage, "\(count) bytes")
      #expect(executive.fingerprint == before, "\(count) bytes")
    }
  }

  @Test("a stream that ends, is aborted or falls silent after any byte")
  func cutStream() throws {
    var executive = try busy()
    let image = try goldenImage("thermostat")
    let before = executive.fingerprint
    var time: UInt64 = 0
    for count in 0...image.count {
      for ending in 0..<3 where ending > 0 || count < image.count {
        let key = try executive.begin(total: UInt32(image.count), at: time)
        if count > 0 { _ = try executive.write(key, 0, Array(image.prefix(count)), at: time) }
        switch ending {
        case 0: #expect(refusal { () throws(ProvisioningError) in try executive.end(key, at: time) } != nil)
        case 1:
          let now = Instant(milliseconds: time)
          #expect(try executive.loadAbort(key, by: .admin, now: now) == UInt32(count))
        default:
          time += 5000
          executive.advance(to: Instant(milliseconds: time))
          #expect(try executive.transferStatus(key).lastError == .timedOut(.writeTimeout))
        }
        #expect(executive.fingerprint == before, "\(count) bytes, ending \(ending)")
      }
    }
  }

  @Test("an image with a bit flipped in any byte is refused, or goes without trace when it is killed")
  func flippedBit() throws {
    var executive = try busy()
    let image = try goldenImage("thermostat")
    let before = executive.fingerprint
    var accepted: [Int] = []
    for position in image.indices {
      var flipped = image
      flipped[position] ^= 1 << UInt8(position % 8)
      let streamed = refusal { () throws(ProvisioningError) in
        let key = try executive.begin(total: UInt32(flipped.count))
        for (number, chunk) in flipped.chunks(of: 64).enumerated() {
          _ = try executive.write(key, UInt32(number), chunk)
        }
        if let pid = try executive.end(key)?.pid { try executive.kill(pid, now: .zero) }
      }
      #expect(executive.fingerprint == before, "byte \(position)")
      if streamed == nil { accepted.append(position) }
    }
    // What the CRC does not cover is the header's own: its length fields and offsets are checked otherwise.
    #expect(accepted.allSatisfy { $0 < 96 }, "\(accepted)")
  }

  @Test("a replacement that is cut at any byte is not noticed by the running app")
  func cutReplacement() throws {
    var executive = try busy()
    let image = try goldenImage("thermostat")
    let pid = try executive.load(image)
    _ = try executive.run(upTo: 10, only: pid, now: .zero)
    let before = executive.fingerprint
    let processor = try executive.processor(of: pid)
    for count in 0..<image.count {
      let cut = Array(image.prefix(count))
      #expect(refusal { () throws(ProvisioningError) in try executive.load(cut, replaces: true) } != nil)
      #expect(executive.fingerprint == before, "\(count) bytes")
    }
    #expect(try executive.processor(of: pid) == processor)
  }

  @Test("one whose object ids, mailboxes or places are another's")
  func refusedAtTheEnd() throws {
    var executive = try busy()
    _ = try executive.load(goldenImage("thermostat"))
    let before = executive.fingerprint
    let rivals = try [
      assembled(".value {\"group\":1,\"id\":1}\n.text\n.entry main\nmain:\nRET\n"),
      assembled(".cmd {\"group\":1,\"id\":16,\"handler\":\"main\"}\n.text\n.entry main\nmain:\nRET\n"),
      assembled(
        ".value {\"group\":9,\"id\":1}\n.mailbox {\"target\":\"app:telemetry\",\"mode\":\"RDWR\"}\n"
          + ".text\n.entry main\nmain:\nRET\n"),
    ]
    for rival in rivals {
      #expect(refusal { () throws(ProvisioningError) in try executive.load(rival) }?.code == .exists)
      #expect(executive.fingerprint == before)
    }
  }
}
