public import HSXHAL
import Glibc

/// The time that a driver under Linux gives to the core: what has passed since the clock was made.
public struct MonotonicClock: Sendable {
  private let start = ContinuousClock.now

  /// A clock that starts now.
  public init() {}

  /// The time since the start.
  public var now: Instant {
    let elapsed = (ContinuousClock.now - start).components
    return Instant(
      microseconds: UInt64(elapsed.seconds) * 1_000_000 + UInt64(elapsed.attoseconds / 1_000_000_000_000))
  }

  /// Blocks the calling thread until `instant`, or until it is interrupted.
  public func wait(until instant: Instant) {
    let now = self.now
    guard instant > now else { return }
    let remaining = instant.microseconds - now.microseconds
    var request = timespec(
      tv_sec: Int(remaining / 1_000_000), tv_nsec: Int(remaining % 1_000_000) * 1_000)
    nanosleep(&request, nil)
  }
}
