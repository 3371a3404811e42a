import ArgumentParser
import Foundation
import HSXTranslation
import MiniVM

struct MachineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "machine", abstract: "Try the register machine itself.",
    subcommands: [MachineCheckCommand.self])
}

struct MachineCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Replay instruction vectors on both engines.",
    discussion: "EXAMPLES\n  hsx machine check isa.json")

  @Argument(help: "A file of vectors, format hsx.isa-vectors/1; - for the standard input.")
  var vectors: String

  @Flag(help: "One JSON object.")
  var json = false

  struct Report: Encodable {
    struct Failed: Encodable {
      var index: Int
      var name: String
      var differences: [String]
    }
    var passed: Int
    var failed: Int
    var failures: [Failed]
  }

  func run() throws {
    try reportingFailure(json: json) {
      let bytes = try readFile(vectors, limit: 256 << 20)
      let file: InstructionVectors
      do {
        file = try JSONDecoder().decode(InstructionVectors.self, from: Data(bytes))
      } catch {
        throw Failure(vectors, .vectorsInvalid, why: "It is no JSON of that form.")
      }
      let report = check(file)
      if json {
        try printJSON(report)
      } else {
        for failed in report.failures {
          try printLine(
            "case \(failed.index) \(printable(failed.name)): \(failed.differences.joined(separator: "; "))")
        }
        try printLine("\(report.passed) passed, \(report.failed) failed")
      }
      if report.failed > 0 { throw ExitCode(1) }
    }
  }

  private func check(_ file: InstructionVectors) -> Report {
    var failures: [Report.Failed] = []
    for (index, vector) in file.cases.enumerated() {
      let differences =
        vector.replay(on: .exact).map { "exact: \($0)" }
        + vector.replay(on: .predecoded).map { "predecoded: \($0)" }
      if !differences.isEmpty {
        failures.append(Report.Failed(index: index, name: vector.name, differences: differences))
      }
    }
    return Report(passed: file.cases.count - failures.count, failed: failures.count, failures: failures)
  }
}
