import HSXHAL

extension StorageExploration {
  /// Every tear that an operation can suffer, at every step, in an order of its own.
  ///
  /// A tear that leaves the same as another is left out: a weak word is weak whole, wherever in it the cut came, and with an
  /// error-correcting code nothing but the unit matters.
  func tears(of operation: MemoryOperation, _ body: (Int, Tear) -> Void) {
    let unit = configuration.geometry.writeUnit
    for done in 0..<operation.cost {
      let step = operation.step + done
      let salt = UInt32(truncatingIfNeeded: step &* 16)
      switch operation.kind {
      case .sync: body(step, Tear(.prefix))
      case .program:
        switch configuration.family {
        case .fram:
          body(step, Tear(.prefix))
          for seed in 0..<4 as Range<UInt32> { body(step, Tear(.bits(seed: salt + seed))) }
        case .nor:
          body(step, Tear(.prefix))
          for seed in 0..<2 as Range<UInt32> { body(step, Tear(.bits(seed: salt + seed))) }
          for seed in 2..<4 as Range<UInt32> { body(step, Tear(.scattered(seed: salt + seed))) }
          if done % unit == 0 { weak(step, body) }
        case .eccNOR:
          if done % unit == 0 { body(step, Tear(.prefix)) }
          if done % unit == 0 { weak(step, body) }
        }
      case .erase:
        body(step, Tear(.prefix))
        body(step, Tear(.bits(seed: salt)))
        if done % 8 == 0 || done == 31 { weak(step, body) } else { body(step, Tear(.weak(history(step)))) }
      }
      if operation.pending > 0, done == 0 || done == operation.cost - 1 {
        for mask in losses(of: operation.pending, salt) {
          body(step, Tear(.prefix, lost: mask))
          body(step, Tear(.prefix, lost: mask, isPartial: true))
        }
      }
    }
  }

  /// One tear for each step, another at each: for the second cut of a pair.
  func oneTearEach(of operation: MemoryOperation, salt: Int, _ body: (Int, Tear) -> Void) {
    let masks = operation.pending > 0 ? losses(of: operation.pending, UInt32(truncatingIfNeeded: salt)) : []
    for done in 0..<operation.cost {
      let step = operation.step + done
      let choice = step &+ salt
      let seed = UInt32(truncatingIfNeeded: choice)
      let manner: Tear.Manner =
        switch choice % 5 {
        case 0: .prefix
        case 1: .bits(seed: seed)
        case 2: configuration.family == .nor ? .scattered(seed: seed) : .bits(seed: seed)
        default: configuration.family == .fram ? .bits(seed: seed) : .weak(history(choice / 5))
        }
      let isLossy = !masks.isEmpty && choice % 4 == 0
      body(
        step, Tear(manner, lost: isLossy ? masks[choice / 4 % masks.count] : 0, isPartial: choice % 8 == 0))
    }
  }

  /// A tear drawn by the exploration's generator.
  mutating func anyTear(pending: Int) -> Tear {
    let seed = UInt32(truncatingIfNeeded: random.next())
    let manner: Tear.Manner =
      switch random.next() % 5 {
      case 0: .prefix
      case 1: .bits(seed: seed)
      case 2: configuration.family == .nor ? .scattered(seed: seed) : .bits(seed: seed)
      default: configuration.family == .fram ? .bits(seed: seed) : .weak(history(Int(seed >> 8)))
      }
    return Tear(
      manner, lost: pending > 0 && random.next() % 3 == 0 ? random.next() : 0, isPartial: seed % 2 == 0)
  }

  private func history(_ number: Int) -> WeakHistory { WeakHistory(number: number % 81, length: 4) }

  private func weak(_ step: Int, _ body: (Int, Tear) -> Void) {
    // Three boots come before the first write that must stay; behind it the same readings follow again.
    for number in 0..<27 { body(step, Tear(.weak(WeakHistory(number: number, length: 3)))) }
  }

  /// Which of the operations since the last sync never arrive: every subset of a few; of many all, all but one, one, and
  /// some by seed.
  private func losses(of pending: Int, _ salt: UInt32) -> [UInt64] {
    if pending <= 4 { return (1..<UInt64(1) << UInt64(pending)).map { $0 } }
    var masks: [UInt64] = [.max]
    for index in 0..<UInt64(min(pending, 64)) {
      masks.append(1 << index)
      if pending <= 12 { masks.append(~(1 << index)) }
    }
    var random = SeededGenerator(seed: UInt64(salt))
    for _ in 0..<6 { masks.append(random.next()) }
    return masks
  }
}
