/// The states of all slots, and every rule by which they change.
///
/// A value of 64 bytes, made from the ring's records (`Store.slots`); nothing here reads or writes a memory. A change goes back
/// by `Store`, as a batch of the records that differ.
public struct SlotTable: Sendable {
  private var states = InlineArray<32, UInt16>(repeating: 0)
  /// Slots.
  public let count: Int

  init(count: Int) { self.count = count < 32 ? count : 32 }

  /// The numbers of the slots.
  public var indices: Range<UInt16> { 0..<UInt16(truncatingIfNeeded: count) }

  /// The state of a slot; `empty` for one that does not exist.
  public internal(set) subscript(slot: UInt16) -> SlotState {
    get { Int(slot) < count ? SlotState(rawValue: states[Int(slot)]) : .empty }
    set { if Int(slot) < count { states[Int(slot)] = newValue.rawValue } }
  }

  /// The slot from which the app that a TRIAL or CONFIRMED slot belongs to boots: nil if there is none.
  public func active(of slot: UInt16) -> UInt16? {
    for other in indices where isPartner(other, of: slot) && self[other].isActive { return other }
    return nil
  }

  /// The slot that takes over if the app's active slot is rejected: the image before it; if there is none any more, the factory's.
  public func fallback(of slot: UInt16) -> UInt16? {
    var found: UInt16?
    for other in indices where isPartner(other, of: slot) && other != slot && !self[other].isActive {
      if !self[other].isFactory { return other }
      found = other
    }
    return found
  }

  /// Whether two slots are TRIAL or CONFIRMED and belong to one app.
  @inline(never)
  private func isPartner(_ other: UInt16, of slot: UInt16) -> Bool {
    self[other].hasApp && self[slot].hasApp && self[other].app == self[slot].app
  }

  /// Lets a slot have another state, if the table of states allows that. Fails with `slotState`.
  @inline(never)
  mutating func change(_ slot: UInt16, to next: SlotState) throws(StoreError) {
    let state = self[slot]
    // What is written anew was free for a moment.
    let isFreed = next.phase == .staging && SlotState.allows(state.phase, .empty)
    guard Int(slot) < count, isFreed || SlotState.allows(state.phase, next.phase) else {
      throw .slotState(slot, state)
    }
    self[slot] = next
  }

  /// The slot that a new image may overwrite, nil if there is none. `busy` has a bit for each that is being written.
  func overwritable(besides busy: UInt32) -> UInt16? {
    var best: UInt16?
    var bestRank = 0
    for slot in indices where busy &>> UInt32(slot) & 1 == 0 {
      let rank = rank(self[slot])
      if rank > bestRank {
        best = slot
        bestRank = rank
      }
    }
    return best
  }

  /// How gladly a slot is overwritten; 0 for never.
  private func rank(_ state: SlotState) -> Int {
    if state.isFactory { return 0 }
    switch state.phase {
    case .empty: return 103
    case .retired: return 102
    case .staging: return 101
    // The older, the gladder: a remedy must be able to come, though it costs the memory of what failed.
    case .rejected: return 1 &+ (newestRejection &- state.app) & 63
    default: return 0
    }
  }

  /// The number of the newest rejection: they are counted modulo 64, and those that are there lie close together.
  @inline(never)
  private var newestRejection: Int {
    var newest = -1
    for slot in indices where self[slot].phase == .rejected {
      let number = self[slot].app
      if newest < 0 || (number &- newest) & 63 < 32 { newest = number }
    }
    return newest & 63
  }
}

extension SlotState {
  /// Whether bits 10 to 15 are the number of an app.
  var hasApp: Bool { phase == .trial || phase == .confirmed }
}

extension SlotTable {
  /// Swaps: the VERIFIED `slot` is active on trial, the image before it the fallback, the one before that retired, but not
  /// the factory's.
  ///
  /// `partner` is any slot of the same app that is TRIAL or CONFIRMED, nil if the app has none: then its values are in
  /// `generation`. Fails with `slotState` also if the app's active image is itself on trial.
  @inline(never)
  mutating func activate(
    _ slot: UInt16, partner: UInt16?, attempts: Int, generation: UInt8
  ) throws(StoreError) {
    var app = 0
    var generation = generation
    if let partner {
      app = self[partner].app
      if let old = active(of: partner) {
        guard self[old].phase == .confirmed else { throw .slotState(old, self[old]) }
        generation = self[old].generation ^ 1
        while let older = fallback(of: old), !self[older].isFactory {
          try change(older, to: self[older].moved(to: .retired, isActive: false, upper: 0))
        }
        try change(old, to: self[old].moved(to: .confirmed, isActive: false, upper: app &<< 4))
      }
    } else {
      app = freeApp
    }
    let state = SlotState(
      rawValue: self[slot].rawValue & ~SlotState.generations | (generation == 0 ? 0 : SlotState.generations))
    try change(
      slot, to: state.moved(to: .trial, isActive: true, upper: app &<< 4 | (attempts < 15 ? attempts : 15)))
  }

  /// The lowest number that no app has.
  private var freeApp: Int {
    var taken: UInt64 = 0
    for slot in indices where self[slot].hasApp { taken |= 1 &<< UInt64(self[slot].app) }
    return (~taken).trailingZeroBitCount
  }

  /// Takes an attempt of each active image on trial, before a boot runs them; one that has none left is rejected.
  mutating func takeAttempts() throws(StoreError) {
    for slot in indices where self[slot].phase == .trial && self[slot].isActive {
      let state = self[slot]
      if state.tally == 0 {
        try reject(slot, .reset)
      } else {
        try change(
          slot, to: state.moved(to: .trial, isActive: true, upper: state.app &<< 4 | (state.tally &- 1)))
      }
    }
  }

  /// The active image did what it should: its trial is over, or its failed boots are forgotten.
  mutating func confirm(_ slot: UInt16) throws(StoreError) {
    let state = self[slot]
    guard state.isActive, state.hasApp else { throw .slotState(slot, state) }
    try change(slot, to: state.moved(to: .confirmed, isActive: true, upper: state.app &<< 4))
  }

  /// The active image failed: rejected, and its fallback active again.
  @inline(never)
  mutating func reject(_ slot: UInt16, _ cause: SlotState.Cause) throws(StoreError) {
    let state = self[slot]
    guard state.isActive else { throw .slotState(slot, state) }
    if let fallback = fallback(of: slot) {
      let next = self[fallback]
      try change(fallback, to: next.moved(to: .confirmed, isActive: true, upper: next.app &<< 4))
    }
    let number = (newestRejection &+ 1) & 63
    try change(
      slot, to: state.moved(to: .rejected, isActive: false, upper: number &<< 4 | Int(cause.rawValue)))
  }

  /// A boot of the active image failed: rejected if it is on trial without an attempt left, or confirmed and this was the
  /// last of `attempts` in a row.
  mutating func fail(_ slot: UInt16, _ cause: SlotState.Cause, attempts: Int) throws(StoreError) {
    let state = self[slot]
    guard state.isActive, state.hasApp else { throw .slotState(slot, state) }
    if state.phase == .trial {
      if state.tally == 0 { try reject(slot, cause) }
      return
    }
    let failures = state.tally &+ 1
    guard failures < attempts, failures < 16 else { return try reject(slot, cause) }
    try change(slot, to: state.moved(to: .confirmed, isActive: true, upper: state.app &<< 4 | failures))
  }

  /// Frees a slot: one that holds no active image, no fallback and not the factory's.
  mutating func release(_ slot: UInt16) throws(StoreError) {
    guard !self[slot].isFactory else { throw .slotState(slot, self[slot]) }
    try change(slot, to: .empty)
  }
}
