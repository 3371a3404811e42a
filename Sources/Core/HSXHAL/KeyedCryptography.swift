/// How something small is signed, with a signature of 64 bytes.
public enum SignatureAlgorithm: UInt8, Sendable {
  /// Ed25519 over the message.
  case ed25519 = 1
  /// ECDSA on P-256 with SHA-256; r and s, 32 bytes each, the highest byte first.
  case p256 = 2
}

/// What a platform brings beside its digest where messages carry codes and signatures.
public protocol KeyedCryptography: Cryptography {
  /// The HMAC-SHA-256 of `message` under `key`.
  static func authenticationCode(of message: Span<UInt8>, key: Span<UInt8>) -> InlineArray<32, UInt8>

  /// Whether `signature` is that of `message` by the owner of a public key: 32 bytes for Ed25519, 64 (x and y) for P-256. Any
  /// other key is false.
  static func isValid(
    _ signature: InlineArray<64, UInt8>, of message: Span<UInt8>, by algorithm: SignatureAlgorithm,
    key: Span<UInt8>
  ) -> Bool
}
