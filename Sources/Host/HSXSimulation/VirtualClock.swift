public import HSXHAL

/// A clock that stands still until it is moved.
public struct VirtualClock: Sendable {
  /// The present time.
  public private(set) var now = Instant.zero

  /// A clock at its start.
  public init() {}

  /// Moves on.
  public mutating func advance(milliseconds: UInt32) {
    now = now.advanced(byMilliseconds: milliseconds)
  }
}
