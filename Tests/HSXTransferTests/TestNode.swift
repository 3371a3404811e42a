import HSXHAL
import HSXSigning
import HSXTransfer

/// A node in memory, with the host's cryptography.
struct TestNode: BroadcastNode {
  typealias Digest = SHA256Digest

  var groupKey: [UInt8]?
  var publicKey: [UInt8]?
  var image: [UInt8] = []
  var calls: [String] = []
  var busyWrites = 0
  var pendingSeals = 0
  var refusal: ListenerRefusal?
  var starts = true
  var runningHashPrefix: UInt32 = 0
  private var manifest: BroadcastManifest?

  var requiresAuthentication: Bool { groupKey != nil }

  func authenticationCode(of message: Span<UInt8>) -> InlineArray<32, UInt8> {
    let key = groupKey ?? []
    return HostCryptography.authenticationCode(of: message, key: key.span)
  }

  mutating func admit(_ manifest: BroadcastManifest) -> ListenerRefusal? {
    calls.append("admit \(manifest.imageBytes)")
    if let publicKey, !manifest.isSigned(by: publicKey.span, HostCryptography.self) { return .signature }
    if let refusal { return refusal }
    self.manifest = manifest
    image = []
    return nil
  }

  mutating func write(_ number: UInt16, _ bytes: Span<UInt8>) -> BlockAnswer {
    if busyWrites > 0 {
      busyWrites -= 1
      return .busy
    }
    calls.append("write \(number)")
    for index in bytes.indices { image.append(bytes[index]) }
    return .taken
  }

  mutating func seal() -> SealAnswer {
    if pendingSeals > 0 {
      pendingSeals -= 1
      return .pending
    }
    calls.append("seal")
    var digest = SHA256Digest()
    digest.update(image.span)
    let (hash, wanted) = (digest.finish(), manifest?.sha256 ?? InlineArray(repeating: 0))
    for index in 0..<32 where hash[index] != wanted[index] { return .refused(.hash) }
    return .sealed
  }

  mutating func activate(session: UInt32) -> Bool {
    calls.append("activate \(session)")
    if starts { runningHashPrefix = manifest?.hashPrefix ?? 0 }
    return starts
  }

  mutating func abandon() { calls.append("abandon") }
}

/// An image and a key.
struct TestSource: BroadcastSource {
  typealias Digest = SHA256Digest

  var groupKey: [UInt8]?
  var image: [UInt8]
  var requiresAuthentication: Bool { groupKey != nil }

  func authenticationCode(of message: Span<UInt8>) -> InlineArray<32, UInt8> {
    let key = groupKey ?? []
    return HostCryptography.authenticationCode(of: message, key: key.span)
  }

  func read(at offset: Int, into bytes: inout MutableSpan<UInt8>) {
    for index in bytes.indices { bytes[index] = image[offset + index] }
  }

  var manifest: BroadcastManifest {
    var digest = SHA256Digest()
    digest.update(image.span)
    return BroadcastManifest(imageBytes: UInt32(image.count), sha256: digest.finish(), securityCounter: 1)
  }
}

/// A master and one listener whose frames reach each other at once, and the frames between them.
struct Pair: ~Copyable {
  var master: BroadcastMaster<TestSource>
  var listener: BroadcastListener
  var node: TestNode
  var frames: [CANFrame] = []
  var microseconds: UInt64 = 0
  /// Which frames the listener does not hear, by their number.
  var deafTo: (Int, CANFrame) -> Bool = { _, _ in false }

  init(
    image: [UInt8], node: TestNode = TestNode(), masterKey: [UInt8]? = nil,
    _ change: (inout MasterSettings) -> Void = { _ in }
  ) {
    var settings = MasterSettings(session: 0x1122_3344, bitsPerSecond: 500_000)
    settings.listensFirst = false
    change(&settings)
    let source = TestSource(groupKey: masterKey, image: image)
    master = BroadcastMaster(settings, manifest: source.manifest, source: source)
    listener = BroadcastListener(node: 5, id: 0x0A0B_0C0D)
    self.node = node
    master.expect(node: 5)
  }

  var now: Instant { Instant(microseconds: microseconds) }

  /// Until the master has ended, or `limit` frames have passed.
  mutating func run(limit: Int = 20_000) {
    master.start(now: now)
    while master.outcome == nil, frames.count < limit, microseconds < 100_000_000 {
      if let deadline = listener.deadline, deadline <= now { listener.advance(for: &node, now: now) }
      if let frame = listener.pendingFrame(now: now) {
        pass(frame)
        listener.sent(frame)
        master.receive(frame, now: now)
      } else if let frame = master.nextFrame(now: now) {
        let isHeard = !deafTo(frames.count, frame)
        pass(frame)
        if isHeard { listener.receive(frame, for: &node, now: now) }
      } else {
        microseconds += 100
      }
    }
  }

  private mutating func pass(_ frame: CANFrame) {
    frames.append(frame)
    microseconds += UInt64(frame.bitsOnWire) * 2
  }

  var transcript: String {
    var lines = ""
    for frame in frames {
      lines += String(frame.identifier, radix: 16)
      for index in 0..<Int(frame.count) {
        let digits = String(frame.bytes[index], radix: 16)
        lines += (index == 0 ? " " : "") + (digits.count < 2 ? "0" + digits : digits)
      }
      lines += "\n"
    }
    return lines
  }
}
