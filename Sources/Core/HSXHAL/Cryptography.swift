/// The cryptography that a platform brings.
public protocol Cryptography {
  /// SHA-256.
  associatedtype Digest: StreamingDigest
}
