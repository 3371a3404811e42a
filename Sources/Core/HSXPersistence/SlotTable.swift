/// The states of all slots, and every rule by which they change.
///
/// A value made from the ring's records (`Store.slots`); nothing here reads or writes a memory. A change goes back by `Store`, as a
/// batch of the records that differ. Inside, states are plain numbers (`SlotState.rawValue`): it is all that a
/// microcontroller pays for.
public struct SlotTable: Sendable {
  private var states = InlineArray<32, UInt16>(repeating: 0)
  private let slots: UInt8
  /// Slots.
  public var count: Int { Int(slots) }
  /// The slot at which a rule stopped.
  var offender = 0
  /// A bit for each slot that changed.
  var changed: UInt32 = 0

  init(count: Int) { slots = UInt8(truncatingIfNeeded: count) }

  /// The numbers of the slots.
  public var indices: Range<UInt16> { 0..<UInt16(truncatingIfNeeded: count) }

  /// The state of a slot; `empty` for one that does not exist.
  public subscript(slot: UInt16) -> SlotState {
    SlotState(rawValue: Int(slot) < count ? states[Int(slot)] : 0)
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

  /// The state of a slot; 0 outside.
  @inline(never)
  mutating func raw(_ slot: Int) -> Int { slot < count ? Int(states[slot & 31]) : 0 }

  /// Gives a slot a state, whatever it is.
  @inline(never)
  mutating func load(_ slot: Int, _ state: Int) {
    guard raw(slot) != state, slot < count else { return }
    states[slot & 31] = UInt16(truncatingIfNeeded: state)
    changed |= 1 &<< UInt32(truncatingIfNeeded: slot)
  }

  /// Whether a state is TRIAL or CONFIRMED: its upper bits are the number of an app.
  static func hasApp(_ state: Int) -> Bool { (state & 7) &- 3 < 2 && state & 7 > 2 }

  /// The slot whose bits of the app's number and of being active are these, -1 if there is none; the factory's only if there is no
  /// other.
  @inline(never)
  mutating func find(_ bits: Int) -> Int {
    var found = -1
    for slot in 0..<count {
      let state = raw(slot)
      guard SlotTable.hasApp(state), state & (SlotState.apps | SlotState.active) == bits else { continue }
      found = slot
      if state & SlotState.factory == 0 { break }
    }
    return found
  }

  /// Gives a slot a state, if the table of states allows that; whether it is the factory's stays as it was, and so does its generation,
  /// but for one that goes on trial, which is told.
  @inline(never)
  mutating func set(_ slot: Int, _ next: Int) -> Bool {
    offender = slot
    let state = raw(slot)
    guard slot < count, SlotState.allows(state & 7, next & 7) else { return false }
    let isOnTrial = next & 7 == SlotState.Phase.trial.bits
    let kept = isOnTrial ? SlotState.factory : SlotState.generations | SlotState.factory
    load(slot, state & kept | next)
    return true
  }

  /// How gladly a slot is overwritten, 0 for never: EMPTY, RETIRED, STAGING, and of the REJECTED the one that is so longest,
  /// since a remedy must be able to come though it costs the memory of what failed; but never the factory's.
  mutating func rank(_ slot: Int) -> Int {
    let state = raw(slot)
    if state & SlotState.factory != 0 { return 0 }
    // By phase: EMPTY 4, STAGING 2, RETIRED 3, REJECTED 1, none of the others.
    let rank = (0x310_0024 &>> ((state & 7) &* 4) & 7) &* 64
    return rank == 64 ? rank &+ (newestRejection() &>> 10 &- state &>> 10) & 63 : rank
  }

  /// The upper bits of the newest rejection: they are counted modulo 64, and those that are there lie close together.
  @inline(never)
  private mutating func newestRejection() -> Int {
    var newest = 0 &- SlotState.appUnit
    for slot in 0..<count {
      let state = raw(slot)
      guard state & 7 == SlotState.Phase.rejected.bits else { continue }
      // Newer by less than half of the circle.
      if newest < 0 || (state &- newest) & 0x8000 == 0 { newest = state & SlotState.apps }
    }
    return newest
  }

  /// Rejects an active slot: its app's fallback is active again.
  @inline(never)
  mutating func reject(_ slot: Int, _ cause: Int) -> Bool {
    let app = raw(slot) & SlotState.apps
    let fallback = find(app)
    if fallback >= 0, !set(fallback, SlotState.Phase.confirmed.bits | SlotState.active | app) { return false }
    let count = (newestRejection() &+ SlotState.appUnit) & SlotState.apps
    return set(slot, SlotState.Phase.rejected.bits | count | cause &* SlotState.tallyUnit)
  }
}
