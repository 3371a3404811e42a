import CoreMetrics
import Synchronization

/// One line of numbers, or one histogram.
protocol Series: AnyObject, Sendable {
  var kind: String { get }
  func write(_ key: PrometheusRegistry.Key, to text: inout String)
}

final class CounterSeries: Series, CounterHandler {
  let kind = "counter"
  private let value = Atomic<Int64>(0)

  /// Counters do not go down, and begin anew rather than trap at their end.
  func increment(by amount: Int64) { value.wrappingAdd(max(0, amount), ordering: .relaxed) }

  func reset() { value.store(0, ordering: .relaxed) }

  func write(_ key: PrometheusRegistry.Key, to text: inout String) {
    text += PrometheusText.sample(key.name, [key.labels], String(value.load(ordering: .relaxed)))
  }
}

final class GaugeSeries: Series, MeterHandler, RecorderHandler {
  let kind = "gauge"
  private let value = Mutex(0.0)

  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { self.value.withLock { $0 = value } }
  func increment(by amount: Double) { value.withLock { $0 += amount } }
  func decrement(by amount: Double) { value.withLock { $0 -= amount } }
  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }

  func write(_ key: PrometheusRegistry.Key, to text: inout String) {
    text += PrometheusText.sample(key.name, [key.labels], PrometheusText.number(value.withLock { $0 }))
  }
}

final class HistogramSeries: Series, TimerHandler, RecorderHandler {
  /// From 10 µs to 10 s.
  static let secondBounds = [1e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.05, 0.1, 0.5, 1, 10]
  /// From 64 to 16 Mi.
  static let sizeBounds = [64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576, 4_194_304, 16_777_216.0]

  private struct State {
    var counts: [UInt64]
    var sum = 0.0
  }

  let kind = "histogram"
  private let bounds: [Double]
  private let state: Mutex<State>

  init(bounds: [Double]) {
    self.bounds = bounds
    state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    let place = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { state in
      state.counts[place] += 1
      state.sum += value
    }
  }

  func write(_ key: PrometheusRegistry.Key, to text: inout String) {
    let state = state.withLock { $0 }
    var total: UInt64 = 0
    for (place, count) in state.counts.enumerated() {
      total += count
      let bound = place < bounds.count ? PrometheusText.number(bounds[place]) : "+Inf"
      text += PrometheusText.sample(key.name + "_bucket", [key.labels, "le=\"\(bound)\""], String(total))
    }
    text += PrometheusText.sample(key.name + "_sum", [key.labels], PrometheusText.number(state.sum))
    text += PrometheusText.sample(key.name + "_count", [key.labels], String(total))
  }
}
