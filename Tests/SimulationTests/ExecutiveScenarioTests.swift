import Foundation
import HSXSimulation
import MiniVM
import Testing

/// `HSX_SEED` replays one seed; `HSX_SEEDS` says how many there are, 60 if not told.
@Suite("Whole executives in virtual time")
struct ExecutiveScenarioTests {
  static var seeds: [UInt64] {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["HSX_SEED"].flatMap(UInt64.init) { return [seed] }
    return Array(1...(environment["HSX_SEEDS"].flatMap(UInt64.init) ?? 60))
  }

  @Test("have after each step exactly what a model says, and give everything back")
  func scenarios() throws {
    #expect(!Self.seeds.isEmpty)
    for seed in Self.seeds {
      let story = Self.story(of: seed)
      #expect(story == nil)
      guard story == nil else { return }
    }
  }

  /// What went wrong with a seed, and the line that replays it; nil if nothing did.
  private static func story(of seed: UInt64) -> String? {
    var scenario = ExecutiveScenario(seed: seed, platform: seed % 2 == 0 ? .host : .microcontroller)
    do {
      try scenario.run(steps: 150)
      return nil
    } catch {
      return "seed \(seed): \(error)"
    }
  }
}
