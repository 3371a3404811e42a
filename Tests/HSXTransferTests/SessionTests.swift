import Crypto
import Foundation
import HSXHAL
import HSXSigning
import Testing

@testable import HSXTransfer

@Suite("A session")
struct SessionTests {
  private let key = (0..<32).map(UInt8.init)

  private func image(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
  }

  @Test("of 20 bytes is frame for frame the one in Docs/can_transfer.md")
  func vector() throws {
    var node = TestNode()
    node.groupKey = key
    var pair = Pair(image: Array("A short image, 20 b.".utf8), node: node, masterKey: key)
    pair.run()
    #expect(pair.master.verdict(of: 5) == .running)
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/vectors/can/session.txt")
    if ProcessInfo.processInfo.environment["HSX_RECORD"] != nil {
      try pair.transcript.write(to: url, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: url, encoding: .utf8) == pair.transcript)
  }

  @Test("hands on every block in order, seals, and activates once", arguments: [1, 255, 256, 257, 4_000])
  func sizes(_ count: Int) {
    var pair = Pair(image: image(count))
    pair.run()
    #expect(pair.master.outcome == .committed)
    #expect(pair.node.image == image(count))
    let blocks = (count + 255) / 256
    #expect(
      pair.node.calls == ["admit \(count)"] + (0..<blocks).map { "write \($0)" } + [
        "seal", "activate 287454020",
      ])
  }

  @Test("goes through when any one frame of it is not heard")
  func anyFrameLost() {
    var whole = Pair(image: image(600))
    whole.run()
    for lost in 0..<whole.frames.count {
      var pair = Pair(image: image(600))
      pair.deafTo = { number, _ in number == lost }
      pair.run()
      let verdict = pair.master.verdict(of: 5)
      #expect(verdict == .running, "frame \(lost)")
      #expect(pair.node.image == image(600), "frame \(lost)")
    }
  }

  @Test("waits for a node that is busy, and is held meanwhile")
  func busy() {
    var node = TestNode()
    node.busyWrites = 40
    var pair = Pair(image: image(2_000), node: node)
    pair.run()
    #expect(pair.master.verdict(of: 5) == .running)
    #expect(pair.master.counts.holds > 0)
  }

  @Test("waits for a node that verifies for long")
  func pendingSeal() {
    var node = TestNode()
    node.pendingSeals = 30
    var pair = Pair(image: image(300), node: node)
    pair.run()
    #expect(pair.master.verdict(of: 5) == .running)
  }

  @Test("tells why a node refuses, and lets nobody activate then")
  func refusals() {
    for refusal in [ListenerRefusal.signature, .counter, .space, .policy] {
      var node = TestNode()
      node.refusal = refusal
      var pair = Pair(image: image(300), node: node)
      pair.run()
      #expect(pair.master.verdict(of: 5) == .refused(refusal))
      #expect(pair.master.outcome == .aborted)
    }
  }

  @Test("without the group key is not entered, and nothing of it is called")
  func wrongKey() {
    for masterKey in [nil, [UInt8](repeating: 1, count: 32)] {
      var node = TestNode()
      node.groupKey = key
      var pair = Pair(image: image(300), node: node, masterKey: masterKey)
      pair.run()
      #expect(pair.node.calls.isEmpty)
      #expect(pair.listener.state == .idle)
      #expect(pair.master.outcome == .aborted)
    }
  }

  @Test("up to the floor is ignored: it cannot be replayed")
  func replay() {
    var pair = Pair(image: image(300))
    pair.listener = BroadcastListener(node: 5, id: 1, sessionFloor: 0x1122_3344)
    pair.run()
    #expect(pair.node.calls.isEmpty)
  }

  @Test("reports an image that does not start, and the old one runs")
  func activation() {
    var node = TestNode()
    node.starts = false
    var pair = Pair(image: image(300), node: node)
    pair.run()
    #expect(pair.master.verdict(of: 5) == .refused(.activation))
  }

  @Test("that is never committed is dropped after ten minutes")
  func expiry() {
    var pair = Pair(image: image(300)) { $0.policy = .never }
    pair.run()
    #expect(pair.master.outcome == .sealed && pair.listener.state == .sealed)
    let late = pair.now.advanced(byMilliseconds: 600_001)
    #expect(pair.listener.deadline.map { $0 <= late } == true)
    pair.listener.advance(for: &pair.node, now: late)
    #expect(pair.listener.state == .refused && pair.listener.refusal == .expired)
    #expect(pair.node.calls.last == "abandon")
  }

  @Test("reports a node that is not there as missing")
  func missing() {
    var pair = Pair(image: image(300)) { $0.policy = .quorum(1) }
    pair.master.expect(node: 6)
    pair.run()
    #expect(pair.master.verdict(of: 6) == .missing)
    #expect(pair.master.verdict(of: 5) == .running)
  }

  @Test("is given up for one with a higher number, and the nodes' fate is told")
  func secondMaster() {
    var pair = Pair(image: image(3_000))
    pair.run(limit: 40)
    let open = BroadcastOrder.openB(session: 0x1122_3345, imageBytes: 5)
    pair.master.receive(BroadcastWindow.standard.frame(.set, open.payload), now: pair.now)
    #expect(pair.master.outcome == .yielded(to: 0x1122_3345))
    #expect(pair.master.verdict(of: 5) == .abandoned)
  }

  @Test("keeps to its share of the bus in every ten milliseconds")
  func load() {
    var pair = Pair(image: image(4_000)) { $0.loadLimit = 30 }
    pair.run()
    #expect(pair.master.outcome == .committed)
    var (bits, time) = ([UInt64: Int](), UInt64(0))
    for frame in pair.frames { bits[0, default: 0] += frame.bitsOnWire; time += 1 }
    #expect(Double(bits[0] ?? 0) / 500_000 / (Double(pair.microseconds) / 1e6) <= 0.31)
  }

  @Test("checks the manifest's signature, of either algorithm")
  func signatures() throws {
    let source = TestSource(image: image(10))
    let edwards = Curve25519.Signing.PrivateKey()
    let nist = P256.Signing.PrivateKey()
    for algorithm in [BroadcastManifest.Algorithm.ed25519, .p256] {
      var manifest = source.manifest
      manifest.prepareSigning(algorithm, keyID: InlineArray(repeating: 1))
      let signed = Data((0..<64).map { manifest.bytes[$0] })
      let raw =
        algorithm == .p256
        ? try nist.signature(for: signed).rawRepresentation : try edwards.signature(for: signed)
      let key = [UInt8](
        algorithm == .p256 ? nist.publicKey.rawRepresentation : edwards.publicKey.rawRepresentation)
      var signature = InlineArray<64, UInt8>(repeating: 0)
      for (index, byte) in raw.enumerated() { signature[index] = byte }
      manifest.setSignature(signature)
      let isSigned = manifest.isSigned(by: key.span, HostCryptography.self)
      #expect(isSigned)
      signature[9] ^= 1
      manifest.setSignature(signature)
      let isForged = manifest.isSigned(by: key.span, HostCryptography.self)
      #expect(!isForged)
    }
  }
}
