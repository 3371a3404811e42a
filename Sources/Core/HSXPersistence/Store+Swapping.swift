public import HSXHAL

/// What changes slots that hold images: each function adds records to a batch, which `commit` makes hold together. A function that
/// fails may have added nothing.
extension Store {
  /// Swaps: the VERIFIED `slot` becomes the app's active image, on trial with `attempts` (at most 15); the app's active
  /// one becomes the fallback, an older fallback is retired. The values of the new image belong into the generation that the state
  /// of `slot` says: the other than the old one's, or `generation` if the app had no slot. Answers that generation.
  ///
  /// Which slots are of one app, their names say. Fails with `slotState` also if the app's active image is on trial itself,
  /// with `damaged` if the descriptor cannot be read.
  @inline(never)
  public mutating func activate<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, attempts: Int, generation: UInt8 = 0, into batch: inout Batch<capacity>,
    in memory: inout Memory
  ) throws(StoreError) -> UInt8 {
    let most = attempts > 15 ? 15 : attempts < 0 ? 0 : attempts
    var about = Words(Words.about)
    guard raw(Int(slot)) & 7 == SlotState.Phase.verified.bits else { throw obstacle(Int(slot)) }
    guard load(&about, Int(slot), in: &memory) else { throw .damaged(slot) }
    // The name comes first. A damaged slot has none; its app keeps what it has.
    let other = search(
      &about, 32, 1 &<< SlotState.Phase.trial.bits | 1 &<< SlotState.Phase.confirmed.bits, in: &memory)
    // As it was before the batch, which may reject the damaged one.
    let app = other == 0 ? -1 : raw(other &- 1) & SlotState.apps
    return try change(.activate, Int(slot), app, most | Int(generation & 1) &<< 4, &batch)
  }

  /// Takes an attempt of each active image on trial: before a boot runs them. One that has none left is rejected.
  public mutating func takeAttempts(into batch: inout Batch<capacity>) throws(StoreError) {
    _ = try change(.takeAttempts, 0, 0, 0, &batch)
  }

  /// The active image in `slot` did what it should. One that is confirmed already, without failed boots, adds no record.
  public mutating func confirm(_ slot: UInt16, into batch: inout Batch<capacity>) throws(StoreError) {
    _ = try change(.confirm, Int(slot), 0, 0, &batch)
  }

  /// Rolls back: the active image in `slot` is rejected, its fallback active again, with the values of its own generation.
  public mutating func reject(
    _ slot: UInt16, _ cause: SlotState.Cause, into batch: inout Batch<capacity>
  ) throws(StoreError) {
    _ = try change(.reject, Int(slot), Int(cause.rawValue), 0, &batch)
  }

  /// A boot of the active image in `slot` failed. On trial without an attempt left, or confirmed and this the last of `attempts`
  /// failed boots in a row, it is rejected.
  public mutating func fail(
    _ slot: UInt16, _ cause: SlotState.Cause, attempts: Int, into batch: inout Batch<capacity>
  ) throws(StoreError) {
    _ = try change(.fail, Int(slot), Int(cause.rawValue), attempts, &batch)
  }

  /// Frees a slot: STAGING, VERIFIED, REJECTED (its hash may come again) or RETIRED, but not while it is being written. The
  /// tombstones of values that nobody needs any more are the caller's.
  public mutating func release(_ slot: UInt16, into batch: inout Batch<capacity>) throws(StoreError) {
    _ = try change(.release, Int(slot), 0, 0, &batch)
  }

  /// Says whether a sealed slot is the factory's, which nothing overwrites or retires.
  public mutating func setFactory(
    _ isFactory: Bool, _ slot: UInt16, into batch: inout Batch<capacity>
  ) throws(StoreError) {
    _ = try change(.setFactory, Int(slot), isFactory ? SlotState.factory : 0, 0, &batch)
  }

  /// Changes the table of slots as it will be when the batch holds, and adds the records that differ. Answers the
  /// slot's generation.
  @inline(never)
  private mutating func change(
    _ change: SlotChange, _ slot: Int, _ first: Int, _ second: Int, _ batch: inout Batch<capacity>
  ) throws(StoreError) -> UInt8 {
    var table = table()
    batch.load(into: &table)
    var before = table
    table.apply(slot, first, second, change)
    if table.offender != 0 { throw obstacle(table.offender &- 1) }
    for slot in 0..<Layout.mostSlots {
      let state = table.raw(slot)
      if state != before.raw(slot) { try batch.append(Record(slot, state)) }
    }
    return UInt8(truncatingIfNeeded: table.raw(slot) &>> 4 & 1)
  }
}
