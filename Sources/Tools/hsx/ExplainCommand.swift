import ArgumentParser
import HSXTranslation

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say what a code or a reason means, and what to do about it.",
    discussion: "EXAMPLES\n  hsx explain EBADMSG\n  hsx explain crc_mismatch")

  @Argument(help: "A code (EBADMSG) or a reason (crc_mismatch), as a refusal shows it.")
  var word: String

  @Flag(help: "One JSON object.")
  var json = false

  func run() throws {
    guard let explanation = Explanation(of: word) else {
      let near = Explanation.words.filter { $0.lowercased().contains(word.lowercased()) }
      throw ValidationError(
        "No code or reason is called '\(word)'."
          + (near.isEmpty ? "" : " Did you mean \(near.prefix(5).joined(separator: ", "))?"))
    }
    if json { return try printJSON(explanation) }
    let title = explanation.word == explanation.code ? "" : " (\(explanation.code))"
    try printLine(explanation.word + title)
    try printLine("  \(explanation.cause)")
    try printLine("  \(explanation.remedy)")
  }
}
