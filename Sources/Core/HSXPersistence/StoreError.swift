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
  /// Too few pages are left that can still be erased.
  case wornOut
}
