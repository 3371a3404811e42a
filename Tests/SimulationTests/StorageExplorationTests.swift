import HSXSimulation
import Testing

@Suite("A store through power cuts, in short; Scripts/simulate storage is the whole")
struct StorageExplorationTests {
  @Test("keeps what it acknowledged, in every configuration", arguments: StorageConfiguration.all.map(\.name))
  func smoke(name: String) throws {
    let configuration = try #require(StorageConfiguration.named(name))
    var exploration = StorageExploration(configuration, seed: 1, scope: .smoke)
    let report = exploration.run()
    #expect(report.failures.map(\.case) == [])
    #expect(report.cases["single", default: 0] > 8)
    #expect(report.cases["two flips", default: 0] > 50)
  }

  @Test("a case replays from its text")
  func replay() throws {
    let text = "nor8/1/66/71:w012L2/40:b9/f300/k9.1/r7+.3/e2"
    #expect(StorageCase(text)?.description == text)
    let run = try #require(StorageCase("nor8/1/66/2:w012/40:b9")?.run())
    #expect(run.story.count > 6)
    #expect(throws: Never.self) { try run.result.get() }
    for text in ["", "nor8", "nor8/1/x", "nor8/1/2/q", "nor8/1/2/5:z"] { #expect(StorageCase(text) == nil) }
  }
}
