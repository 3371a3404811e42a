import Foundation

/// Seconds of processor time that this process has used: what Lua's os.clock tells.
func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Repeated measurements of one thing.
struct Samples {
  var values: [Double] = []

  var minimum: Double { values.min() ?? .nan }

  var median: Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}

func geometricMean(_ values: [Double]) -> Double {
  exp(values.map { log($0) }.reduce(0, +) / Double(values.count))
}

/// Right-aligned columns.
func row(_ cells: [String], widths: [Int]) -> String {
  zip(cells, widths).enumerated().map { index, pair in
    let padding = String(repeating: " ", count: max(0, pair.1 - pair.0.count))
    return index == 0 ? pair.0 + padding : padding + pair.0
  }.joined(separator: " ")
}

func text(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }
