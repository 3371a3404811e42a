public import HSXHAL

/// Why the store refused or failed.
public enum StoreError: Error, Equatable, Sendable {
  /// The memory failed, and there was no other place to go.
  case memory(MemoryFault)
  /// No superblock: this memory was never formatted, or is something else. Nothing was changed.
  case unformatted
  /// It was formatted, but no page of the ring says what holds. Nothing was changed.
  case noSoundPage
  /// The layout does not fit this memory.
  case layout(needed: Int, available: Int)
  /// More records, in cells, than a page or the table holds. Nothing was changed.
  case full(needed: Int, available: Int)
  /// A key that no record can have: 0 or 0xFFFF.
  case keyInvalid(UInt16)
  /// No slot is free, and none may be overwritten.
  case noSlot
  /// The slot does not exist, or its state does not allow this.
  case slotState(UInt16, SlotState)
  /// The image, in bytes, does not fit its slot, or is not as long as was said.
  case imageSize(found: Int, expected: Int)
  /// An image of this hash failed before, in this slot. Releasing the slot clears that.
  case hashRejected(UInt16)
  /// What was staged is not the image whose hash was announced. The slot is free again.
  case hashMismatch(UInt16)
  /// What the slot holds is not what was written: its descriptor or its image is damaged.
  case damaged(UInt16)
}
