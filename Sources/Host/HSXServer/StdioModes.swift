import HSXProtocol
import HXE
import MiniVM

/// How a stream is shared among those who read it.
enum FanOut: String {
  /// Each message goes to one reader.
  case off
  /// Each reader sees all; who is slow loses the oldest.
  case drop
  /// Each reader sees all; who is slow holds up the writer.
  case block

  /// `off`, `drop`, `block`, or another word that clients have for one of these; nil for another text.
  init?(word: String) {
    switch word.lowercased() {
    case "off", "none", "default": self = .off
    case "drop", "fanout", "fanout_drop": self = .drop
    case "block", "fanout_block": self = .block
    default: return nil
    }
  }

  init(_ mode: MailboxMode) {
    self = !mode.fansOut ? .off : mode.contains(.fanOutDrop) && !mode.contains(.fanOutBlock) ? .drop : .block
  }

  var mode: MailboxMode {
    switch self {
    case .off: .readWrite
    case .drop: [.read, .write, .fanOutDrop]
    case .block: [.read, .write, .fanOutBlock]
    }
  }
}

/// Whose streams a request means.
enum StdioScope {
  case all
  /// Tasks still to come.
  case usual
  case task(PID)

  /// A pid, `default` or another word that clients have for it; all without a text. Nil for another text.
  init?(_ text: String?) {
    switch text?.lowercased() {
    case nil, "", "all", "*": self = .all
    case "default", "global", "template": self = .usual
    case let text?:
      guard let pid = Loose<UInt32>.number(text) else { return nil }
      self = .task(pid)
    }
  }

  /// How the reply names it.
  var word: String {
    switch self {
    case .all: "all"
    case .usual: "default"
    case .task: "pid"
    }
  }

  /// The one task.
  var pid: PID? { if case .task(let pid) = self { pid } else { nil } }

  /// The tasks among those there are.
  func pids(_ tasks: [PID]) -> [PID] {
    switch self {
    case .all: tasks
    case .usual: []
    case .task(let pid): [pid]
    }
  }
}

/// How the streams of tasks still to come fan out.
struct StdioModes {
  var modes: [StdioStream: FanOut] = [:]
  /// The tasks that have theirs already.
  var known: Set<PID> = []

  var isUsual: Bool { modes.values.allSatisfy { $0 == .off } }

  subscript(stream: StdioStream) -> FanOut { modes[stream] ?? .off }
}

extension MailboxMode {
  /// Whether every reader sees every message.
  var fansOut: Bool { !isDisjoint(with: [.fanOut, .fanOutDrop, .fanOutBlock]) }
}
