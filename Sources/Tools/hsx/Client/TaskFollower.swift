import Foundation
import HSXClient
import HSXProtocol
import HSXTranslation
import MiniVM

/// Shows what a task writes, from its first instruction to its end.
struct TaskFollower: Sendable {
  /// How it ended.
  enum Ending: Sendable {
    case returned(UInt32)
    case fault(UInt32?)
    case gone(reason: String)
  }

  /// What `--json` prints.
  struct Report: Encodable {
    @Nullable var image: ImageRecord?
    var pid: UInt32
    var state: String
    @Nullable var exit_status: UInt32?
    @Nullable var fault: String?
    var stdout: String
    var stdout_bytes_omitted: Int
  }

  let daemon: Daemon
  /// Whether what it writes is kept for the report, instead of being shown.
  let isQuiet: Bool
  private var cursor: UInt64?
  private var stream: EventStream?
  private var record = RunRecord()

  init(daemon: Daemon, isQuiet: Bool) {
    self.daemon = daemon
    self.isQuiet = isQuiet
  }

  /// Notes where the events are now, so that none of a task that is loaded from here on is missed.
  mutating func mark() async throws {
    var filters = EventFilters()
    filters.categories = ["provisioning.rollback"]
    cursor = try await daemon.subscribe(filters).subscription.cursor
  }

  /// Listens to the task, then starts the clock.
  mutating func start(_ loaded: LoadCommand.Loaded) async throws {
    var filters = EventFilters()
    filters.categories = ["stdout", "stderr", "task_state"]
    filters.pid = loaded.pid
    filters.since = cursor
    do {
      stream = try await daemon.subscribe(filters)
    } catch let failure as Failure where failure.reason == "seq_evicted" {
      printError(
        "hsx: \(printable(loaded.name)): what it wrote at first may be missing, since too much has happened meanwhile"
      )
      filters.since = nil
      stream = try await daemon.subscribe(filters)
    }
    var request = ClockRequest()
    request.operation = "start"
    _ = try await daemon.ask(.clock(request), as: ClockAnswer.self, about: "clock")
  }

  /// Shows what it writes until it ends.
  mutating func follow() async throws -> Ending {
    guard let stream else { return .gone(reason: "lost") }
    var iterator = stream.makeAsyncIterator()
    while let event = try await nextEvent(&iterator) {
      switch event.type {
      case "stdout", "stderr": try show(event)
      case "task_state": if let ending = ending(event) { return ending }
      case "event_dropped": printError("hsx: some of its output was lost; it came faster than it was read")
      default: break
      }
    }
    return .gone(reason: "lost")
  }

  private mutating func show(_ event: EventRecord) throws {
    guard case .string(let text)? = event.data["data_hex"] else { return }
    let bytes = bytes(hexadecimal: text)
    if event.type == "stderr" { return try write(bytes, to: .standardError) }
    if isQuiet { record.keep(bytes) } else { try write(bytes, to: .standardOutput) }
  }

  private func ending(_ event: EventRecord) -> Ending? {
    let detail: UInt32? =
      if case .integer(let number)? = event.data["details"] { UInt32(exactly: number) } else { nil }
    guard case .string(let reason)? = event.data["reason"] else { return nil }
    switch event.data["new_state"] {
    case .string("returned"): return .returned(detail ?? 0)
    case .string("stopped"): return .fault(detail)
    case .string("terminated"): return .gone(reason: reason)
    case .string("paused") where reason == "debug_break":
      printError("hsx: it met a break, and is paused; `hsx resume \(event.pid ?? 0)` lets it run on")
      return nil
    default: return nil
    }
  }

  /// What `--json` prints.
  func report(_ loaded: LoadCommand.Loaded, _ ending: Ending) -> Report {
    Report(
      image: loaded.image, pid: loaded.pid, state: ending.word, exit_status: ending.exitStatus,
      fault: ending.faultWord, stdout: String(decoding: record.standardOutput, as: UTF8.self),
      stdout_bytes_omitted: record.omittedBytes)
  }

  private func bytes(hexadecimal text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in text.utf8.compactMap({ Character(UnicodeScalar($0)).hexDigitValue }) {
      if let first = high {
        bytes.append(first << 4 | UInt8(digit))
        high = nil
      } else {
        high = UInt8(digit)
      }
    }
    return bytes
  }
}

extension TaskFollower.Ending {
  var word: String {
    switch self {
    case .returned: "returned"
    case .fault: "fault"
    case .gone(let reason): reason
    }
  }

  var exitStatus: UInt32? {
    if case .returned(let status) = self { status } else { nil }
  }

  var fault: Fault? {
    if case .fault(let number?) = self { UInt8(exactly: number).flatMap(Fault.init(rawValue:)) } else { nil }
  }

  var faultWord: String? {
    if case .fault(let number) = self { fault?.word ?? "fault \(number.map(String.init) ?? "")" } else { nil }
  }

  /// Why it counts as a failure; nil if the program ended by itself.
  func failure(of name: String) -> Failure? {
    switch self {
    case .returned: return nil
    case .fault:
      var failure = Failure(
        name, fault.map { ToolReason($0) } ?? .illegalInstruction,
        why: "It was stopped by a fault (\(faultWord ?? "")).")
      failure.remedy = "`hsx run --trace` shows the instructions before; `hsx info` the registers."
      return failure
    case .gone(let reason):
      return Failure(
        name, reason == "rolled_back" ? .rolledBack : .killed, why: "It was ended from outside (\(reason)).")
    }
  }
}
