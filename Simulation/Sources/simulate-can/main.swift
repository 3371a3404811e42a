import Dispatch
import Foundation
import HSXSimulation
import HSXTransfer
import Synchronization

// usage: simulate-can [--short|--full] [--seed N] [--count N] [--replay CASE]
//        simulate-can --hostile FRAMES [--seed N]
//        simulate-can --table [--seeds N] [--bitrate B]     seconds on the wire, as Docs/can_transfer.md has them
let arguments = Array(CommandLine.arguments.dropFirst())
@MainActor func number(_ name: String) -> UInt64? {
  guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
  return UInt64(arguments[index + 1])
}

let words = arguments
if arguments.contains("--table") {
  let seeds = number("--seeds") ?? 9
  print("nodes  loss   median     95 %     worst   running")
  for nodes in number("--nodes").map { [Int($0)] } ?? [1, 10, 100, 127] {
    for loss in [0, 0.01, 0.05, 0.1] {
      let results = Mutex([BroadcastTrial.Result]())
      let rate = number("--bitrate").map(UInt32.init) ?? 500_000
      DispatchQueue.concurrentPerform(iterations: Int(seeds)) { index in
        var trial = BroadcastTrial()
        (trial.nodes, trial.loss, trial.seed, trial.bitsPerSecond) = (nodes, loss, UInt64(index) + 1, rate)
        let result = trial.run()
        if words.contains("--tell") {
          print(
            trial.seed, result.seconds, result.master, result.bus.byOffset[0], result.bus.byOffset[1],
            result.bus.byOffset[8])
        }
        results.withLock { $0.append(result) }
      }
      let times = results.withLock { $0.map(\.seconds).sorted() }
      let running = results.withLock { $0.map(\.running).min() ?? 0 }
      let row = [times[times.count / 2], times[times.count * 95 / 100], times[times.count - 1]]
      print(
        nodes, loss, row.map { String(format: "%.3f", $0) }.joined(separator: "  "), running, separator: "   "
      )
    }
  }
  exit(0)
}

if let seed = number("--replay") {
  let finding = BroadcastCase(seed: seed).run { print($0) }
  print(
    finding.summary, finding.outcome.map { "\($0)" } ?? "no end", finding.verdicts,
    "\(finding.running) running")
  finding.problems.forEach { print("FAILED: \($0)") }
  exit(finding.problems.isEmpty ? 0 : 1)
}

let first = number("--seed") ?? 1
if let frames = number("--hostile") {
  // Ten listeners share the frames.
  var failed = 0
  for seed in first..<first + 10 {
    for problem in HostileCase(seed: seed).run(frames: Int(frames / 10)) {
      failed += 1
      print("FAILED \(seed): \(problem)\n  replay: Scripts/simulate can --hostile \(frames) --seed \(seed)")
    }
  }
  print(
    "\(frames) hostile frames to 10 listeners: \(failed == 0 ? "nothing activates" : "\(failed) problems")")
  exit(failed == 0 ? 0 : 1)
}
let count = Int(number("--count") ?? (arguments.contains("--full") ? 100_000 : 1_000))
let tally = Mutex((failed: 0, outcomes: [String: Int](), running: 0, verdicts: [String: Int]()))
let start = ContinuousClock.now
DispatchQueue.concurrentPerform(iterations: count) { index in
  let seed = first + UInt64(index)
  let finding = BroadcastCase(seed: seed).run()
  tally.withLock { tally in
    let name = finding.outcome.map { "\($0)".prefix { $0 != "(" } } ?? "killed"
    tally.outcomes[String(name), default: 0] += 1
    tally.running += finding.running
    for verdict in finding.verdicts {
      tally.verdicts[String("\(verdict)".prefix { $0 != ":" && $0 != "4" }), default: 0] += 1
    }
    if let word = words.last, word.hasPrefix("="),
      finding.verdicts.contains(where: { "\($0)".contains(word.dropFirst()) })
    {
      print(seed, finding.summary, finding.outcome.map { "\($0)" } ?? "", finding.verdicts)
    }
    guard !finding.problems.isEmpty else { return }
    tally.failed += 1
    if tally.failed <= 20 {
      print("FAILED \(seed): \(finding.problems.joined(separator: "; "))\n  \(finding.summary)")
      print("  replay: Scripts/simulate can --replay \(seed)")
    }
  }
}
let result = tally.withLock { $0 }
print(
  "\(count) sessions from seed \(first): \(result.failed) failed; \(result.running) verdicts of running nodes"
)
print(result.outcomes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
print(result.verdicts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
print("in \(ContinuousClock.now - start)")
exit(result.failed == 0 ? 0 : 1)
