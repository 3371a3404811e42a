import HSXProtocol
import Logging

/// The log over the protocol.
extension ExecutiveHost {
  func showLog(_ request: LogRequest) throws(Refusal) -> LogsAnswer {
    var least = Logger.Level.trace
    if let text = request.minimumLevel {
      let word = text.lowercased()
      guard let level = Logger.Level(rawValue: word == "warn" ? "warning" : word) else {
        throw Refusal(invalid: "min_level", expected: "debug, info, warning or error")
      }
      least = level
    }
    let wanted = log.entries.filter { entry in
      guard entry.level >= least else { return false }
      guard let session = request.filterSession else { return true }
      return entry.session == session || entry.record.sessionID == session
    }
    let limit = Int(request.limit ?? .max)
    return LogsAnswer(logs: wanted.suffix(limit).map(\.record))
  }
}
