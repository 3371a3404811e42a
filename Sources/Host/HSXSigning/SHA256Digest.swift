import Crypto
public import HSXHAL

/// The SHA-256 of swift-crypto.
public struct SHA256Digest: StreamingDigest, Sendable {
  private var hash = SHA256()

  /// The digest of no bytes yet.
  public init() {}

  /// Takes `bytes`, which follow those taken before.
  public mutating func update(_ bytes: Span<UInt8>) {
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
  }

  /// The digest of everything taken.
  public mutating func finish() -> InlineArray<32, UInt8> {
    var result = InlineArray<32, UInt8>(repeating: 0)
    for (index, byte) in hash.finalize().enumerated() { result[index] = byte }
    return result
  }
}
