public import HXE

/// The reasons for which the daemon refuses a request that are neither an image's nor a load's.
public enum ProtocolReason: String, CaseIterable, Sendable {
  case invalidJSON = "invalid_json"
  case lineTooLong = "line_too_long"
  case tooDeep = "too_deep"
  case unknownCommand = "unknown_cmd"
  case unsupportedCommand = "unsupported_cmd"
  case missingField = "missing_field"
  case invalidField = "invalid_field"
  case sessionRequired = "session_required"
  case sessionNotFound = "session_not_found"
  case pathNotAllowed = "path_not_allowed"
  case sessionsExceeded = "sessions_exceeded"
  case tokenRequired = "token_required"
  case tokenUnknown = "token_unknown"
  case tokenBackoff = "token_backoff"
  case roleTooLow = "role_too_low"
  case pidLocked = "pid_locked"
  case sequenceEvicted = "seq_evicted"
  case subscriptionNotFound = "subscription_not_found"
  case connectionsExceeded = "connections_exceeded"
  case shuttingDown = "shutting_down"
  case noTask = "no_task"
  case notReloadable = "not_reloadable"

  /// The code that goes with the reason.
  public var code: ErrorCode {
    switch self {
    case .invalidJSON, .lineTooLong, .tooDeep, .unknownCommand, .missingField, .invalidField: .invalid
    case .unsupportedCommand, .notReloadable: .notSupported
    case .sessionRequired, .tokenRequired, .tokenUnknown, .roleTooLow, .pathNotAllowed: .notPermitted
    case .tokenBackoff, .pidLocked, .shuttingDown: .busy
    case .sequenceEvicted, .subscriptionNotFound, .sessionNotFound, .noTask: .notFound
    case .connectionsExceeded, .sessionsExceeded: .noSpace
    }
  }

  /// What is wrong, in general.
  public var cause: String {
    switch self {
    case .invalidJSON: "A request is no JSON object on one line."
    case .lineTooLong: "A request is longer than the daemon takes."
    case .tooDeep: "A request nests objects or lists deeper than the daemon takes."
    case .unknownCommand: "The daemon has no command of that name."
    case .unsupportedCommand: "The command belongs to a debugger, which the daemon is not."
    case .missingField: "The request lacks a field that the command cannot do without."
    case .invalidField: "A field of the request has a form that the command does not take."
    case .sessionRequired: "The client session was closed, ended or silent for too long."
    case .sessionNotFound: "There is no client session of that name."
    case .pathNotAllowed: "The file lies in none of the folders that the daemon loads from."
    case .sessionsExceeded: "There are as many client sessions as the daemon allows."
    case .tokenRequired: "The daemon admits nobody without a token."
    case .tokenUnknown: "The token is none of those that the daemon knows."
    case .tokenBackoff: "Too many wrong tokens came from this peer in a short time."
    case .roleTooLow: "The caller's token gives it a role that does not reach for this."
    case .pidLocked: "Another client session has reserved the task for itself."
    case .sequenceEvicted: "The events asked for are so old that they are no longer kept."
    case .subscriptionNotFound: "The client session has no subscription to events."
    case .connectionsExceeded: "There are as many connections as the daemon allows."
    case .shuttingDown: "The daemon is about to end."
    case .noTask: "No task was named, and there is none that could be meant."
    case .notReloadable: "The task's image came in a way in which it cannot be had again."
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch self {
    case .invalidJSON, .tooDeep, .missingField, .invalidField:
      "Correct the request; the document of the protocol shows one for each command."
    case .lineTooLong: "Send images in chunks of at most 32 KiB."
    case .unknownCommand:
      "Use a client and a daemon of the same version; `hsx --version` shows this one's."
    case .unsupportedCommand:
      "Use a debugger; `hsx info`, `hsx step` and `hsx events` show a task from outside."
    case .sessionRequired: "Open another session, and keep it alive within its heartbeat."
    case .sessionNotFound: "Open another session; those that are silent for too long end."
    case .pathNotAllowed:
      "Send its bytes instead with `hsx load --stream`, or put it into one of those folders."
    case .sessionsExceeded: "Close sessions that are not needed, or raise the daemon's limit."
    case .tokenRequired, .tokenUnknown: "Put a token that the daemon knows into HSX_TOKEN."
    case .tokenBackoff: "Wait for a minute, then come with the right token."
    case .roleTooLow: "Put a token of a sufficient role into HSX_TOKEN."
    case .pidLocked: "Wait until that session ends, or let an admin end it (session.terminate)."
    case .sequenceEvicted: "Ask for newer events: `hsx events` without --since shows all that are kept."
    case .subscriptionNotFound: "Subscribe first, and keep that connection open."
    case .connectionsExceeded: "Close connections that are not needed, or raise the daemon's limit."
    case .noTask: "Load an image first (`hsx load`), or name a task that `hsx ps` shows."
    case .notReloadable: "Load it from its file instead: `hsx load --replace`."
    case .shuttingDown: "Start it again with `hsxd`, then try again."
    }
  }
}
