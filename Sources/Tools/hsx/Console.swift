import Foundation
import HSXTranslation
import HXE

/// Writes to a file descriptor at once: what was said before a cut of the power is there after it.
func write(_ bytes: [UInt8], to handle: FileHandle) {
  // A reader that is gone (`| head`) is no failure of ours.
  try? handle.write(contentsOf: Data(bytes))
}

func printLine(_ text: String) { write(Array((text + "\n").utf8), to: .standardOutput) }

func printError(_ text: String) { write(Array((text + "\n").utf8), to: .standardError) }

/// Writes one JSON object, keys sorted, to the standard output.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
  printLine(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Text of an image for a terminal: no byte of it may steer the terminal.
func printable(_ text: String) -> String {
  String(
    text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? "\u{FFFD}" : Character(scalar)
    })
}
