/// What may be done with a slot.
enum SlotChange: UInt8 {
  case activate
  case takeAttempts
  case confirm
  case reject
  case fail
  case release
  case setFactory
}

extension SlotTable {
  /// Changes the table. False if a rule forbids it; then `offender` is the slot that does, and what is in the table is of no use.
  ///
  /// `first` and `second` are: to activate the bits of the app's number, negative for a new one, and attempts with the generation of a
  /// new app's values in bit 4; to reject the cause; to fail the cause and the attempts; for the factory's 0 or 32.
  mutating func apply(_ change: SlotChange, _ slot: Int, _ first: Int, _ second: Int) -> Bool {
    let state = raw(slot)
    let tally = state &>> 6 & 15
    offender = slot
    switch change {
    case .activate: return activate(slot, first, second)
    case .takeAttempts:
      for slot in 0..<count {
        let state = raw(slot)
        guard state & 15 == SlotState.Phase.trial.bits | SlotState.active else { continue }
        if state & 0x3C0 != 0 {
          load(slot, state &- SlotState.tallyUnit)
        } else if !reject(slot, Int(SlotState.Cause.reset.rawValue)) {
          return false
        }
      }
      return true
    case .release:
      return state & SlotState.factory == 0 && set(slot, 0)
    case .setFactory:
      load(slot, state & ~SlotState.factory | first)
      return state & 7 >= SlotState.Phase.verified.bits
    default: break
    }
    // All else is done to an active image.
    guard state & SlotState.active != 0 else { return false }
    let confirmed = SlotState.Phase.confirmed.bits | SlotState.active | state & SlotState.apps
    if change == .confirm { return set(slot, confirmed) }
    if change == .fail {
      let isTrial = state & 7 == SlotState.Phase.trial.bits
      // One on trial has paid with its attempt.
      if isTrial, tally > 0 { return true }
      if !isTrial, tally &+ 1 < second, tally < 15 {
        return set(slot, confirmed | (tally &+ 1) &* SlotState.tallyUnit)
      }
    }
    return reject(slot, first)
  }

  /// Swaps: the slot is active on trial, the image before it the fallback, the one before that retired, unless it is the factory's.
  private mutating func activate(_ slot: Int, _ known: Int, _ attempts: Int) -> Bool {
    var generation = attempts & SlotState.generations
    var app = known
    if app < 0 {
      app = 0 &- SlotState.appUnit
      // Both are negative if nothing has this number.
      repeat { app &+= SlotState.appUnit } while find(app) & find(app | SlotState.active) >= 0
    }
    let old = find(app | SlotState.active)
    if old >= 0 {
      let state = raw(old)
      offender = old
      guard state & 7 == SlotState.Phase.confirmed.bits else { return false }
      generation = ~state & SlotState.generations
      while true {
        let older = find(app)
        if older < 0 || raw(older) & SlotState.factory != 0 { break }
        guard set(older, SlotState.Phase.retired.bits) else { return false }
      }
      guard set(old, SlotState.Phase.confirmed.bits | app) else { return false }
    }
    let state = SlotState.Phase.trial.bits | SlotState.active | generation | app
    return set(slot, state | (attempts & 15) &* SlotState.tallyUnit)
  }
}
