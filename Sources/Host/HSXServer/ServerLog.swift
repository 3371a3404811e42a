import Foundation
import HSXProtocol
import Logging

/// The daemon's log: to the operator's logger, and the last entries for `dmesg`.
struct ServerLog {
  private static let capacity = 512

  /// An entry as `dmesg` filters it.
  struct Entry {
    var level: Logger.Level
    /// The whole id of the client session it is about.
    var session: String?
    var record: LogRecord
  }

  private let logger: Logger
  private var next: UInt64 = 1
  private(set) var entries: [Entry] = []
  /// Instructions retired by all tasks, for the entries.
  var clockSteps: UInt64 = 0

  init(_ logger: Logger) { self.logger = logger }

  mutating func info(
    _ message: String, _ facts: [String: String] = [:], session: ClientSession? = nil, pid: UInt32? = nil
  ) {
    note(.info, message, facts, session, pid)
  }

  mutating func warning(
    _ message: String, _ facts: [String: String] = [:], session: ClientSession? = nil, pid: UInt32? = nil
  ) {
    note(.warning, message, facts, session, pid)
  }

  mutating func error(
    _ message: String, _ facts: [String: String] = [:], session: ClientSession? = nil, pid: UInt32? = nil
  ) {
    note(.error, message, facts, session, pid)
  }

  private static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return text
    }
    return String(
      text.unicodeScalars.map {
        $0.properties.generalCategory == .control ? "\\u{" + String($0.value, radix: 16) + "}" : String($0)
      }.joined())
  }

  private mutating func note(
    _ level: Logger.Level, _ message: String, _ facts: [String: String], _ session: ClientSession?,
    _ pid: UInt32?
  ) {
    var metadata = Logger.Metadata()
    // What a client says of itself must not look like a line or a color of ours.
    let facts = facts.mapValues { Self.printable($0) }
    for (key, value) in facts { metadata[key] = .string(value) }
    // Never the id itself: whoever reads the log could act for the session.
    if let session { metadata["session"] = .string(session.shortID) }
    if let pid { metadata["pid"] = .stringConvertible(pid) }
    logger.log(level: level, Logger.Message(stringLiteral: message), metadata: metadata)
    let shown = facts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let record = LogRecord(
      seq: next, ts: Date().timeIntervalSince1970, level: level.rawValue,
      message: ([message] + shown).joined(separator: " "), clockSteps: clockSteps,
      sessionID: session?.shortID, category: nil, pid: pid)
    next += 1
    if entries.count == Self.capacity { entries.removeFirst() }
    entries.append(Entry(level: level, session: session?.id, record: record))
  }
}
