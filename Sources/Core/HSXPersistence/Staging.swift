public import HSXHAL

/// An image that is on its way into a slot.
///
/// `Store.stage` makes it, `Store.write` gives it bytes; it ends by `Store.seal`, `Store.pause` or `Store.abandon`.
public struct Staging<Digest: StreamingDigest> {
  var writer: SlotWriter
  /// The hash of what was taken, as it came.
  var digest = Digest()

  /// An image of which the sender announced this; nil is what it did not.
  @inline(never)
  init(_ length: Int?, _ sha256: InlineArray<32, UInt8>?) {
    writer = SlotWriter(limit: length ?? 0)
    writer.isLengthKnown = length != nil
    writer.identity[8] = UInt32(truncatingIfNeeded: writer.limit)
    if let sha256 {
      writer.identity.setHash(sha256)
      writer.isHashKnown = true
      writer.isNamed = writer.isLengthKnown
    }
  }

  /// The slot that is written.
  public var slot: UInt16 { UInt16(truncatingIfNeeded: writer.slot) }
  /// Bytes of the image taken so far: just after `stage`, where the transfer goes on.
  public var offset: Int { writer.taken }
}

/// Where the writing of a slot stands.
///
/// What begins as zero stands together: a microcontroller clears it at once.
struct SlotWriter {
  /// Bytes that the image has or, if its length is not known, may have.
  var limit: Int
  /// What the sender announced: hash and length, as far as known.
  var identity = Words(Words.identity)
  var isHashKnown = false
  var isLengthKnown = false
  /// Whether both are known, so that a transfer that stops can go on.
  var isNamed = false
  var slot = 0
  /// Bytes of the image taken.
  var taken = 0
  /// The bytes behind the last multiple of 256: they are programmed together, as the pages of many memories are.
  var tail = InlineArray<256, UInt8>(repeating: 0)
  /// Why the ring refused a record.
  var refusal = StoreError.memory(.unreadable(at: 0))
  /// Nothing may be written any more: it is over, or a write failed and what is in the slot is unknown.
  var isClosed = false
}

/// How a step of staging ended. A number that is handed on as it is: an error thrown is paid for at every call that it passes.
///
/// From 1 on it is the slot, counted from 1, in which an image of this hash was rejected.
struct Outcome {
  let number: Int

  init(rejected slot: Int) { number = slot }
  private init(_ number: Int) { self.number = number }

  /// Well.
  static var done: Outcome { Outcome(0) }
  /// The memory failed, at `Journal.fault`.
  static var failed: Outcome { Outcome(33) }
  /// The ring refused a record, for what is in `SlotWriter.refusal`.
  static var refused: Outcome { Outcome(34) }
  /// No slot is free.
  static var noSlot: Outcome { Outcome(35) }
  /// It is over, or the slot is in a state that forbids it.
  static var closed: Outcome { Outcome(36) }
  /// `SlotWriter.taken` is not what it should be, or more than `SlotWriter.limit`.
  static var wrongSize: Outcome { Outcome(37) }
  /// What came is not what was announced.
  static var otherHash: Outcome { Outcome(38) }
  /// What was written is not what can be read.
  static var damaged: Outcome { Outcome(39) }

  var isDone: Bool { number == 0 }
}
