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
  public func activate<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, attempts: Int, generation: UInt8 = 0, into batch: inout Batch<capacity>,
    in memory: inout Memory
  ) throws(StoreError) -> UInt8 {
    let descriptor = try descriptor(of: slot, in: &memory)
    var table = slots(with: batch.span)
    var partner: UInt16?
    for other in table.indices where table[other].hasApp && other != slot {
      do throws(StoreError) {
        // A slot that the batch lets be active has its descriptor too.
        if try descriptor.hasName(of: self.descriptor(of: other, in: &memory)) { partner = other }
      } catch {
        // A damaged slot has no name; its app keeps what it has.
        continue
      }
    }
    try table.activate(slot, partner: partner, attempts: attempts, generation: generation)
    try append(table, to: &batch)
    return table[slot].generation
  }

  /// Takes an attempt of each active image on trial: before a boot runs them. One that has none left is rejected.
  public func takeAttempts(into batch: inout Batch<capacity>) throws(StoreError) {
    var table = slots(with: batch.span)
    try table.takeAttempts()
    try append(table, to: &batch)
  }

  /// The active image in `slot` did what it should. One that is confirmed already, without failed boots, adds no record.
  public func confirm(_ slot: UInt16, into batch: inout Batch<capacity>) throws(StoreError) {
    var table = slots(with: batch.span)
    try table.confirm(slot)
    try append(table, to: &batch)
  }

  /// Rolls back: the active image in `slot` is rejected, its fallback active again, with the values of its own generation.
  public func reject(
    _ slot: UInt16, _ cause: SlotState.Cause, into batch: inout Batch<capacity>
  ) throws(StoreError) {
    var table = slots(with: batch.span)
    try table.reject(slot, cause)
    try append(table, to: &batch)
  }

  /// A boot of the active image in `slot` failed. On trial without an attempt left, or confirmed and this the last of `attempts`
  /// failed boots in a row, it is rejected.
  public func fail(
    _ slot: UInt16, _ cause: SlotState.Cause, attempts: Int, into batch: inout Batch<capacity>
  ) throws(StoreError) {
    var table = slots(with: batch.span)
    try table.fail(slot, cause, attempts: attempts)
    try append(table, to: &batch)
  }

  /// Frees a slot: STAGING, VERIFIED, REJECTED (its hash may come again) or RETIRED. The tombstones of values that nobody
  /// needs any more are the caller's.
  public func release(_ slot: UInt16, into batch: inout Batch<capacity>) throws(StoreError) {
    var table = slots(with: batch.span)
    guard busy &>> UInt32(slot & 31) & 1 == 0 else { throw .slotState(slot, table[slot]) }
    try table.release(slot)
    try append(table, to: &batch)
  }

  /// Says whether a sealed slot is the factory's, which nothing overwrites or retires.
  public func setFactory(
    _ isFactory: Bool, _ slot: UInt16, into batch: inout Batch<capacity>
  ) throws(StoreError) {
    var table = slots(with: batch.span)
    let state = table[slot]
    guard state.phase.rawValue >= SlotState.Phase.verified.rawValue else { throw .slotState(slot, state) }
    table[slot] = SlotState(
      rawValue: state.rawValue & ~SlotState.factory | (isFactory ? SlotState.factory : 0))
    try append(table, to: &batch)
  }

  /// Adds records for the slots of which `table` says something new.
  @inline(never)
  private func append(_ table: SlotTable, to batch: inout Batch<capacity>) throws(StoreError) {
    let known = slots(with: batch.span)
    for slot in table.indices where table[slot] != known[slot] {
      try batch.append(Record(slot, table[slot]))
    }
  }
}
