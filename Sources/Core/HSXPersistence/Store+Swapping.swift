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
  public mutating func activate<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, attempts: Int, generation: UInt8 = 0, into batch: inout Batch<capacity>,
    in memory: inout Memory
  ) throws(StoreError) -> UInt8 {
    guard raw(Int(slot)) & 7 == Int(SlotState.Phase.verified.rawValue) else { throw obstacle(Int(slot)) }
    var new = Words(Words.about)
    guard loadAbout(&new, Int(slot), in: &memory) else { throw .damaged(slot) }
    var old = Words(Words.about)
    var app = -1
    for other in 0..<layout.slotCount {
      let state = raw(other)
      // A damaged slot has no name; its app keeps what it has.
      guard SlotTable.hasApp(state), loadAbout(&old, other, in: &memory) else { continue }
      if old.isSame(as: &new) { app = state &>> 10 }
    }
    let most = attempts > 15 ? 15 : attempts < 0 ? 0 : attempts
    return try change(.activate, slot, app, most | Int(generation & 1) &<< 4, &batch) == 0 ? 0 : 1
  }

  /// Takes an attempt of each active image on trial: before a boot runs them. One that has none left is rejected.
  public mutating func takeAttempts(into batch: inout Batch<capacity>) throws(StoreError) {
    _ = try change(.takeAttempts, 0, 0, 0, &batch)
  }

  /// The active image in `slot` did what it should. One that is confirmed already, without failed boots, adds no record.
  public mutating func confirm(_ slot: UInt16, into batch: inout Batch<capacity>) throws(StoreError) {
    _ = try change(.confirm, slot, 0, 0, &batch)
  }

  /// Rolls back: the active image in `slot` is rejected, its fallback active again, with the values of its own generation.
  public mutating func reject(
    _ slot: UInt16, _ cause: SlotState.Cause, into batch: inout Batch<capacity>
  ) throws(StoreError) {
    _ = try change(.reject, slot, Int(cause.rawValue), 0, &batch)
  }

  /// A boot of the active image in `slot` failed. On trial without an attempt left, or confirmed and this the last of `attempts`
  /// failed boots in a row, it is rejected.
  public mutating func fail(
    _ slot: UInt16, _ cause: SlotState.Cause, attempts: Int, into batch: inout Batch<capacity>
  ) throws(StoreError) {
    _ = try change(.fail, slot, Int(cause.rawValue), attempts, &batch)
  }

  /// Frees a slot: STAGING, VERIFIED, REJECTED (its hash may come again) or RETIRED, but not while it is being written. The
  /// tombstones of values that nobody needs any more are the caller's.
  public mutating func release(_ slot: UInt16, into batch: inout Batch<capacity>) throws(StoreError) {
    guard busy &>> UInt32(slot & 31) & 1 == 0 else { throw obstacle(Int(slot)) }
    _ = try change(.release, slot, 0, 0, &batch)
  }

  /// Says whether a sealed slot is the factory's, which nothing overwrites or retires.
  public mutating func setFactory(
    _ isFactory: Bool, _ slot: UInt16, into batch: inout Batch<capacity>
  ) throws(StoreError) {
    _ = try change(.setFactory, slot, isFactory ? SlotState.factory : 0, 0, &batch)
  }

  /// Changes the table of slots as it will be when the batch holds, and adds the records that differ. Answers the bit of the
  /// slot's generation.
  @inline(never)
  private mutating func change(
    _ change: SlotChange, _ slot: UInt16, _ first: Int, _ second: Int, _ batch: inout Batch<capacity>
  ) throws(StoreError) -> Int {
    var table = table()
    for slot in 0..<layout.slotCount {
      let index = batch.index(of: UInt16(Record.Kind.slot.rawValue), UInt16(truncatingIfNeeded: slot))
      if index >= 0 { table.load(slot, batch.state(at: index)) }
    }
    table.changed = 0
    guard table.apply(change, Int(slot), first, second) else { throw obstacle(table.offender) }
    for slot in 0..<layout.slotCount where table.changed &>> UInt32(truncatingIfNeeded: slot) & 1 != 0 {
      try batch.append(Record(UInt16(truncatingIfNeeded: slot), table.raw(slot)))
    }
    return table.raw(Int(slot)) & SlotState.generations
  }
}
