import CoreMetrics
import HSXHAL
import HSXProtocol
import HSXProvisioning

/// What the daemon counts and measures. All handles are made once, so that counting looks nothing up by a text.
final class ServerMetrics {
  /// What came of a request.
  enum Result: String, CaseIterable {
    case ok, refused
  }

  private struct RequestCounters {
    var ok: Counter
    var refused: Counter
  }

  let connections: Meter
  let clientSessions: Meter
  let tasks: Meter
  let eventsDelivered: Counter
  let subscribersDropped: Counter
  let transferBytes: Counter
  let instructions: Counter
  let slice: Timer
  private let request: Timer
  private let requests: [CommandName: RequestCounters]
  /// Requests whose command there is not, and lines that are none.
  private let senseless: Counter
  private let transfersReady: Counter
  private let transfersFailed: Counter
  private let transfersAborted: Counter

  init(_ factory: any MetricsFactory) {
    func counter(_ label: String, _ dimensions: [(String, String)] = []) -> Counter {
      Counter(label: label, dimensions: dimensions, factory: factory)
    }
    func requests(_ command: String, _ result: Result) -> Counter {
      counter("hsx_requests_total", [("command", command), ("result", result.rawValue)])
    }
    func transfers(_ outcome: String) -> Counter { counter("hsx_transfers_total", [("outcome", outcome)]) }
    connections = Meter(label: "hsx_connections", factory: factory)
    clientSessions = Meter(label: "hsx_client_sessions", factory: factory)
    tasks = Meter(label: "hsx_tasks", factory: factory)
    eventsDelivered = counter("hsx_events_delivered_total")
    subscribersDropped = counter("hsx_subscribers_dropped_total")
    transferBytes = counter("hsx_transfer_bytes_total")
    instructions = counter("hsx_instructions_total")
    slice = Timer(label: "hsx_slice_seconds", factory: factory)
    request = Timer(label: "hsx_request_seconds", factory: factory)
    self.requests = Dictionary(
      uniqueKeysWithValues: CommandName.allCases.map { name in
        (name, RequestCounters(ok: requests(name.rawValue, .ok), refused: requests(name.rawValue, .refused)))
      })
    senseless = requests("unknown", .refused)
    transfersReady = transfers("ready")
    transfersFailed = transfers("failed")
    transfersAborted = transfers("aborted")
  }

  /// Counts a request; nil is a command that there is not, or a line that is no request.
  func answered(_ command: CommandName?, _ result: Result, after microseconds: UInt64) {
    request.recordNanoseconds(Self.nanoseconds(microseconds))
    guard let command, let counters = requests[command] else { return senseless.increment() }
    switch result {
    case .ok: counters.ok.increment()
    case .refused: counters.refused.increment()
    }
  }

  /// Counts a slice that ran.
  func ran(_ retired: UInt32, microseconds: UInt64) {
    instructions.increment(by: retired)
    slice.recordNanoseconds(Self.nanoseconds(microseconds))
  }

  /// Counts the ends of transfers; other events are none.
  func note(_ event: Event) {
    guard case .transferState(_, _, let state) = event.body else { return }
    switch state {
    case .ready: transfersReady.increment()
    case .failed: transfersFailed.increment()
    case .aborting: transfersAborted.increment()
    case .idle, .loading, .verify, .sealed: break
    }
  }

  private static func nanoseconds(_ microseconds: UInt64) -> Int64 {
    Int64(clamping: microseconds.multipliedReportingOverflow(by: 1000).partialValue)
  }
}
