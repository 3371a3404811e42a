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

/// `stdio_fanout`.
extension ExecutiveHost {
  func setStdio(_ request: StdioRequest) throws(Refusal) -> StdioAnswer {
    guard let scope = StdioScope(request.scope) else {
      throw Refusal(invalid: "pid", expected: "a pid, all, or default for tasks still to come")
    }
    if let pid = scope.pid { _ = try selected(pid) }
    let streams = try streams(request.stream)
    var applied: [AppliedStreamRecord] = []
    if let text = request.mode {
      guard let fanOut = FanOut(word: text) else {
        throw Refusal(invalid: "mode", expected: "off, drop or block")
      }
      // Without a word of which, it is those that a task writes.
      let changed = request.stream == nil ? [.output, .error] : streams
      applied = try set(changed, of: scope, to: fanOut)
    }
    return StdioAnswer(config: stdioRecord(scope, streams, applied))
  }

  private func streams(_ text: String?) throws(Refusal) -> [StdioStream] {
    switch text?.lowercased() {
    case nil, "all", "any": return StdioStream.allCases
    case "both": return [.output, .error]
    case let text?:
      guard let stream = StdioStream(text) else {
        throw Refusal(invalid: "stream", expected: "in, out, err, both or all")
      }
      return [stream]
    }
  }

  private func set(
    _ streams: [StdioStream], of scope: StdioScope, to fanOut: FanOut
  ) throws(Refusal) -> [AppliedStreamRecord] {
    var applied: [AppliedStreamRecord] = []
    let pids = executive.taskList.map(\.pid)
    for pid in scope.pids(pids) {
      for stream in streams {
        try set(stream, of: pid, to: fanOut)
        let target = String(decoding: MailboxTarget.service(stream.name, of: pid).text, as: UTF8.self)
        applied.append(AppliedStreamRecord(stream: stream.rawValue, target: target, status: 0))
      }
    }
    guard scope.pid == nil else { return applied }
    // Those there are keep what they have, or have it already.
    if stdioDefaults.isUsual { stdioDefaults.known = Set(pids) }
    for stream in streams {
      stdioDefaults.modes[stream] = fanOut
      applied.append(AppliedStreamRecord(stream: stream.rawValue, target: nil, status: 0))
    }
    return applied
  }

  private func stdioRecord(
    _ scope: StdioScope, _ streams: [StdioStream], _ applied: [AppliedStreamRecord]
  ) -> StdioRecord {
    let usual = records(streams) { stdioDefaults[$0] }
    var shown = usual
    var tasks: [TaskStreamsRecord] = []
    switch scope {
    case .all:
      shown = []
      tasks = executive.taskList.map { task in
        TaskStreamsRecord(pid: task.pid, streams: records(streams) { fanOut(of: $0, of: task.pid) })
      }
    case .usual: break
    case .task(let pid): shown = records(streams) { fanOut(of: $0, of: pid) }
    }
    var asked = shown
    if case .all = scope { asked = usual + tasks.flatMap(\.streams) }
    let first = asked.first?.mode ?? FanOut.off.rawValue
    return StdioRecord(
      scope: scope.word, pid: scope.pid, streams: shown, default: usual, tasks: tasks,
      mode: asked.allSatisfy { $0.mode == first } ? first : "mixed",
      mask: asked.first?.mask ?? FanOut.off.mode.rawValue, applied: applied)
  }

  private func records(_ streams: [StdioStream], _ fanOut: (StdioStream) -> FanOut) -> [StreamRecord] {
    streams.map { stream in
      let fanOut = fanOut(stream)
      return StreamRecord(stream: stream.rawValue, mode: fanOut.rawValue, mask: fanOut.mode.rawValue)
    }
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
      if fanOut == .off || stream == .input { return untap(descriptor) }
      tap(descriptor)
      // The stream's tap from now on, which stays as long as it fans out.
      clientHandles.removeListened(descriptor)
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
