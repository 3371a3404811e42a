public import HSXHAL

/// An image that is on its way into a slot.
///
/// `Store.stage` makes it, `Store.write` gives it bytes; it ends by `Store.seal`, `Store.pause` or `Store.abandon`.
public struct Staging<Digest: StreamingDigest> {
  var writer: SlotWriter
  /// The hash of what was taken, as it came.
  var digest = Digest()
  /// The hash that the sender announced.
  var announced = Words(Words.identity)
  var isAnnounced = false

  init(_ writer: SlotWriter) { self.writer = writer }

  /// The slot that is written.
  public var slot: UInt16 { writer.slot }
  /// Bytes of the image taken so far: just after `stage`, where the transfer goes on.
  public var offset: Int { writer.taken }
}

/// Where the writing of a slot stands.
struct SlotWriter {
  let slot: UInt16
  /// Bytes of the image taken.
  var taken = 0
  /// Bytes that the image has or may have.
  var limit: Int
  /// Whether `limit` is what the image has.
  var isExact = false
  /// A write failed: what is in the slot is unknown.
  var isBroken = false
  /// Bytes that do not fill a write unit yet.
  var tail = InlineArray<32, UInt8>(repeating: 0)
  var tailCount = 0
}
