import HSXPersistence

extension StorageTrial {
  /// What a case depends on beside its cuts, from the cuts alone, so that its text replays it.
  static func number(of after: Int, _ tear: Tear) -> Int {
    var hash = SeededGenerator(seed: tear.description.utf8.reduce(UInt64(after)) { $0 &* 31 &+ UInt64($1) })
    return Int(hash.next() >> 33)
  }

  /// Cuts `update` at the first of the cuts, the recoveries at the others, then looks.
  mutating func run(_ update: StorageUpdate, cuts: [StorageFault]) -> Result<StorageOutcome, StorageProblem> {
    var update = update
    var number = 0
    var before = observed
    for (index, cut) in cuts.enumerated() {
      guard case .cut(let after, let tear) = cut else { continue }
      if index > 0 {
        boot()
        before = observed
        update = recovery(number, after: update)
      }
      number = Self.number(of: after, tear)
      write(update, cut: (after, tear))
    }
    return finish(number, after: update, before: before)
  }

  /// Flips bits of the ring at rest, then looks.
  mutating func run(rot flips: [StorageFault], _ update: StorageUpdate) -> Result<
    StorageOutcome, StorageProblem
  > {
    var number = 0
    for flip in flips {
      guard case .flip(let bit) = flip else { continue }
      memory.flip(bit: bit)
      number = number &+ bit
    }
    return rot(flips: flips.count, number: number, after: update)
  }

  /// Goes on with a workload on a device that has this fault.
  mutating func run(failing fault: StorageFault, _ workload: StorageWorkload)
    -> Result<StorageOutcome, StorageProblem>
  {
    let text = StorageCase(configuration: "", seed: 0, step: 0, faults: [fault]).description
    let seed = text.utf8.reduce(1 as UInt64) { $0 &* 131 &+ UInt64($1) }
    let exploration = StorageExploration(configuration, seed: seed, scope: .smoke)
    switch fault {
    case .failure(let failure): memory.fail(failure)
    case .stuck(let bit, let isSet): memory.stick(bit: bit, isSet: isSet)
    case .cut, .flip: break
    }
    let before = self
    let result = endure(workload, steps: 40, cuts: nil)
    guard case .success = result else { return result }
    // Once more, with cuts.
    self = before
    return endure(workload, steps: 40, cuts: exploration)
  }
}

extension StorageCase {
  /// Runs the case alone and tells what happened. Nil if it names no configuration.
  public func run() -> (result: Result<StorageOutcome, StorageProblem>, story: [String])? {
    if let images = ImageConfiguration.named(configuration) { return run(images) }
    guard let configuration = StorageConfiguration.named(configuration) else { return nil }
    guard var base = try? StorageTrial(configuration) else { return (.failure(.refused), []) }
    let result = run(&base)
    return (result, base.story ?? [])
  }

  private func run(_ configuration: ImageConfiguration)
    -> (result: Result<StorageOutcome, StorageProblem>, story: [String])
  {
    guard var base = try? ImageTrial(configuration) else { return (.failure(.refused), []) }
    for (number, operation) in ImageExploration.script(seed: seed, count: step + 1).enumerated() {
      if number % 3 == 1 { base.boot() }
      if number == step {
        base.story = []
        let result = base.run(operation, faults)
        return (result, base.story ?? [])
      }
      base.perform(operation)
    }
    return (base.problem.map { .failure($0) } ?? .success(.kept), [])
  }

  private func run(_ base: inout StorageTrial) -> Result<StorageOutcome, StorageProblem> {
    let configuration = base.configuration
    var workload = StorageWorkload(seed: seed, configuration: configuration)
    for number in 0...step {
      switch workload.next(base.observed) {
      case .restart: base.boot()
      case .update(let update):
        guard number == step else {
          base.write(update)
          continue
        }
        base.story = ["stored: \(base.observed)"]
        switch faults.first {
        case .cut: return base.run(update, cuts: faults)
        case .flip:
          base.write(update)
          return base.run(rot: faults, update)
        case .failure, .stuck: return base.run(failing: faults[0], workload)
        case nil: base.write(update)
        }
      }
    }
    return base.problem.map { .failure($0) } ?? .success(.kept)
  }
}
