/// How a case that holds ended.
public enum StorageOutcome: Int, CaseIterable, Sendable {
  /// The update in flight was not there, at any boot.
  case old
  /// It was there, whole.
  case new
  /// It came or went between boots before anything was written; then it stayed.
  case wavered
  /// The same as before, and nothing to tell.
  case kept
  /// The same as before, and the journal says that bits were corrected or something cannot be read.
  case keptAndSaid
  /// Something is lost, and the journal says so.
  case lostAndSaid
  /// No page says what holds, and the journal says so.
  case notMountedAndSaid
  /// The device could not store, the journal said so, and what had been stored stayed.
  case refusedAndSaid
}

/// Why a case does not hold.
public enum StorageProblem: Int, CaseIterable, Sendable, Error {
  /// A ring that had been formatted could not be mounted.
  case notMounted
  /// An acknowledged value is not there, or an older one is.
  case lost
  /// A part of an update is there.
  case halfDone
  /// A value that was never stored, or a key that nobody knows.
  case wrong
  /// A healthy device's journal refused an update.
  case refused
  /// What the journal says after an update is not what the update says.
  case disagrees
  /// A flipped bit in a record was not corrected.
  case notCorrected
  /// Something older is shown, and nothing tells.
  case silentlyOld
  /// The memory was asked what may not be asked.
  case violation
}

/// What the harness did, and what came of it: fault × outcome × count.
public struct StorageReport: Sendable {
  /// Cases by fault and outcome.
  public private(set) var counts: [String: [Int]] = [:]
  /// Cases by the problem they show.
  public private(set) var problems = Array(repeating: 0, count: StorageProblem.allCases.count)
  /// The first cases that failed, each with its problem.
  public private(set) var failures: [(case: String, problem: StorageProblem)] = []
  /// Cases by kind of exploration: single cuts, pairs, …
  public private(set) var cases: [String: Int] = [:]

  /// How many failing cases are kept.
  private static var keptFailures: Int { 20 }

  /// Nothing yet.
  public init() {}

  /// Whether every case held.
  public var holds: Bool { problems.allSatisfy { $0 == 0 } }

  /// Counts one case.
  mutating func note(
    _ kind: String, _ fault: String, _ result: Result<StorageOutcome, StorageProblem>,
    _ text: @autoclosure () -> String
  ) {
    cases[kind, default: 0] += 1
    switch result {
    case .success(let outcome):
      counts[fault, default: Array(repeating: 0, count: StorageOutcome.allCases.count)][outcome.rawValue] +=
        1
    case .failure(let problem):
      problems[problem.rawValue] += 1
      if failures.count < Self.keptFailures { failures.append((text(), problem)) }
    }
  }

  /// Adds what another part of the exploration found.
  public mutating func add(_ other: StorageReport) {
    counts.merge(other.counts) { zip($0, $1).map(+) }
    cases.merge(other.cases, uniquingKeysWith: +)
    for index in problems.indices { problems[index] += other.problems[index] }
    failures.append(contentsOf: other.failures.prefix(max(0, Self.keptFailures - failures.count)))
  }

  /// A table for people: a line a fault, and one that replays each failure.
  public var table: String {
    var lines: [String] = []
    for (kind, count) in cases.sorted(by: { $0.key < $1.key }) { lines.append("\(kind): \(count)") }
    for (fault, row) in counts.sorted(by: { $0.key < $1.key }) {
      let cells = zip(StorageOutcome.allCases, row).filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }
      lines.append("  \(fault): \(cells.joined(separator: ", "))")
    }
    for (problem, count) in zip(StorageProblem.allCases, problems) where count > 0 {
      lines.append("FAILED \(problem): \(count)")
    }
    for failure in failures {
      lines.append("\(failure.problem): Scripts/simulate storage --replay '\(failure.case)'")
    }
    return lines.joined(separator: "\n")
  }

  /// The same as one JSON object, with its keys sorted.
  public var json: String {
    func object(_ members: [(String, String)]) -> String {
      "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }
    let outcomes = counts.sorted { $0.key < $1.key }.map { fault, row in
      (fault, object(zip(StorageOutcome.allCases, row).filter { $0.1 > 0 }.map { ("\($0.0)", "\($0.1)") }))
    }
    let problems = zip(StorageProblem.allCases, problems).filter { $0.1 > 0 }.map { ("\($0.0)", "\($0.1)") }
    let replays = failures.map { "\"\($0.case)\"" }.joined(separator: ",")
    return object([
      ("cases", object(cases.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") })),
      ("outcomes", object(outcomes)), ("problems", object(problems)), ("replays", "[\(replays)]"),
    ])
  }
}
