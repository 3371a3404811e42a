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

  @Test(
    "lets the old image or the new one be active, never neither",
    arguments: ["images-nor8", "images-ecc32", "images-fram1"])
  func images(name: String) throws {
    let configuration = try #require(ImageConfiguration.named(name))
    var scope = StorageScope.smoke
    scope.singles = 50
    scope.pairs = 0
    var exploration = try #require(ImageExploration(configuration, seed: 1, scope: scope))
    let report = exploration.run()
    #expect(report.failures.map(\.case) == [])
    #expect(report.cases["image single", default: 0] > 40)
  }

  @Test("a case replays from its text")
  func replay() throws {
    let text = "nor8/1/66/71:w012L2/40:b9/f300/k9.1/r7+.3/e2"
    #expect(StorageCase(text)?.description == text)
    let run = try #require(StorageCase("nor8/1/66/2:w012/40:b9")?.run())
    #expect(run.story.count > 6)
    #expect(throws: Never.self) { try run.result.get() }
    let images = try #require(StorageCase("images-nor8/1/3/20:b9/30:p")?.run())
    #expect(images.story.count > 6)
    #expect(throws: Never.self) { try images.result.get() }
    for text in ["", "nor8", "nor8/1/x", "nor8/1/2/q", "nor8/1/2/5:z"] { #expect(StorageCase(text) == nil) }
  }
}
