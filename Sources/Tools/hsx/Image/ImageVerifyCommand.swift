import ArgumentParser
import HSXProtocol
import HSXTranslation
import HXE

struct ImageVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check image files; exit 1 if any is refused.",
    discussion: "EXAMPLES\n  hsx image verify *.hxe\n  hsx image verify --json thermostat.hxe")

  @Argument(help: "The images; - for the standard input.")
  var images: [String]

  @Flag(help: "A JSON array, an object a file.")
  var json = false

  struct Verdict: Encodable {
    var file: String
    var ok: Bool
    @Nullable var code: String?
    @Nullable var reason: String?
    @Nullable var offset: UInt32?
    @Nullable var detail: String?
  }

  func run() throws {
    var verdicts: [Verdict] = []
    var isAnyRefused = false
    for image in images {
      let verdict = judge(image)
      if json {
        verdicts.append(verdict)
      } else if let code = verdict.code, let reason = verdict.reason {
        try printLine("\(image): \(code) \(reason): \(printable(verdict.detail ?? ""))")
      } else {
        try printLine("\(image): ok")
      }
      if !verdict.ok { isAnyRefused = true }
    }
    if json { try printJSON(verdicts) }
    if isAnyRefused { throw ExitCode(1) }
  }

  private func judge(_ image: String) -> Verdict {
    do {
      let bytes = try readFile(image)
      do throws(ImageError) {
        _ = try ImageParser.parse(bytes.span, limits: .desktop, checksum: .fast)
      } catch {
        return Verdict(
          file: image, ok: false, code: error.code.wireName, reason: error.reason.word, offset: error.offset,
          detail: error.detail)
      }
      return Verdict(file: image, ok: true, code: nil, reason: nil, offset: nil, detail: nil)
    } catch {
      let failure = error as? Failure ?? Failure(image, file: error)
      return Verdict(
        file: image, ok: false, code: failure.code, reason: failure.reason, offset: nil, detail: failure.why)
    }
  }
}
