public import HSXHAL

/// The key that the masters and the nodes of a bus share.
public protocol BroadcastKey: ~Copyable {
  /// Whether OPEN, SEAL, COMMIT and ABORT must be followed by AUTH. It must be so where signatures are required.
  var requiresAuthentication: Bool { get }

  /// The HMAC-SHA-256 of `message` under the group key; zeros without one, when `requiresAuthentication` must be false.
  func authenticationCode(of message: Span<UInt8>) -> InlineArray<32, UInt8>
}

/// The node that a listener serves: where the blocks go, and what is trusted.
///
/// A session calls `admit`, then `write` for blocks 0, 1, 2… in order, then `seal`, then `activate`; or `abandon` at any
/// point between. Nothing is called for bytes that no admitted manifest stands for.
public protocol BroadcastNode: BroadcastKey, ~Copyable {
  /// SHA-256.
  associatedtype Digest: StreamingDigest

  /// Judges a manifest by its signature, class, ABI, counter and size, and makes ready for its image. Nil if it is welcome.
  mutating func admit(_ manifest: BroadcastManifest) -> ListenerRefusal?

  /// Takes block `number` of the image, from 0 on: 256 bytes, the last perhaps fewer. A `busy` one is offered again.
  mutating func write(_ number: UInt16, _ bytes: Span<UInt8>) -> BlockAnswer

  /// Every block was taken: hash, verify. A `pending` one is asked again.
  mutating func seal() -> SealAnswer

  /// Runs the sealed image, and remembers `session` as the least number that is taken from now on. False if it did not
  /// start, and the old one runs.
  mutating func activate(session: UInt32) -> Bool

  /// Gives back what the session took.
  mutating func abandon()

  /// The first four bytes of the SHA-256 of the image that runs, the first one lowest; 0 if none does.
  var runningHashPrefix: UInt32 { get }
}

/// What a master sends: the image, and the group key.
public protocol BroadcastSource: BroadcastKey, ~Copyable {
  /// SHA-256.
  associatedtype Digest: StreamingDigest

  /// Copies `bytes.count` bytes of the image from `offset`; it has that many.
  func read(at offset: Int, into bytes: inout MutableSpan<UInt8>)
}
