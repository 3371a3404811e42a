import HSXHAL
import HSXTransfer

/// The node behind a simulated listener: it takes blocks as fast as it is told to, and remembers what it ever ran.
struct ModelNode: BroadcastNode {
  typealias Digest = ModelDigest

  var key = ModelKey()
  var requiresAuthentication: Bool { key.isRequired }
  /// Nanoseconds that a block takes.
  var writeTime: UInt64 = 0
  /// Nanoseconds that hashing and verifying take.
  var sealTime: UInt64 = 0
  var floor: UInt32 = 0
  var counterFloor: UInt32 = 0
  var now: UInt64 = 0
  var running: [UInt8]?
  /// How often it activated anything.
  var activations = 0
  var runningHashPrefix: UInt32 = 0
  /// A misuse by the listener.
  var misuse: String?

  /// What ought to come, to find out where it does not; empty if that is not wanted.
  var expected: [UInt8] = []
  /// The first block that was not as expected.
  var corrupt: String?

  private var manifest: BroadcastManifest?
  private var bytes: [UInt8] = []
  private var busyUntil: UInt64 = 0
  private var sealedAt: UInt64?
  private var isSealed = false

  func authenticationCode(of message: Span<UInt8>) -> InlineArray<32, UInt8> { key.code(message) }

  mutating func admit(_ manifest: BroadcastManifest) -> ListenerRefusal? {
    if self.manifest != nil { misuse = "admitted twice" }
    // The model's signature: the key's code over the signed bytes.
    if key.isRequired {
      let code = key.code(manifest.bytes.span.extracting(0..<BroadcastManifest.signedBytes))
      for index in 0..<32 where manifest.signature[index] != code[index] { return .signature }
    }
    if manifest.securityCounter < counterFloor { return .counter }
    self.manifest = manifest
    bytes = []
    bytes.reserveCapacity(Int(manifest.imageBytes))
    (sealedAt, isSealed) = (nil, false)
    return nil
  }

  mutating func write(_ number: UInt16, _ piece: Span<UInt8>) -> BlockAnswer {
    guard let manifest, Int(number) * 256 == bytes.count,
      bytes.count + piece.count <= Int(manifest.imageBytes)
    else {
      misuse = "block \(number) behind \(bytes.count) bytes"
      return .refused(.device)
    }
    guard now >= busyUntil else { return .busy }
    busyUntil = now + writeTime
    if corrupt == nil, !expected.isEmpty {
      for index in piece.indices where expected[Int(number) * 256 + index] != piece[index] {
        corrupt = "block \(number + 1) at \(now / 1000) us"
        break
      }
    }
    for index in piece.indices { bytes.append(piece[index]) }
    return .taken
  }

  mutating func seal() -> SealAnswer {
    guard let manifest, bytes.count == Int(manifest.imageBytes) else {
      misuse = "sealed too early"
      return .refused(.device)
    }
    if sealedAt == nil { sealedAt = now + sealTime }
    guard now >= sealedAt ?? 0 else { return .pending }
    var digest = ModelDigest()
    digest.update(bytes.span)
    let (hash, wanted) = (digest.finish(), manifest.sha256)
    for index in 0..<32 where hash[index] != wanted[index] { return .refused(.hash) }
    isSealed = true
    return .sealed
  }

  mutating func activate(session: UInt32) -> Bool {
    guard isSealed, let manifest else {
      misuse = "activated without a seal"
      return false
    }
    activations += 1
    running = bytes
    runningHashPrefix = manifest.hashPrefix
    (floor, counterFloor) = (session, max(counterFloor, manifest.securityCounter))
    abandon()
    return true
  }

  mutating func abandon() {
    manifest = nil
    bytes = []
    isSealed = false
    sealedAt = nil
  }
}

/// The image and the key of a simulated master.
struct ModelSource: BroadcastSource {
  typealias Digest = ModelDigest

  var key = ModelKey()
  let image: [UInt8]
  var requiresAuthentication: Bool { key.isRequired }

  func authenticationCode(of message: Span<UInt8>) -> InlineArray<32, UInt8> { key.code(message) }

  func read(at offset: Int, into bytes: inout MutableSpan<UInt8>) {
    for index in bytes.indices { bytes[index] = image[offset + index] }
  }

  /// The image's manifest, signed as models do.
  func manifest(securityCounter: UInt32 = 1) -> BroadcastManifest {
    var digest = ModelDigest()
    digest.update(image.span)
    var manifest = BroadcastManifest(
      imageBytes: UInt32(image.count), sha256: digest.finish(), securityCounter: securityCounter)
    if key.isRequired {
      manifest.prepareSigning(.ed25519, keyID: InlineArray(repeating: 7))
      let code = key.code(manifest.bytes.span.extracting(0..<BroadcastManifest.signedBytes))
      var signature = InlineArray<64, UInt8>(repeating: 0)
      for index in 0..<32 { signature[index] = code[index] }
      manifest.setSignature(signature)
    }
    return manifest
  }
}
