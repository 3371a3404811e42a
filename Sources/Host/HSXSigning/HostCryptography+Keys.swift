import Crypto
import Foundation
public import HSXHAL

extension HostCryptography: KeyedCryptography {
  /// The HMAC-SHA-256 of `message` under `key`.
  public static func authenticationCode(of message: Span<UInt8>, key: Span<UInt8>) -> InlineArray<32, UInt8> {
    let code = HMAC<SHA256>.authenticationCode(for: data(message), using: SymmetricKey(data: data(key)))
    var result = InlineArray<32, UInt8>(repeating: 0)
    for (index, byte) in code.enumerated() { result[index] = byte }
    return result
  }

  /// Whether `signature` is that of `message` by the owner of the public key.
  public static func isValid(
    _ signature: InlineArray<64, UInt8>, of message: Span<UInt8>, by algorithm: SignatureAlgorithm,
    key: Span<UInt8>
  ) -> Bool {
    let signature = data(signature.span)
    switch algorithm {
    case .ed25519:
      guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: data(key)) else { return false }
      return key.isValidSignature(signature, for: data(message))
    case .p256:
      guard let key = try? P256.Signing.PublicKey(rawRepresentation: data(key)),
        let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
      else { return false }
      return key.isValidSignature(signature, for: data(message))
    }
  }

  private static func data(_ bytes: Span<UInt8>) -> Data { bytes.withUnsafeBytes { Data($0) } }
}
