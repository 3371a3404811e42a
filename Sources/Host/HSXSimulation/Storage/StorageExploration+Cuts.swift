import HSXPersistence

extension StorageExploration {
  /// Cuts an update at every step in every way, and some of the recoveries as well.
  mutating func explore(
    _ base: StorageTrial, _ step: Int, _ update: StorageUpdate, _ operations: [MemoryOperation]
  ) {
    var cuts: [(Int, Tear)] = []
    for operation in operations {
      tears(of: operation) { after, tear in
        number += 1
        let isPair = scope.pairs > 0 && number % scope.pairs == 0
        if number % scope.singles == 0 || isPair { cuts.append((isPair ? -1 - after : after, tear)) }
      }
    }
    for (after, tear) in cuts where !isOver {
      let fault = StorageFault.cut(after: after < 0 ? -1 - after : after, tear)
      single(base, step, update, fault)
      if after < 0 { pairs(base, step, update, fault) }
    }
  }

  private mutating func single(
    _ base: StorageTrial, _ step: Int, _ update: StorageUpdate, _ fault: StorageFault
  ) {
    var trial = base
    let result = trial.run(update, cuts: [fault])
    note("single", fault.name, result, step, [fault])
  }

  private mutating func pairs(
    _ base: StorageTrial, _ step: Int, _ update: StorageUpdate, _ first: StorageFault
  ) {
    guard case .cut(let after, let tear) = first else { return }
    var trial = base
    trial.write(update, cut: (after, tear))
    trial.boot()
    let before = trial.observed
    let number = StorageTrial.number(of: after, tear)
    let second = trial.recovery(number, after: update)
    var dry = trial
    let operations = dry.trace { $0.write(second) }
    var cuts: [(Int, Tear)] = []
    for operation in operations { oneTearEach(of: operation, salt: self.number) { cuts.append(($0, $1)) } }
    for (after, tear) in cuts where !isOver {
      var fork = trial
      fork.write(second, cut: (after, tear))
      let result = fork.finish(StorageTrial.number(of: after, tear), after: second, before: before)
      note("pair", "second cut", result, step, [first, .cut(after: after, tear)])
    }
  }

  /// Three cuts in a row, and two flipped bits, each drawn by seed.
  mutating func sample(
    _ base: StorageTrial, _ after: StorageTrial, _ step: Int, _ update: StorageUpdate,
    _ operations: [MemoryOperation]
  ) {
    let share = max(1, scope.steps / 10)
    for _ in 0..<scope.triples / share where !isOver {
      var faults: [StorageFault] = []
      for _ in 0..<3 {
        faults.append(.cut(after: Int(random.next() % 300), anyTear(pending: 1)))
      }
      let total = operations.last.map { $0.step + $0.cost } ?? 1
      faults[0] = .cut(
        after: Int(random.next() % UInt64(total)), anyTear(pending: operations.last?.pending ?? 0))
      var trial = base
      let result = trial.run(update, cuts: faults)
      note("triple", "third cut", result, step, faults)
    }
    let first = configuration.ring.offset * 8
    let bits = UInt64(configuration.ring.pageSize * configuration.ring.pageCount * 8)
    for _ in 0..<scope.doubles / share where !isOver {
      // Half of them near each other: in one record or its neighbour.
      let one = random.next() % bits
      let other = random.next() % 2 == 0 ? random.next() % bits : (one + 1 + random.next() % 127) % bits
      let faults = [StorageFault.flip(bit: first + Int(one)), .flip(bit: first + Int(other))]
      var trial = after
      let result = trial.run(rot: faults, update)
      note("two flips", "two flipped bits", result, step, faults)
    }
  }

  /// Every bit of the ring, flipped alone.
  mutating func rot(_ after: StorageTrial, _ step: Int, _ update: StorageUpdate) {
    let first = configuration.ring.offset * 8
    for bit in first..<first + configuration.ring.pageSize * configuration.ring.pageCount * 8 where !isOver {
      var trial = after
      let faults = [StorageFault.flip(bit: bit)]
      let result = trial.run(rot: faults, update)
      note("flip", "flipped bit", result, step, faults)
    }
  }

  /// Devices that begin to fail at each of the next operations.
  mutating func fail(_ base: StorageTrial, _ step: Int, _ workload: StorageWorkload) {
    var faults: [StorageFault] = []
    for after in 0..<60 {
      for isLasting in [false, true] {
        faults.append(.failure(MemoryFailure(.program, after: after, isLasting: isLasting)))
        faults.append(
          .failure(MemoryFailure(.program, after: after, isLasting: isLasting, seed: UInt32(after + 1))))
        faults.append(
          .failure(MemoryFailure(.program, after: after, isLasting: isLasting, isSilent: true)))
        if after < 8, configuration.family != .fram {
          faults.append(.failure(MemoryFailure(.erase, after: after, isLasting: isLasting)))
        }
      }
    }
    let ring = configuration.ring
    for _ in 0..<60 {
      let bit = ring.offset * 8 + Int(random.next() % UInt64(ring.pageSize * ring.pageCount * 8))
      faults.append(.stuck(bit: bit, isSet: random.next() % 2 == 0))
    }
    for fault in faults where !isOver {
      var trial = base
      let result = trial.run(failing: fault, workload)
      note("failing device", fault.name, result, step, [fault])
    }
  }

  /// A chain of cuts, one in nearly every write.
  mutating func chain(_ chain: Int) {
    let result = Self.chain(configuration, seed: seed, chain: chain, links: scope.links).result
    let text = "chain/\(configuration.name)/\(seed)/\(chain)/\(scope.links)"
    report.note("chain of \(scope.links)", "chain of cuts", result, text)
  }

  /// One chain, and, if it is to be told and does not hold, what happened; the same numbers give the same.
  public static func chain(
    _ configuration: StorageConfiguration, seed: UInt64, chain: Int, links: Int, tells: Bool = false
  )
    -> (result: Result<StorageOutcome, StorageProblem>, story: [String])
  {
    guard var trial = try? StorageTrial(configuration) else { return (.failure(.refused), []) }
    var exploration = StorageExploration(
      configuration, seed: seed &* 1_000_003 &+ UInt64(chain), scope: .smoke)
    var workload = StorageWorkload(seed: seed &+ UInt64(chain) << 32, configuration: configuration)
    var last = StorageUpdate(changes: [])
    if tells { trial.story = [] }
    for link in 0..<links {
      let draw = exploration.random.next()
      if draw % 3 != 0 { last = workload.update(of: trial.observed) }
      let after = Int(draw >> 8 & 0xFFFF) % (draw % 7 == 0 ? 4_000 : 400)
      trial.write(last, cut: (after, exploration.anyTear(pending: 1)))
      if link % 16 == 15 { trial.write(workload.update(of: trial.observed)) }
      trial.boot()
      if draw % 5 == 0 { trial.boot() }
      if let problem = trial.problem { return (.failure(problem), trial.story ?? []) }
    }
    return (.success(.kept), [])
  }
}
