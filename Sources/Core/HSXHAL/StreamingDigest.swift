/// A SHA-256 over bytes that come in pieces. None is written here: a host brings swift-crypto's, a microcontroller its own.
public protocol StreamingDigest {
  /// The digest of no bytes yet.
  init()
  /// Takes `bytes`, which follow those taken before.
  mutating func update(_ bytes: Span<UInt8>)
  /// The 32 bytes of the digest of everything taken. Nothing may be taken behind it.
  mutating func finish() -> InlineArray<32, UInt8>
}
