public import CoreMetrics
import Synchronization

/// Keeps what is counted and measured, and writes it in Prometheus' text format 0.0.4.
///
/// Timers and recorders become histograms of fixed bounds; timers are in seconds. The number of series is bounded: what would
/// be one more is not kept, and `hsx_metrics_series_refused_total` says how often that was.
public final class PrometheusRegistry: MetricsFactory {
  struct Key: Hashable {
    var name: String
    var labels: String
  }

  struct State {
    var series: [Key: any Series] = [:]
    var refused: UInt64 = 0
  }

  private let state = Mutex(State())
  private let seriesLimit: Int

  /// A registry of at most so many series.
  public init(seriesLimit: Int = 4096) { self.seriesLimit = seriesLimit }

  /// All series, in the order of their names and labels.
  public var exposition: String {
    let (all, refused) = state.withLock { ($0.series, $0.refused) }
    var text = ""
    var family = ""
    for (key, series) in all.sorted(by: { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }) {
      if key.name != family {
        family = key.name
        text += "# TYPE \(key.name) \(series.kind)\n"
      }
      series.write(key, to: &text)
    }
    text += "# TYPE hsx_metrics_series_refused_total counter\nhsx_metrics_series_refused_total \(refused)\n"
    return text
  }

  // MARK: MetricsFactory

  /// A counter.
  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions, CounterSeries()) ?? CounterSeries()
  }

  /// A gauge.
  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions, GaugeSeries()) ?? GaugeSeries()
  }

  /// A histogram, or a gauge if nothing is to be aggregated.
  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    guard aggregate else { return series(label, dimensions, GaugeSeries()) ?? GaugeSeries() }
    let made = HistogramSeries(bounds: HistogramSeries.sizeBounds)
    return series(label, dimensions, made) ?? made
  }

  /// A histogram of seconds.
  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    let made = HistogramSeries(bounds: HistogramSeries.secondBounds)
    return series(label, dimensions, made) ?? made
  }

  /// Does nothing: a series that has been shown stays.
  public func destroyCounter(_ handler: any CounterHandler) {}
  /// Does nothing: a series that has been shown stays.
  public func destroyMeter(_ handler: any MeterHandler) {}
  /// Does nothing: a series that has been shown stays.
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  /// Does nothing: a series that has been shown stays.
  public func destroyTimer(_ handler: any TimerHandler) {}

  /// The series of that name and these labels, which is `made` if there was none; nil if there are too many, or if it is of
  /// another kind.
  private func series<Kind: Series>(
    _ label: String, _ dimensions: [(String, String)], _ made: Kind
  ) -> Kind? {
    let key = Key(name: PrometheusText.name(label), labels: PrometheusText.labels(dimensions))
    return state.withLock { state in
      if let known = state.series[key] as? Kind { return known }
      let isOther = state.series.contains { $0.key.name == key.name && $0.value.kind != made.kind }
      guard state.series[key] == nil, !isOther, state.series.count < seriesLimit else {
        state.refused += 1
        return nil
      }
      state.series[key] = made
      return made
    }
  }
}
