import ArgumentParser
import Foundation
import HXE
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

  func run() throws {
    try reportingFailure {
      let bytes = try readFile(vectors, limit: 256 << 20)
      let file: InstructionVectors
      do {
        file = try JSONDecoder().decode(InstructionVectors.self, from: Data(bytes))
      } catch {
        throw Failure(
          vectors, why: "It is no file of instruction vectors: \(error)", code: .badMessage,
          reason: "vectors_invalid", remedy: "Give a JSON file of the format hsx.isa-vectors/1.")
      }
      var failed = 0
      for (number, vector) in file.cases.enumerated() {
        let differences =
          vector.replay(on: .exact).map { "exact: \($0)" }
          + vector.replay(on: .predecoded).map {
            "predecoded: \($0)"
          }
        guard !differences.isEmpty else { continue }
        failed += 1
        printLine("case \(number) \(printable(vector.name)): \(differences.joined(separator: "; "))")
      }
      printLine("\(file.cases.count - failed) passed, \(failed) failed")
      if failed > 0 { throw ExitCode(1) }
    }
  }
}
