import Foundation
import HSXTranslation
import HXE

/// Writes to a file descriptor at once: what was said before a cut of the power is there after it.
///
/// - Throws: a `Failure` when it cannot be written: output that is lost is no success. A reader that is gone
///   (`| head`) ends the process by its signal, as is usual.
func write(_ bytes: [UInt8], to handle: FileHandle) throws {
  do {
    try handle.write(contentsOf: Data(bytes))
  } catch {
    // SwiftNIO has the signal ignored that a lost reader sends.
    if isBrokenPipe(error) {
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    throw Failure("standard output", file: error)
  }
}

private func isBrokenPipe(_ error: any Error) -> Bool {
  let error = error as NSError
  let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
  return cause.domain == NSPOSIXErrorDomain && cause.code == Int(EPIPE)
}

func printLine(_ text: String) throws { try write(Array((text + "\n").utf8), to: .standardOutput) }

/// Messages that cannot be written have nowhere else to go.
func printError(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8)) }

/// Writes one JSON object, keys sorted, to the standard output.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
  try printLine(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Text of an image for a terminal: no byte of it may steer the terminal.
func printable(_ text: String) -> String {
  String(
    text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? "\u{FFFD}" : Character(scalar)
    })
}
