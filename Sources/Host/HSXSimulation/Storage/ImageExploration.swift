import HSXHAL
import HSXPersistence

/// Everything that can go wrong with the images of one configuration, in the order of one seed.
public struct ImageExploration: Sendable {
  let configuration: ImageConfiguration
  let seed: UInt64
  let scope: StorageScope
  private var tears: StorageExploration
  private var report = StorageReport()
  private var number = 0

  /// The exploration of a configuration.
  public init?(_ configuration: ImageConfiguration, seed: UInt64, scope: StorageScope) {
    guard let tears = StorageExploration(tearing: configuration.family, configuration.geometry, seed: seed)
    else {
      return nil
    }
    self.configuration = configuration
    self.seed = seed
    self.scope = scope
    self.tears = tears
  }

  /// What is done, in order: images come, are tried, confirmed, rejected, replaced, and fall back.
  static func script(seed: UInt64, count: Int) -> [ImageOperation] {
    var random = SeededGenerator(seed: seed &+ 4242)
    var operations: [ImageOperation] = []
    var image = Int(seed % 100) * 50
    while operations.count < count {
      image += 1
      operations.append(.stage(image))
      operations.append(.activate(image, attempts: Int(random.next() % 3)))
      operations.append(.setValue(Int(random.next() % 2), UInt16(truncatingIfNeeded: random.next())))
      switch random.next() % 5 {
      case 0: operations.append(contentsOf: [.takeAttempts, .takeAttempts, .takeAttempts, .confirm])
      case 1: operations.append(contentsOf: [.reject, .confirm])
      case 2: operations.append(contentsOf: [.takeAttempts, .fail, .confirm, .fail])
      case 3: operations.append(contentsOf: [.confirm, .fail, .fail, .confirm, .release])
      default: operations.append(contentsOf: [.takeAttempts, .confirm])
      }
      operations.append(.setValue(1, UInt16(truncatingIfNeeded: random.next())))
    }
    return Array(operations.prefix(count))
  }

  /// Steps of the script for a scope.
  private var count: Int { max(12, scope.steps / 6) }

  /// Explores, and says what was found.
  public mutating func run() -> StorageReport {
    guard var base = try? ImageTrial(configuration) else {
      note("image single", "", .failure(.refused), 0, [])
      return report
    }
    for (step, operation) in Self.script(seed: seed, count: count).enumerated() where !isOver {
      if step % 3 == 1 { base.boot() }
      var after = base
      after.memory.isTracing = true
      after.memory.operations = []
      let start = after.memory.steps
      after.perform(operation)
      let operations = after.memory.operations
      after.memory.isTracing = false
      after.memory.operations = []
      cut(base, step, operation, operations, start)
      if scope.rots > 0, step % 20 == 10 { rot(after, step) }
      base = after
      if let problem = base.problem {
        note("image single", "", .failure(problem), step, [])
        return report
      }
    }
    return report
  }

  private mutating func cut(
    _ base: ImageTrial, _ step: Int, _ operation: ImageOperation, _ operations: [MemoryOperation],
    _ start: Int
  ) {
    var cuts: [(after: Int, tear: Tear, isPair: Bool)] = []
    for var entry in operations {
      entry.step -= start
      tears.tears(of: entry) { after, tear in
        number += 1
        let isPair = scope.pairs > 0 && number % (scope.pairs * 4 * configuration.share) == 0
        if number % (scope.singles * configuration.share) == 0 || isPair {
          cuts.append((after, tear, isPair))
        }
      }
    }
    for cut in cuts where !isOver {
      let first = StorageFault.cut(after: cut.after, cut.tear)
      var trial = base
      note("image single", first.name, trial.run(operation, [first]), step, [first])
      guard cut.isPair else { continue }
      var second = base
      let redo = second.cut(operation, first)
      second.memory.isTracing = true
      second.memory.operations = []
      let start = second.memory.steps
      var dry = second
      dry.perform(redo)
      for var entry in dry.memory.operations where !isOver {
        entry.step -= start
        var faults: [StorageFault] = []
        tears.oneTearEach(of: entry, salt: number) { faults.append(.cut(after: $0, $1)) }
        for fault in faults where !isOver {
          var trial = base
          note("image pair", "second cut", trial.run(operation, [first, fault]), step, [first, fault])
        }
      }
    }
  }

  /// Every bit of the memory flipped alone: the ring and the superblocks mend it, an image is found damaged.
  private mutating func rot(_ after: ImageTrial, _ step: Int) {
    for bit in stride(
      from: 0, to: configuration.geometry.size * 8, by: (scope.rots > 20 ? 5 : 1) * configuration.share)
    where !isOver {
      var trial = after
      note("image flip", "flipped bit", trial.rot([bit]), step, [.flip(bit: bit)])
    }
  }

  private var isOver: Bool { scope.stopsAtFailure && !report.holds }

  private mutating func note(
    _ kind: String, _ fault: String, _ result: Result<StorageOutcome, StorageProblem>, _ step: Int,
    _ faults: [StorageFault]
  ) {
    let text = StorageCase(configuration: configuration.name, seed: seed, step: step, faults: faults)
    report.note(kind, fault, result, text.description)
  }
}

extension ImageTrial {
  /// Does an operation with cuts in it and in what comes after, then looks.
  mutating func run(_ operation: ImageOperation, _ faults: [StorageFault]) -> Result<
    StorageOutcome, StorageProblem
  > {
    if case .flip(let bit) = faults.first {
      perform(operation)
      return rot([bit])
    }
    var operation = operation
    var before = observed
    for fault in faults.dropLast() {
      operation = cut(operation, fault)
      before = observed
    }
    guard case .cut(let after, let tear) = faults.last else { return .success(.kept) }
    perform(operation, cut: (after, tear))
    return finish(operation, StorageTrial.number(of: after, tear), before: before)
  }

  /// Does an operation with a cut in it, boots, and says what to do next.
  mutating func cut(_ operation: ImageOperation, _ fault: StorageFault) -> ImageOperation {
    guard case .cut(let after, let tear) = fault else { return operation }
    perform(operation, cut: (after, tear))
    boot()
    return again(operation, StorageTrial.number(of: after, tear))
  }

  /// Flips bits at rest, then looks: all is as before, or an image is damaged and is found to be.
  mutating func rot(_ bits: [Int]) -> Result<StorageOutcome, StorageProblem> {
    for bit in bits { memory.flip(bit: bit) }
    memory.powerUp()
    do { store = try ImageStore(mounting: &memory) } catch { return .failure(.notMounted) }
    let table = store.slots
    var isDamaged = false
    for slot in table.indices where table[slot].phase != .empty && table[slot].phase != .staging {
      let isWhole: Bool
      do {
        try store.verify(slot, digest: SimulatedDigest.self, in: &memory)
        isWhole = true
      } catch { isWhole = false }
      // What the store believes is whole is so.
      if isWhole, table[slot].phase != .rejected, table[slot].phase != .retired, imageNumber(in: slot) == nil
      {
        return .failure(.silentlyOld)
      }
      if !isWhole { isDamaged = true }
    }
    let active = table.indices.first { table[$0].isActive }
    guard (active != nil) == (observed.active != 0) else { return .failure(.silentlyOld) }
    if let active, table[active].tally != observed.tally { return .failure(.silentlyOld) }
    if let active {
      let generation = table[active].generation
      let values = [1, 2].map { store.value(of: $0, generation: generation) }
      guard values == observed.values else { return .failure(.silentlyOld) }
    }
    return .success(isDamaged ? .lostAndSaid : store.condition.isEmpty ? .kept : .keptAndSaid)
  }
}
