import CoreMetrics
import HSXMetrics
import Testing

@Suite("Prometheus' text format")
struct PrometheusRegistryTests {
  @Test("A counter and a gauge are lines behind their type, labels in order and escaped")
  func lines() {
    let registry = PrometheusRegistry()
    registry.makeCounter(
      label: "hsx.requests_total", dimensions: [("result", "o\"k\\\n"), ("command", "ps")]
    )
    .increment(by: 3)
    registry.makeMeter(label: "hsx_tasks", dimensions: []).set(Int64(2))
    #expect(
      registry.exposition == #"""
        # TYPE hsx_requests_total counter
        hsx_requests_total{command="ps",result="o\"k\\\n"} 3
        # TYPE hsx_tasks gauge
        hsx_tasks 2.0
        # TYPE hsx_metrics_series_refused_total counter
        hsx_metrics_series_refused_total 0

        """#)
  }

  @Test("A timer's buckets add up, and end at infinity with the count")
  func histogram() {
    let registry = PrometheusRegistry()
    let timer = registry.makeTimer(label: "t", dimensions: [("a", "b")])
    timer.recordNanoseconds(1_000_000)
    timer.recordNanoseconds(20_000_000_000)
    let lines = registry.exposition.split(separator: "\n")
    #expect(lines.contains(#"t_bucket{a="b",le="0.0005"} 0"#))
    #expect(lines.contains(#"t_bucket{a="b",le="0.001"} 1"#))
    #expect(lines.contains(#"t_bucket{a="b",le="10.0"} 1"#))
    #expect(lines.contains(#"t_bucket{a="b",le="+Inf"} 2"#))
    #expect(lines.contains(#"t_sum{a="b"} 20.001"#))
    #expect(lines.contains(#"t_count{a="b"} 2"#))
  }

  @Test("Beyond its bound a registry keeps no series, and says so; the same name is the same series")
  func bounded() {
    let registry = PrometheusRegistry(seriesLimit: 2)
    for name in ["a", "b", "c", "a"] { registry.makeCounter(label: name, dimensions: []).increment(by: 1) }
    let lines = registry.exposition.split(separator: "\n")
    #expect(lines.contains("a 2") && lines.contains("b 1") && !lines.contains("c 1"))
    #expect(lines.contains("hsx_metrics_series_refused_total 1"))
  }
}
