import HSXExecutive
import HSXMailbox
import HSXProtocol
import HSXProvisioning
import HXE
import MiniVM

/// A stream of a task, as it is named over the protocol.
enum StdioStream: String, CaseIterable {
  case input = "in"
  case output = "out"
  case error = "err"

  /// `in`, `stdin`, …; nil for another text.
  init?(_ text: String) {
    let word = text.lowercased()
    self.init(rawValue: word.hasPrefix("std") ? String(word.dropFirst(3)) : word)
  }

  /// The stream whose box a target is.
  init?(_ target: MailboxTarget) {
    guard target.namespace == .service, let stream = Self.allCases.first(where: { $0.name == target.name })
    else { return nil }
    self = stream
  }

  /// Its box's name, without prefix and owner.
  var name: ShortName {
    let names = MailboxTable.stdioNames
    return switch self {
    case .input: names[0]
    case .output: names[1]
    case .error: names[2]
    }
  }
}

/// How a stream is shared among those who read it.
enum FanOut: String {
  /// Each message goes to one reader.
  case off
  /// Each reader sees all; who is slow loses the oldest.
  case drop
  /// Each reader sees all; who is slow holds up the writer.
  case block

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

/// `stdio_fanout`.
extension ExecutiveHost {
  func setStdio(_ request: StdioRequest) throws(Refusal) -> StdioAnswer {
    let scope = request.scope?.lowercased() ?? "default"
    let streams = try streams(request.stream)
    var pid: PID?
    if scope != "default" {
      guard let number = Loose<UInt32>.number(scope) else {
        throw Refusal(invalid: "pid", expected: "a pid, or \"default\" for tasks still to come")
      }
      pid = try selected(number)
    }
    var applied: [UInt32] = []
    if let text = request.mode {
      guard let fanOut = FanOut(rawValue: text.lowercased()) else {
        throw Refusal(invalid: "mode", expected: "off, drop or block")
      }
      if let pid {
        for stream in streams { try set(stream, of: pid, to: fanOut) }
        applied = [pid]
      } else {
        // Those there are keep what they have.
        if stdioDefaults.isUsual { stdioDefaults.known = Set(executive.taskList.map(\.pid)) }
        for stream in streams { stdioDefaults.modes[stream] = fanOut }
      }
    }
    return StdioAnswer(config: stdioRecord(scope, pid, streams, applied))
  }

  private func streams(_ text: String?) throws(Refusal) -> [StdioStream] {
    switch text?.lowercased() {
    case nil, "both": return [.output, .error]
    case "all": return StdioStream.allCases
    case let text?:
      guard let stream = StdioStream(text) else {
        throw Refusal(invalid: "stream", expected: "in, out, err, both or all")
      }
      return [stream]
    }
  }

  private func stdioRecord(
    _ scope: String, _ pid: PID?, _ streams: [StdioStream], _ applied: [UInt32]
  ) -> StdioRecord {
    var tasks: [String: [String: String]] = [:]
    for task in executive.taskList { tasks[String(task.pid)] = words { fanOut(of: $0, of: task.pid) } }
    let usual = words { stdioDefaults[$0] }
    let asked = streams.map { stream in pid.map { fanOut(of: stream, of: $0) } ?? stdioDefaults[stream] }
    let first = asked.first ?? .off
    return StdioRecord(
      scope: pid.map(String.init) ?? scope, streams: pid.flatMap { tasks[String($0)] } ?? usual,
      default: usual, tasks: tasks, mode: asked.allSatisfy { $0 == first } ? first.rawValue : "mixed",
      mask: first.mode.rawValue, applied: applied)
  }

  private func words(_ fanOut: (StdioStream) -> FanOut) -> [String: String] {
    var words: [String: String] = [:]
    for stream in StdioStream.allCases { words[stream.rawValue] = fanOut(stream).rawValue }
    return words
  }

  private func fanOut(of stream: StdioStream, of pid: PID) -> FanOut {
    let box = descriptor(of: stream, of: pid).flatMap { executive.mailboxes.snapshot(of: $0) }
    return box.map { FanOut($0.mode) } ?? .off
  }

  private func set(_ stream: StdioStream, of pid: PID, to fanOut: FanOut) throws(Refusal) {
    do throws(MailboxError) {
      let descriptor = try executive.bindMailbox(
        MailboxTarget.service(stream.name, of: pid).text.span, capacity: 0, mode: fanOut.mode, as: pid,
        now: now)
      // So that `listen` misses nothing of what is written from now on.
      if fanOut == .off || stream == .input { untap(descriptor) } else { tap(descriptor) }
    } catch {
      throw Refusal(
        code: "ENOSPC", reason: "mailbox_refused",
        detail: "Stream \(stream.rawValue) of task \(pid) cannot be changed: \(error).")
    }
  }

  /// Gives tasks that are new the modes that were set for them.
  func applyStdioDefaults() {
    guard !stdioDefaults.isUsual else { return }
    let pids = executive.taskList.map(\.pid)
    for pid in pids where !stdioDefaults.known.contains(pid) {
      for (stream, fanOut) in stdioDefaults.modes {
        do throws(Refusal) {
          try set(stream, of: pid, to: fanOut)
        } catch {
          log.warning("stream not shared", ["stream": stream.rawValue, "reason": error.detail], pid: pid)
        }
      }
    }
    stdioDefaults.known = Set(pids)
  }
}
