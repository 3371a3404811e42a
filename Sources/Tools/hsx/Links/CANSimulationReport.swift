import Foundation
import HSXSimulation
import HSXTransfer

/// What `hsx can simulate` tells.
struct CANSimulationReport: Encodable {
  struct Frames: Encodable {
    var data: Int
    var parity: Int
    var repair: Int
    var header: Int
    var set: Int
    var get: Int
    var ret: Int
    var nack: Int
    var hold: Int
    var join: Int
    var yes: Int
    var merged: Int
    var error: Int
  }

  struct Session: Encodable {
    var seed: UInt64
    var seconds: Double
    var totalSeconds: Double
    var bits: Int
    var frames: Frames
    var retries: Int
    var passes: Int
    var outcome: String
    var running: Int
    var verdicts: [String]

    enum CodingKeys: String, CodingKey {
      case seed, seconds, bits, frames, retries, passes, outcome, running, verdicts
      case totalSeconds = "total_seconds"
    }
  }

  var nodes: Int
  var bitrate: UInt32
  var loss: Double
  var size: Int
  var median: Double
  var p95: Double
  var sessions: [Session]

  enum CodingKeys: String, CodingKey {
    case nodes, bitrate, loss, size, sessions
    case median = "median_seconds"
    case p95 = "p95_seconds"
  }

  init(_ command: CANSimulateCommand, _ results: [(seed: UInt64, result: BroadcastTrial.Result)]) {
    (nodes, bitrate, loss, size) = (command.nodes, command.bitrate, command.loss, command.size)
    sessions = results.map { Session($0.seed, $0.result) }
    let times = sessions.map(\.seconds).sorted()
    median = times[times.count / 2]
    p95 = times[min(times.count - 1, times.count * 95 / 100)]
  }

  /// Whether every session ended with an outcome, and no node is said to run what it does not.
  var allAsExpected: Bool {
    sessions.allSatisfy { session in
      session.outcome != "none" && session.verdicts.count { $0 == "running" } <= session.running
    }
  }

  var lines: [String] {
    var lines = [
      "\(counted(nodes, "node")), \(grouped(size)) bytes at \(grouped(Int(bitrate))) bit/s, loss \(loss): "
        + "median \(seconds(median)) s, 95 % \(seconds(p95)) s"
    ]
    for session in sessions {
      let frames = session.frames
      lines.append(
        "seed \(session.seed): \(seconds(session.seconds)) s, \(grouped(session.bits)) bits, \(session.outcome), "
          + "\(session.running) running")
      lines.append(
        "  data \(frames.data), parity \(frames.parity), repair \(frames.repair), headers \(frames.header), "
          + "SET \(frames.set), GET \(frames.get), RET \(frames.ret), NACK \(frames.nack), HOLD \(frames.hold), "
          + "JOIN \(frames.join), merged \(frames.merged), errors \(frames.error), asked again \(session.retries), "
          + "passes \(session.passes + 1)")
      for (verdict, numbers) in session.byVerdict { lines.append("  \(verdict): \(numbers)") }
    }
    return lines
  }

  private func seconds(_ value: Double) -> String { String(format: "%.3f", value) }
}

extension CANSimulationReport.Session {
  init(_ seed: UInt64, _ result: BroadcastTrial.Result) {
    let offsets = result.bus.byOffset
    self.seed = seed
    seconds = result.seconds
    totalSeconds = result.totalSeconds
    bits = result.bus.bits
    frames = CANSimulationReport.Frames(
      data: result.master.data, parity: result.master.parity, repair: result.master.repairs,
      header: offsets[0x15], set: offsets[0x11] + offsets[0x12], get: offsets[0x10], ret: offsets[0x14],
      nack: offsets[0x01...0x0E].reduce(0, +), hold: offsets[0], join: offsets[0x0F], yes: offsets[0x16],
      merged: result.bus.merged, error: result.bus.errorFrames)
    retries = result.master.retries
    passes = result.master.passes
    outcome = result.outcome.map(\.wireName) ?? "none"
    running = result.running
    verdicts = result.verdicts.map(\.wireName)
  }

  /// The nodes of each verdict.
  var byVerdict: [(String, String)] {
    var numbers: [String: [Int]] = [:]
    for (index, verdict) in verdicts.enumerated() { numbers[verdict, default: []].append(index + 1) }
    return numbers.sorted { $0.key < $1.key }.map { ($0.key, ranges($0.value)) }
  }

  private func ranges(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }
      .joined(separator: ", ")
  }
}

extension MasterOutcome {
  /// The word for it in JSON.
  var wireName: String {
    switch self {
    case .committed: "committed"
    case .sealed: "sealed"
    case .aborted: "aborted"
    case .yielded: "yielded"
    case .occupied: "occupied"
    }
  }
}

extension NodeVerdict {
  /// The word for it in JSON, with the reason behind a colon.
  var wireName: String {
    switch self {
    case .pending: "pending"
    case .abandoned: "abandoned"
    case .running: "running"
    case .sealed: "sealed"
    case .refused(let refusal): "refused:\(refusal.wireName)"
    case .incomplete(let block): "incomplete:\(block)"
    case .unfinished: "unfinished"
    case .missing: "missing"
    case .silent: "silent"
    case .restarted: "restarted"
    case .unmoved: "unmoved"
    case .wrongHash: "wrong_hash"
    case .duplicateNode: "duplicate_node"
    }
  }
}

extension ListenerRefusal {
  /// The word for it in JSON.
  var wireName: String {
    switch self {
    case .manifest: "manifest"
    case .signature: "signature"
    case .key: "key"
    case .counter: "counter"
    case .targetClass: "target_class"
    case .abi: "abi"
    case .space: "space"
    case .hash: "hash"
    case .device: "device"
    case .policy: "policy"
    case .unsupported: "unsupported"
    case .activation: "activation"
    case .expired: "expired"
    case .aborted: "aborted"
    case .image: "image"
    }
  }
}
