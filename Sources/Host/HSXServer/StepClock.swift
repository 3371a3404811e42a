import HSXHAL
import HSXProtocol

/// The clock that lets tasks run: on or off, with or without a limit, and what it has counted.
struct StepClock {
  /// Instructions of the shortest and the longest slice.
  private static let sliceRange: ClosedRange<UInt32> = 1_000...4_000_000
  /// What a slice is to take. A reply waits for one slice at most.
  private static let sliceMicroseconds: UInt64 = 1_000

  var isRunning = false
  /// Instructions a second at most; 0 for no limit.
  private(set) var rate: Double = 0
  /// Instructions of the next slice, so that it takes about a millisecond.
  private(set) var slice: UInt32 = 20_000
  private(set) var autoSteps: UInt64 = 0
  private(set) var autoTotal: UInt64 = 0
  private(set) var manualSteps: UInt64 = 0
  private(set) var manualTotal: UInt64 = 0
  var lastWait: Double = 0
  // What the limit allows by now and has not been used.
  private var allowance: Double = 0
  private var lastAllowance: Instant = .zero

  mutating func start(isRunning: Bool = true, now: Instant) {
    if !self.isRunning { autoSteps = 0 }
    self.isRunning = isRunning
    lastAllowance = now
  }

  mutating func setRate(_ rate: Double, now: Instant) {
    self.rate = rate
    allowance = 0
    lastAllowance = now
  }

  /// Instructions that may run now; 0 if the limit says to wait.
  mutating func budget(now: Instant) -> UInt32 {
    guard rate > 0 else { return slice }
    let elapsed = Double(now.microseconds - min(now.microseconds, lastAllowance.microseconds)) / 1e6
    lastAllowance = now
    // What was not used in a tenth of a second is lost, or a pause would be made up for in a burst.
    allowance = min(allowance + elapsed * rate, max(1, rate / 10))
    return UInt32(min(Double(slice), allowance))
  }

  /// When the limit allows the next instruction; nil without a limit or while nothing runs.
  func nextTick(after now: Instant) -> Instant? {
    guard isRunning, rate > 0 else { return nil }
    let seconds = max(0.001, (1 - allowance) / rate)
    return Instant(microseconds: now.microseconds &+ UInt64(min(seconds, 3600) * 1e6))
  }

  mutating func noteAuto(_ retired: UInt32) {
    autoSteps += UInt64(retired)
    autoTotal += UInt64(retired)
    if rate > 0 { allowance = max(0, allowance - Double(retired)) }
  }

  mutating func beginManual() { manualSteps = 0 }

  mutating func noteManual(_ retired: UInt32) {
    manualSteps += UInt64(retired)
    manualTotal += UInt64(retired)
  }

  /// Fits the slice's length to what the last one took.
  mutating func adapt(retired: UInt32, of budget: UInt32, microseconds: UInt64) {
    if microseconds > Self.sliceMicroseconds * 3 / 2 {
      slice = max(Self.sliceRange.lowerBound, slice / 2)
    } else if retired == budget, budget == slice, microseconds < Self.sliceMicroseconds / 2 {
      slice = min(Self.sliceRange.upperBound, slice * 2)
    }
  }
}
