/// The states of all slots, and every rule by which they change.
///
/// A value made from the ring's records (`Store.slots`); nothing here reads or writes a memory. A change goes back by `Store`, as a
/// batch of the records that differ. Inside, states are plain numbers (`SlotState.rawValue`): it is all that a
/// microcontroller pays for.
public struct SlotTable: Sendable {
  /// What is not there is as if it were being written: nothing may be done with it.
  private var states = InlineArray<32, UInt16>(repeating: .max)
  private let slots: UInt8
  /// Slots.
  public var count: Int { Int(slots) }
  /// The slot at which a rule stopped, counted from 1; 0 if none did. Else what is in the table is of no use.
  var offender = 0

  init(count: Int) { slots = UInt8(truncatingIfNeeded: count) }

  /// The numbers of the slots.
  public var indices: Range<UInt16> { 0..<UInt16(truncatingIfNeeded: count) }

  /// The state of a slot; `empty` for one that does not exist.
  public subscript(slot: UInt16) -> SlotState {
    Int(slot) < count ? SlotState(Int(states[Int(slot)])) : .empty
  }

  /// The slot from which the app that a TRIAL or CONFIRMED slot belongs to boots: nil if there is none.
  public func active(of slot: UInt16) -> UInt16? { partner(of: slot, SlotState.active) }

  /// The slot that takes over if the app's active slot is rejected: the image before it; if there is none any more, the factory's.
  public func fallback(of slot: UInt16) -> UInt16? { partner(of: slot, 0) }

  private func partner(of slot: UInt16, _ active: Int) -> UInt16? {
    var table = self
    let state = table.raw(Int(slot))
    let found = SlotTable.hasApp(state) ? table.find(state & SlotState.apps | active) : -1
    return found < 0 ? nil : UInt16(truncatingIfNeeded: found)
  }

  /// The state of a slot; outside that of one being written.
  @inline(never)
  mutating func raw(_ slot: Int) -> Int { slot < Layout.mostSlots ? Int(states[slot & 31]) : SlotState.busy }

  /// Gives a slot a state, whatever it is.
  @inline(never)
  mutating func load(_ slot: Int, _ state: Int) {
    if slot < Layout.mostSlots { states[slot & 31] = UInt16(truncatingIfNeeded: state) }
  }

  /// Whether a state is TRIAL or CONFIRMED: its upper bits are the number of an app.
  static func hasApp(_ state: Int) -> Bool { (state & 7) &- 3 < 2 && state & 7 > 2 }

  /// The slot whose bits of the app's number and of being active are these, -1 if there is none; the factory's only if there is no
  /// other.
  @inline(never)
  mutating func find(_ bits: Int) -> Int {
    var found = -1
    for slot in 0..<Layout.mostSlots {
      let state = raw(slot)
      guard SlotTable.hasApp(state), state & (SlotState.apps | SlotState.active) == bits else { continue }
      found = slot
      if state & SlotState.factory == 0 { break }
    }
    return found
  }

  /// Gives a slot a state, if the table of states allows that, else it is the offender; whether it is the factory's stays as it was, and so does its
  /// generation: a VERIFIED one, which goes on trial, has none yet.
  @inline(never)
  mutating func set(_ slot: Int, _ next: Int) {
    let state = raw(slot)
    if SlotState.allows(state & 7, next & 7) {
      load(slot, next == 0 ? 0 : state & (SlotState.generations | SlotState.factory) | next)
    } else {
      offender = slot &+ 1
    }
  }

  /// How gladly a slot is overwritten, 0 for never: EMPTY, RETIRED, STAGING, and of the REJECTED the one that is so longest,
  /// since a remedy must be able to come though it costs the memory of what failed; but never the factory's.
  /// `newest` is the newest rejection.
  mutating func rank(_ slot: Int, _ newest: Int) -> Int {
    let state = raw(slot)
    if state & SlotState.factory != 0 { return 0 }
    // By phase: EMPTY 4, STAGING 2, RETIRED 3, REJECTED 1, none of the others.
    let rank = (0x310_0024 &>> ((state & 7) &* 4) & 7) &* 0x1_0000
    return rank == 0 ? 0 : rank &+ (newest &- state) & SlotState.apps
  }

  /// The upper bits of the newest rejection with all below them set, -1 if there is none: they are counted modulo 64, and those that are there lie close together.
  @inline(never)
  mutating func newestRejection() -> Int {
    var newest = -1
    for slot in 0..<Layout.mostSlots {
      let state = raw(slot)
      guard state & 7 == SlotState.Phase.rejected.bits else { continue }
      // Newer by less than half of the circle.
      if newest < 0 || (state &- newest) & 0x8000 == 0 { newest = state | (SlotState.appUnit &- 1) }
    }
    return newest
  }

  /// Rejects an active slot: its app's fallback is active again.
  @inline(never)
  mutating func reject(_ slot: Int, _ cause: Int) {
    let app = raw(slot) & SlotState.apps
    let fallback = find(app)
    if fallback >= 0 { set(fallback, SlotState.Phase.confirmed.bits | SlotState.active | app) }
    let count = (newestRejection() &+ SlotState.appUnit) & SlotState.apps
    set(slot, SlotState.Phase.rejected.bits | count | cause &* SlotState.tallyUnit)
  }
}
