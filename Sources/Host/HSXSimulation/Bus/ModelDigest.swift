public import HSXHAL

/// A digest for models: equal bytes, equal digest, and fast. No cryptography.
public struct ModelDigest: StreamingDigest, Sendable {
  private var lanes: (UInt64, UInt64) = (0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344)

  /// The digest of no bytes yet.
  public init() {}

  /// Takes `bytes`.
  public mutating func update(_ bytes: Span<UInt8>) {
    for index in bytes.indices {
      lanes.0 = (lanes.0 ^ UInt64(bytes[index])) &* 0x100_0000_01B3
      lanes.1 = (lanes.1 &+ UInt64(bytes[index])) &* 0x9E37_79B9_7F4A_7C15
      lanes.1 ^= lanes.1 >> 29
    }
  }

  /// The digest.
  public mutating func finish() -> InlineArray<32, UInt8> {
    var generator = SeededGenerator(seed: lanes.0 ^ (lanes.1 << 1))
    var result = InlineArray<32, UInt8>(repeating: 0)
    for index in 0..<32 { result[index] = UInt8(truncatingIfNeeded: generator.next()) }
    return result
  }
}

/// The group key of models.
struct ModelKey {
  var isRequired = false
  var secret: UInt64 = 0

  func code(_ message: Span<UInt8>) -> InlineArray<32, UInt8> {
    var digest = ModelDigest()
    var key = InlineArray<8, UInt8>(repeating: 0)
    for index in 0..<8 { key[index] = UInt8(truncatingIfNeeded: secret >> UInt64(8 * index)) }
    digest.update(key.span)
    digest.update(message)
    return digest.finish()
  }
}
