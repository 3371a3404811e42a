import HSXHAL

/// How much of a configuration is explored.
public struct StorageScope: Equatable, Sendable {
  /// Steps of the workload.
  public var steps: Int
  /// Of the single cuts, one in so many.
  public var singles: Int
  /// Of the single cuts, one in so many is followed by a second at every step of the recovery; 0 for none.
  public var pairs: Int
  /// Three cuts in a row, drawn by seed.
  public var triples: Int
  /// Chains of `links` cuts.
  public var chains: Int
  /// Cuts in a chain.
  public var links: Int
  /// Of the steps, one in so many has every bit flipped; 0 for none.
  public var rots: Int
  /// Two flipped bits, drawn by seed.
  public var doubles: Int
  /// Of the steps, one in so many is continued on failing devices; 0 for none.
  public var failing: Int
  /// Ends at the first case that fails.
  public var stopsAtFailure = false

  /// A scope of these.
  public init(
    steps: Int, singles: Int, pairs: Int, triples: Int, chains: Int, links: Int, rots: Int, doubles: Int,
    failing: Int
  ) {
    self.steps = steps
    self.singles = singles
    self.pairs = pairs
    self.triples = triples
    self.chains = chains
    self.links = links
    self.rots = rots
    self.doubles = doubles
    self.failing = failing
  }

  /// For a debug build, in a second or two.
  public static let smoke = StorageScope(
    steps: 60, singles: 400, pairs: 8_000, triples: 10, chains: 1, links: 40, rots: 0, doubles: 100,
    failing: 0)
  /// For every change.
  public static let short = StorageScope(
    steps: 500, singles: 16, pairs: 1_000, triples: 2_000, chains: 4, links: 1_000, rots: 100,
    doubles: 20_000,
    failing: 30)
  /// For a mutant: a part of the short one, that meets each fault.
  public static let quick = StorageScope(
    steps: 500, singles: 40, pairs: 4_000, triples: 1_000, chains: 4, links: 500, rots: 250, doubles: 10_000,
    failing: 30)
  /// Everything that is promised.
  public static let full = StorageScope(
    steps: 500, singles: 1, pairs: 80, triples: 50_000, chains: 80, links: 1_000, rots: 20, doubles: 200_000,
    failing: 10)
  /// Nothing but chains.
  public static let chains = StorageScope(
    steps: 0, singles: 1, pairs: 0, triples: 0, chains: 80, links: 1_000, rots: 0, doubles: 0, failing: 0)
}

/// Everything that can go wrong with a ring of one configuration, in the order of one seed.
public struct StorageExploration: Sendable {
  let configuration: StorageConfiguration
  let seed: UInt64
  let scope: StorageScope
  var report = StorageReport()
  /// Numbers the cases, so that a part of them is spread over all.
  var number = 0
  var random: SeededGenerator

  /// The exploration of a configuration.
  public init(_ configuration: StorageConfiguration, seed: UInt64, scope: StorageScope) {
    self.configuration = configuration
    self.seed = seed
    self.scope = scope
    random = SeededGenerator(seed: seed ^ 0xABCD_EF01)
  }

  /// One that only tears, in memories of this kind.
  init?(tearing family: MemoryFamily, _ geometry: Geometry, seed: UInt64) {
    guard
      var configuration = StorageConfiguration(
        "", family, unit: geometry.writeUnit, page: 1024, pages: 4, keys: 1, largestBatch: 2)
    else { return nil }
    configuration.geometry = geometry
    self.init(configuration, seed: seed, scope: .smoke)
  }

  /// Explores, and says what was found.
  public mutating func run() -> StorageReport {
    guard var base = try? StorageTrial(configuration) else {
      report.note("single", "", .failure(.refused), "\(configuration.name)/\(seed)/0")
      return report
    }
    var workload = StorageWorkload(seed: seed, configuration: configuration)
    for step in 0..<scope.steps where !isOver {
      switch workload.next(base.observed) {
      case .restart: base.boot()
      case .update(let update):
        var after = base
        let operations = after.trace { $0.write(update) }
        explore(base, step, update, operations)
        if scope.rots > 0, step % scope.rots == scope.rots / 2 { rot(after, step, update) }
        if scope.failing > 0, step % scope.failing == scope.failing / 2 { fail(base, step, workload) }
        if step % 10 == 5 { sample(base, after, step, update, operations) }
        base = after
      }
      if let problem = base.problem {
        report.note("single", "", .failure(problem), "\(configuration.name)/\(seed)/\(step)")
        return report
      }
    }
    for chain in 0..<scope.chains where !isOver { self.chain(chain) }
    return report
  }

  /// Whether nothing more need be found.
  var isOver: Bool { scope.stopsAtFailure && !report.holds }

  /// Counts a case of this exploration.
  mutating func note(
    _ kind: String, _ fault: String, _ result: Result<StorageOutcome, StorageProblem>, _ step: Int,
    _ faults: [StorageFault]
  ) {
    let name = configuration.name
    let seed = seed
    report.note(
      kind, fault, result,
      StorageCase(configuration: name, seed: seed, step: step, faults: faults).description)
  }
}

extension StorageTrial {
  /// What the memory does in `body`.
  mutating func trace(_ body: (inout StorageTrial) -> Void) -> [MemoryOperation] {
    let start = memory.steps
    memory.operations = []
    memory.isTracing = true
    body(&self)
    memory.isTracing = false
    defer { memory.operations = [] }
    return memory.operations.map { operation in
      var operation = operation
      operation.step -= start
      return operation
    }
  }
}
