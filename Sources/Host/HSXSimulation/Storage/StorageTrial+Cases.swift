import HSXPersistence

extension StorageTrial {
  /// The write by which an application goes on after a cut: the same again, nothing at all, another, an equal value, a
  /// batch; by number, so that each is met everywhere.
  func recovery(_ number: Int, after update: StorageUpdate) -> StorageUpdate {
    switch number % 5 {
    case 0: return update
    case 1: return StorageUpdate(changes: [])
    case 2:
      let key = number / 5 % configuration.keys
      return StorageUpdate(changes: [
        StorageUpdate.Change(key: key, value: UInt16(truncatingIfNeeded: number))
      ])
    case 3:
      // What the first key of the update holds now, whichever that is: an equal value must be as lasting as any.
      guard let key = update.changes.first?.key else { return update }
      return StorageUpdate(changes: [StorageUpdate.Change(key: key, value: observed[key] ?? 9)])
    default:
      return StorageUpdate(
        changes: (0..<configuration.largestBatch).map { index in
          let key = (number / 5 + index * 3) % configuration.keys
          return StorageUpdate.Change(key: key, value: UInt16(truncatingIfNeeded: number &* 7 &+ index))
        })
    }
  }

  /// The boots behind the last cut: two without a write, one that writes, one that reads, one that writes, and a last.
  ///
  /// - Returns: how it ended: whether the update in flight was there.
  mutating func finish(_ number: Int, after update: StorageUpdate, before: StorageState)
    -> Result<StorageOutcome, StorageProblem>
  {
    boot()
    let first = observed
    boot()
    let second = observed
    write(recovery(number, after: update))
    boot()
    boot()
    write(recovery(number + 1, after: update))
    boot()
    if let problem { return .failure(problem) }
    if first != second { return .success(.wavered) }
    return .success(first == before ? .old : .new)
  }

  /// What flipped bits do to a ring at rest: one in a record is corrected, more are never passed over in silence.
  ///
  /// The journal is believed when it says so; what it says must then still be something that was stored once.
  mutating func rot(flips: Int, number: Int, after update: StorageUpdate) -> Result<
    StorageOutcome, StorageProblem
  > {
    let expected = candidates
    guard let seen = remount() else {
      return flips > 1 && problem == .notMounted ? .success(.notMountedAndSaid) : .failure(problem ?? .wrong)
    }
    if !expected.contains(seen) {
      let kind = classify(seen)
      if kind == .wrong { return .failure(.wrong) }
      if flips < 2 { return .failure(saysSo ? .notCorrected : .silentlyOld) }
      return saysSo ? .success(.lostAndSaid) : .failure(.silentlyOld)
    }
    let said = !journal.condition.isEmpty
    guard flips < 2 else { return .success(said ? .keptAndSaid : .kept) }
    write(recovery(number, after: update))
    boot()
    boot()
    if let problem { return .failure(problem) }
    return .success(said ? .keptAndSaid : .kept)
  }

  /// Goes on with a workload on a device that fails, and starts it again now and then, with a cut in some of the updates.
  mutating func endure(_ workload: StorageWorkload, steps: Int, cuts: StorageExploration?)
    -> Result<StorageOutcome, StorageProblem>
  {
    var workload = workload
    var cuts = cuts
    isHealthy = false
    var wasRefused = false
    for step in 0..<steps {
      let update = workload.update(of: observed)
      if step % 3 == 2, let draw = cuts?.random.next(), let tear = cuts?.anyTear(pending: 1) {
        write(update, cut: (Int(draw % 250), tear))
        boot()
      } else if !write(update) {
        wasRefused = true
      }
      if step % 5 == 4 { boot() }
      if let problem { return .failure(problem) }
    }
    return .success(wasRefused ? .refusedAndSaid : .kept)
  }
}
