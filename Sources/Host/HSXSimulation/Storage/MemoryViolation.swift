/// Something that a memory was asked to do and that no caller may ask: it may seem to work on the desk.
public enum MemoryViolation: Equatable, Sendable {
  /// Programmed a write unit, the one at this offset, that was not erased since it was programmed or since an erase of it
  /// was cut short.
  case usedTwice(offset: Int)
  /// Read, programmed or erased outside the memory.
  case outside(offset: Int, count: Int)
  /// Programmed not at a whole write unit, or not whole write units; or erased where nothing can be erased.
  case misaligned(offset: Int, count: Int)
  /// Programmed or erased bytes, from this offset on, that are protected: an active image, or what is not the caller's.
  case protected(offset: Int)
}

/// What kind of cells a simulated memory has, and so what can happen to them.
public enum MemoryFamily: String, CaseIterable, Sendable {
  /// Bytes that are overwritten; a cut tears at most the byte in flight, for good.
  case fram
  /// Erase units, and words that a cut may leave weak.
  case nor
  /// The same with an error-correcting code on each write unit: what is torn cannot be read until it is erased.
  case eccNOR = "ecc"
}

/// One thing that a memory did, as a dry run notes it so that a cut can be put anywhere into it.
public struct MemoryOperation: Equatable, Sendable {
  /// What it is.
  public enum Kind: Equatable, Sendable {
    /// Bytes programmed: a step a byte.
    case program
    /// A sector erased: 32 steps.
    case erase
    /// Everything before made lasting: one step.
    case sync
  }

  /// What was done.
  public var kind: Kind
  /// Steps of the memory before it.
  public var step: Int
  /// Steps that it takes.
  public var cost: Int
  /// Programs and erases before it that no sync has made lasting.
  public var pending: Int
}
