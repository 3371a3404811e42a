import Foundation
import Glibc
public import Logging

/// Writes log entries as lines: text for people, or one JSON object each for machines.
public struct LineLog: LogHandler {
  /// What a line looks like.
  public enum Format: String, CaseIterable, Sendable {
    case text, json
  }

  /// Entries below it are not written.
  public var logLevel: Logger.Level
  /// What every entry says besides.
  public var metadata: Logger.Metadata = [:]
  private let label: String
  private let format: Format
  private let write: @Sendable (String) -> Void

  /// A handler that gives each line, newline included, to `write`; by default the standard error.
  public init(
    label: String, format: Format, level: Logger.Level,
    write: @escaping @Sendable (String) -> Void = Self.writeToStandardError
  ) {
    self.label = label
    self.format = format
    logLevel = level
    self.write = write
  }

  /// What every entry of this key says besides.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes an entry.
  public func log(event: LogEvent) {
    let facts = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
    let time = Date().ISO8601Format(.iso8601(timeZone: .gmt, includingFractionalSeconds: true)) + "Z"
    var line: String
    switch format {
    case .text:
      line = "\(time) \(event.level.rawValue) \(label): \(Self.printable(event.message.description))"
      for (key, value) in facts { line += " \(key)=\(Self.quoted(value.description))" }
    case .json:
      line = #"{"time":"\#(time)","level":"\#(event.level.rawValue)","logger":\#(Self.json(label))"#
      line += #","message":\#(Self.json(event.message.description))"#
      if !facts.isEmpty {
        line += #","metadata":{"#
        line += facts.map { "\(Self.json($0.key)):\(Self.json($0.value.description))" }.joined(separator: ",")
        line += "}"
      }
      line += "}"
    }
    write(line + "\n")
  }

  /// Writes a line in one go, so that lines of several threads do not mix. What cannot be written is lost.
  public static func writeToStandardError(_ line: String) {
    let bytes = Array(line.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }

  // MARK: Escaping

  /// A fact as `key=value` shows it: quoted if it would not stand out as one word.
  private static func quoted(_ text: String) -> String {
    let isWord = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D && $0 != 0x7F }
    return isWord ? printable(text) : json(text)
  }

  /// A text that neither breaks a line nor moves a terminal's cursor.
  private static func printable(_ text: String) -> String {
    escaped(text, quotes: false)
  }

  private static func json(_ text: String) -> String { "\"" + escaped(text, quotes: true) + "\"" }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"" where quotes, "\\" where quotes: result += "\\" + String(scalar)
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
