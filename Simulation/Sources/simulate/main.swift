import Dispatch
import Foundation
import HSXSimulation
import Synchronization

// usage: simulate storage [--smoke|--short|--full|--chains] [--seed N] [--seeds N] [--only NAME] [--first] [--json FILE]
//        simulate storage --replay CASE
let arguments = Array(CommandLine.arguments.dropFirst())
@MainActor func option(_ name: String) -> String? {
  guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
  return arguments[index + 1]
}

if let text = option("--replay") {
  let parts = text.split(separator: "/")
  let result: Result<StorageOutcome, StorageProblem>?
  if parts.first == "chain", parts.count == 5, let configuration = StorageConfiguration.named(parts[1]),
    let seed = UInt64(parts[2]), let chain = Int(parts[3]), let links = Int(parts[4])
  {
    let run = StorageExploration.chain(configuration, seed: seed, chain: chain, links: links, tells: true)
    run.story.suffix(24).forEach { print($0) }
    result = run.result
  } else {
    let run = StorageCase(text)?.run()
    run?.story.forEach { print($0) }
    result = run?.result
  }
  switch result {
  case .success(let outcome):
    print("holds: \(outcome)")
    exit(0)
  case .failure(let problem):
    print("FAILED: \(problem)")
    exit(1)
  case nil:
    print("no such case: \(text)")
    exit(2)
  }
}

var scope: StorageScope =
  if arguments.contains("--full") { .full } else if arguments.contains("--chains") {
    .chains
  } else if arguments.contains("--smoke") { .smoke } else if arguments.contains("--quick") { .quick } else {
    .short
  }
scope.stopsAtFailure = arguments.contains("--first")
let first = option("--seed").flatMap(UInt64.init) ?? 1
let seeds = option("--seeds").flatMap(UInt64.init) ?? 1
let only = option("--only")
var parts: [@Sendable (StorageScope) -> StorageReport] = []
for seed in first..<first + seeds {
  for configuration in ImageConfiguration.all where (only ?? configuration.name) == configuration.name {
    parts.append { scope in
      guard var exploration = ImageExploration(configuration, seed: seed, scope: scope) else {
        return StorageReport()
      }
      return exploration.run()
    }
  }
  for configuration in StorageConfiguration.all where (only ?? configuration.name) == configuration.name {
    parts.append { scope in
      var exploration = StorageExploration(configuration, seed: seed, scope: scope)
      return exploration.run()
    }
  }
}
if parts.isEmpty {
  print("no such configuration")
  exit(2)
}
let work = parts
let explored = scope
let total = Mutex(StorageReport())
let start = ContinuousClock.now
DispatchQueue.concurrentPerform(iterations: work.count) { index in
  if explored.stopsAtFailure, total.withLock({ !$0.holds }) { return }
  let report = work[index](explored)
  total.withLock { $0.add(report) }
}
let report = total.withLock { $0 }
print(report.table)
print(report.json)
if let file = option("--json") { try report.json.write(toFile: file, atomically: true, encoding: .utf8) }
print("\(report.holds ? "every case holds" : "FAILED") in \(ContinuousClock.now - start)")
exit(report.holds ? 0 : 1)
