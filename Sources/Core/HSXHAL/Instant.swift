/// A point on the clock that the driver gives to the core: microseconds since the driver started.
///
/// The core never reads a clock. A driver must pass instants that do not decrease.
public struct Instant: Equatable, Comparable, Sendable {
  /// Microseconds since the driver's start.
  public var microseconds: UInt64

  /// The instant `microseconds` after the driver's start.
  public init(microseconds: UInt64) {
    self.microseconds = microseconds
  }

  /// The instant `milliseconds` after the driver's start.
  public init(milliseconds: UInt64) {
    microseconds = milliseconds &* 1_000
  }

  /// The driver's start.
  public static var zero: Instant { Instant(microseconds: 0) }

  /// Whole milliseconds since the driver's start.
  public var milliseconds: UInt64 { microseconds / 1_000 }

  /// The instant `milliseconds` later; saturates at the end of time (584,000 years).
  public func advanced(byMilliseconds milliseconds: UInt32) -> Instant {
    let (sum, overflow) = microseconds.addingReportingOverflow(UInt64(milliseconds) * 1_000)
    return Instant(microseconds: overflow ? .max : sum)
  }

  /// Whole milliseconds from `earlier` to this instant; 0 if `earlier` is not earlier.
  public func milliseconds(since earlier: Instant) -> UInt64 {
    microseconds > earlier.microseconds ? (microseconds - earlier.microseconds) / 1_000 : 0
  }

  /// Orders instants by time.
  public static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }
}
