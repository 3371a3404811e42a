import Foundation
import Testing

@Suite("hsx can simulate")
struct CANSimulateCommandTests {
  private func simulate(_ arguments: String...) throws -> Tool.Result {
    try Tool.run(["can", "simulate"] + arguments)
  }

  @Test("measures sessions and tells what became of each node")
  func measures() throws {
    let result = try simulate(
      "--nodes", "3", "--size", "1000", "--loss", "0.05", "--seeds", "2", "--json")
    #expect(result.status == 0)
    let report = try result.object()
    let sessions = try #require(report["sessions"] as? [[String: Any]])
    #expect(sessions.count == 2)
    for session in sessions {
      #expect(session["outcome"] as? String == "committed")
      #expect(session["verdicts"] as? [String] == ["running", "running", "running"])
      let frames = try #require(session["frames"] as? [String: Int])
      // 16 symbols of the manifest, 125 of the image.
      #expect(frames["data"] == 141)
    }
    // At least the image's bits.
    #expect(try #require(report["median_seconds"] as? Double) > 1000.0 * 8 / 500_000)
  }

  @Test("is the same each time for one seed")
  func replays() throws {
    let runs = try (0..<2).map { _ in
      try simulate("--nodes", "4", "--size", "700", "--loss", "0.1", "--seed", "7", "--seeds", "1", "--json")
        .output
    }
    #expect(runs[0] == runs[1])
  }

  @Test("refuses numbers that no bus has")
  func refusals() throws {
    for arguments in [
      ["--nodes", "128"], ["--bitrate", "5"], ["--loss", "0.9"], ["--size", "0"], ["--merge", "maybe"],
    ] {
      #expect(try Tool.run(["can", "simulate"] + arguments).status == 2)
    }
  }
}
