import ArgumentParser
import HSXClient
import HSXProtocol
import HSXTranslation
import HXE

extension Failure {
  /// What the daemon refused, or why it did not answer.
  init(_ what: String, _ error: ClientError) {
    switch error {
    case .refused(let refusal): self.init(what, refusal)
    case .unreachable(let endpoint, let cause):
      self.init("\(endpoint)", .noDaemon, why: "No daemon answers there: \(cause)")
      if case .unix = endpoint {
        remedy = "Start it with `hsxd --socket \(endpoint)`, or say where it is: --socket, --host, --port."
      }
    case .insecure(let endpoint, let cause):
      self.init("\(endpoint)", .insecure, why: "The connection cannot be trusted: \(cause)")
    case .closed(let cause):
      self.init(
        what, .connectionLost,
        why: "The daemon closed the connection before it answered" + (cause.map { ": \($0)" } ?? ""))
    case .unreadable(let why): self.init(what, .unreadableReply, why: "The daemon sent \(why)")
    case .timedOut: self.init(what, .noAnswer, why: "The daemon did not answer in time")
    case .overloaded(let limit):
      self.init(what, .noAnswer, why: "\(limit) requests wait for an answer already")
    case .cancelled: self.init(what, .noAnswer, why: "It was interrupted")
    }
  }

  /// What the daemon refused.
  init(_ what: String, _ refusal: Refusal) {
    self.init(what, .noAnswer, why: refusal.detail)
    let known = Explanation(of: refusal.reason) ?? Explanation(of: refusal.code)
    reason = refusal.reason
    code = refusal.code.isEmpty ? known?.code ?? "EINVAL" : refusal.code
    remedy = known?.remedy ?? ErrorCode.invalid.remedy
    offset = refusal.offset
    about = refusal.error.firstIndex(of: ":").map { String(refusal.error[$0...].dropFirst()) }
  }
}

extension AsyncParsableCommand {
  /// Runs `body`; a `Failure` is told, and ends the command with 1. With `json` it is an object on the standard output too,
  /// unless `body` has printed one already.
  func reportingFailure(json: Bool = false, _ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let failure as Failure {
      failure.report()
      if json, !failure.isReported { try printJSON(failure.record) }
      throw ExitCode(1)
    }
  }
}

/// Ends the command as interrupted.
let interrupted = ExitCode(130)
