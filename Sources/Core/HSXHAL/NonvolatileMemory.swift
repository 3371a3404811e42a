/// Why a memory did not do what it was asked.
public enum MemoryFault: Error, Equatable, Sendable {
  /// The write unit that begins at this offset cannot be read (ECC flash: it was torn).
  case unreadable(at: Int)
  /// The memory refused to program or erase at this offset, or to make it lasting: a worn cell, a failed device.
  case refused(at: Int)
  /// The caller asked for something outside the memory or across its units. Nothing was changed.
  case misused(at: Int)
}

/// A memory that keeps its content without power: the one thing that the store waits for.
///
/// The store's side of the contract: it programs whole write units, aligned; on a memory with erase units it programs
/// each unit at most once between two erases; it calls `sync()` before anything that says of other bytes that they are
/// there, and before it tells anybody that something is stored.
///
/// The memory's side: when `sync()` returns, everything programmed and erased before it survives a loss of power. What
/// was programmed or erased since the last `sync()` may then be there, partly there, or not there, in any order.
public protocol NonvolatileMemory: ~Copyable {
  /// The memory's shape, always the same.
  var geometry: Geometry { get }

  /// Reads `bytes.count` bytes from `offset`, any alignment.
  ///
  /// Fails with `unreadable(at:)` at the first write unit that cannot be read; the bytes before it are in `bytes`, and
  /// a caller may go on behind it.
  mutating func read(at offset: Int, into bytes: inout MutableSpan<UInt8>) throws(MemoryFault)

  /// Programs `bytes`, a whole number of write units, at `offset`, a multiple of the write unit.
  mutating func program(_ bytes: Span<UInt8>, at offset: Int) throws(MemoryFault)

  /// Erases the erase unit number `sector`. A memory without erase units fails with `misused`.
  mutating func erase(sector: Int) throws(MemoryFault)

  /// Returns when everything programmed and erased so far is lasting.
  mutating func sync() throws(MemoryFault)
}
