import HSXSimulation

/// The choices that a seed makes.
struct Random {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func next() -> UInt64 { generator.next() }
  mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }
  /// A number below `limit`, 0 if that is 0.
  mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(next() % UInt64(limit)) : 0 }
  mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

  /// Lengths that add up to `total`, none of them 0 or over `limit`; mostly small ones in small inputs.
  mutating func cuts(of total: Int, limit: Int) -> [Int] {
    let largest = min(limit, pick([1, 7, 64, 300, 4096, limit]))
    // A large input byte by byte would show nothing more and take long.
    let least = total > 10_000 ? min(limit, 512) : 1
    var cuts: [Int] = []
    var rest = total
    while rest > 0 {
      let cut = min(rest, max(least, 1 + below(largest)))
      cuts.append(cut)
      rest -= cut
    }
    return cuts
  }
}
