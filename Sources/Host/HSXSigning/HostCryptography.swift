public import HSXHAL

/// The cryptography of a host: swift-crypto's.
public enum HostCryptography: Cryptography {
  /// SHA-256.
  public typealias Digest = SHA256Digest
}
