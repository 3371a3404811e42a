public import HSXProtocol

/// Why a call has no answer.
public enum ClientError: Error, Equatable, Sendable {
  /// Nobody answers there: no daemon runs, or it listens elsewhere.
  case unreachable(Endpoint, cause: String)
  /// The encryption could not be set up: the file of authorities cannot be read, or the daemon's certificate is not one
  /// of theirs.
  case insecure(Endpoint, cause: String)
  /// The connection ended before the answer came; whether the request was carried out is not known.
  case closed(cause: String?)
  /// The daemon said no.
  case refused(Refusal)
  /// What came is not what the protocol has for an answer.
  case unreadable(String)
  /// The answer did not come within the time given.
  case timedOut
  /// As many requests wait for an answer as may on one connection; this one was not sent.
  case overloaded(limit: Int)
  /// The task that waited was cancelled.
  case cancelled
}

extension ClientError {
  /// Whether a new connection may help.
  public var isLostConnection: Bool {
    switch self {
    case .unreachable, .closed: true
    case .insecure, .refused, .unreadable, .timedOut, .overloaded, .cancelled: false
    }
  }

  /// The refusal, if it is one.
  public var refusal: Refusal? {
    if case .refused(let refusal) = self { refusal } else { nil }
  }
}
