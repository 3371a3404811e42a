public import HSXHAL

/// Block 0 of a broadcast: what the image is, signed. 128 bytes, little-endian.
///
/// | at | bytes | |
/// |---|---|---|
/// | 0 | 4 | `HXM1` |
/// | 4 | 4 | length of the image |
/// | 8 | 32 | SHA-256 of the image |
/// | 40 | 1 | target class, 0 for every |
/// | 41 | 1 | version of the ABI |
/// | 42 | 1 | algorithm of the signature |
/// | 43 | 1 | zero |
/// | 44 | 4 | the first 4 bytes of the SHA-256 of the app's name |
/// | 48 | 4 | version of the app |
/// | 52 | 4 | security counter |
/// | 56 | 8 | key id |
/// | 64 | 64 | signature over bytes 0 to 63, zero without one |
public struct BroadcastManifest: Sendable {
  /// Bytes of a manifest.
  public static var size: Int { 128 }
  /// The bytes that the signature is over.
  public static var signedBytes: Int { 64 }

  /// How a manifest is signed.
  public enum Algorithm: UInt8, Sendable {
    /// Not at all.
    case none = 0
    /// Ed25519, over the first 64 bytes as its message.
    case ed25519 = 1
    /// ECDSA on P-256 with SHA-256 over the first 64 bytes; r and s as 32 bytes each, the highest byte first.
    case p256 = 2
  }

  /// The bytes.
  public private(set) var bytes = InlineArray<128, UInt8>(repeating: 0)

  /// A manifest without signature.
  public init(
    imageBytes: UInt32, sha256: InlineArray<32, UInt8>, targetClass: UInt8 = 0, abi: UInt8 = 1,
    appName: UInt32 = 0, version: UInt32 = 0, securityCounter: UInt32 = 0
  ) {
    put(0, 4, 0x314D_5848)
    put(4, 4, imageBytes)
    for index in 0..<32 { bytes[8 &+ index] = sha256[index] }
    bytes[40] = targetClass
    bytes[41] = abi
    put(44, 4, appName)
    put(48, 4, version)
    put(52, 4, securityCounter)
  }

  /// The manifest in the first 128 of `bytes`, or nil if they are none: the mark, a length of 1 to 16,776,960, the algorithm
  /// and the zero are checked.
  public init?(_ bytes: Span<UInt8>) {
    guard bytes.count >= Self.size else { return nil }
    for index in 0..<Self.size { self.bytes[index] = bytes[index] }
    guard number(0, 4) == 0x314D_5848, imageBytes > 0, imageBytes <= Self.largestImage,
      Algorithm(rawValue: self.bytes[42]) != nil, self.bytes[43] == 0
    else { return nil }
  }

  /// The most bytes that an image may have: 65,534 blocks.
  public static var largestImage: UInt32 { 65_534 * 256 }

  /// Signs: `signature` over the first 64 bytes, which this changes before.
  public mutating func prepareSigning(_ algorithm: Algorithm, keyID: InlineArray<8, UInt8>) {
    bytes[42] = algorithm.rawValue
    for index in 0..<8 { bytes[56 &+ index] = keyID[index] }
  }

  /// Puts the signature behind what was prepared.
  public mutating func setSignature(_ signature: InlineArray<64, UInt8>) {
    for index in 0..<64 { bytes[64 &+ index] = signature[index] }
  }

  /// Bytes of the image.
  public var imageBytes: UInt32 { number(4, 4) }
  /// The image's SHA-256.
  public var sha256: InlineArray<32, UInt8> {
    var hash = InlineArray<32, UInt8>(repeating: 0)
    for index in 0..<32 { hash[index] = bytes[8 &+ index] }
    return hash
  }
  /// The first four bytes of the image's SHA-256, the first one lowest.
  public var hashPrefix: UInt32 { number(8, 4) }
  /// The class of nodes it is for; 0 for every.
  public var targetClass: UInt8 { bytes[40] }
  /// The version of the ABI it needs.
  public var abi: UInt8 { bytes[41] }
  /// How it is signed.
  public var algorithm: Algorithm { Algorithm(rawValue: bytes[42]) ?? .none }
  /// The first four bytes of the SHA-256 of the app's name.
  public var appName: UInt32 { number(44, 4) }
  /// The app's version.
  public var version: UInt32 { number(48, 4) }
  /// The image's security counter.
  public var securityCounter: UInt32 { number(52, 4) }
  /// The first 8 bytes of the SHA-256 of the public key's SubjectPublicKeyInfo.
  public var keyID: InlineArray<8, UInt8> {
    var id = InlineArray<8, UInt8>(repeating: 0)
    for index in 0..<8 { id[index] = bytes[56 &+ index] }
    return id
  }
  /// The signature.
  public var signature: InlineArray<64, UInt8> {
    var signature = InlineArray<64, UInt8>(repeating: 0)
    for index in 0..<64 { signature[index] = bytes[64 &+ index] }
    return signature
  }

  /// Blocks of the image, the last one perhaps short.
  public var blocks: Int { (Int(imageBytes) &+ 255) / 256 }

  private func number(_ offset: Int, _ count: Int) -> UInt32 {
    var number: UInt32 = 0
    for index in 0..<count { number |= UInt32(bytes[offset &+ index]) &<< UInt32(index &* 8) }
    return number
  }

  private mutating func put(_ offset: Int, _ count: Int, _ number: UInt32) {
    for index in 0..<count {
      bytes[offset &+ index] = UInt8(truncatingIfNeeded: number &>> UInt32(index &* 8))
    }
  }
}

extension BroadcastManifest {
  /// Whether its signature is that of the owner of a public key; false without one.
  ///
  /// Whose key that is, and whether it may sign, says `keyID`.
  public func isSigned<Keys: KeyedCryptography>(by key: Span<UInt8>, _ keys: Keys.Type) -> Bool {
    guard let algorithm = SignatureAlgorithm(rawValue: bytes[42]) else { return false }
    return Keys.isValid(
      signature, of: bytes.span.extracting(0..<Self.signedBytes), by: algorithm, key: key)
  }
}
