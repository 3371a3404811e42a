public import HSXHAL

/// An image that is on its way into a slot.
///
/// `Store.stage` makes it, `Store.write` gives it bytes; it ends by `Store.seal`, `Store.pause` or `Store.abandon`.
public struct Staging<Digest: StreamingDigest> {
  var writer: SlotWriter
  /// The hash of what was taken, as it came.
  var digest = Digest()

  init(_ limit: Int) { writer = SlotWriter(limit: limit) }

  /// The slot that is written.
  public var slot: UInt16 { UInt16(truncatingIfNeeded: writer.slot) }
  /// Bytes of the image taken so far: just after `stage`, where the transfer goes on.
  public var offset: Int { writer.taken }
}

/// Where the writing of a slot stands.
struct SlotWriter {
  /// What the sender announced: hash and length, as far as known.
  var identity = Words(Words.identity)
  var isHashKnown = false
  var isLengthKnown = false
  /// Nothing may be written any more: it is over, or a write failed and what is in the slot is unknown.
  var isClosed = false
  var slot = 0
  /// Bytes of the image taken.
  var taken = 0
  /// Bytes that the image has or may have.
  let limit: Int
  /// The bytes behind the last multiple of 256: they are programmed together, as the pages of many memories are.
  var tail = InlineArray<256, UInt8>(repeating: 0)

  /// Why the last function that answered false did.
  var failure = StoreError.noSlot

  /// Answers false, and keeps why. What is inside answers so, and what is public throws it: an error thrown is paid for at every call
  /// that it passes.
  @inline(never)
  mutating func fail(_ error: StoreError) -> Bool {
    failure = error
    return false
  }

  /// Throws what a function kept that answered false.
  @inline(never)
  mutating func require(_ isDone: Bool) throws(StoreError) {
    if !isDone { throw failure }
  }

  /// Whether hash and length are known, so that a transfer that stops can go on.
  var isKnown: Bool { isHashKnown && isLengthKnown }
}
