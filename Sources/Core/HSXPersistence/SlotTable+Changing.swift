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
  /// Changes the table. If a rule forbids it, `offender` is the slot that does.
  ///
  /// `first` and `second` are: to activate the bits of the app's number, negative for a new one, and attempts with the generation of a
  /// new app's values in bit 4; to reject the cause; to fail the cause and the attempts; for the factory's 0 or 32.
  mutating func apply(_ slot: Int, _ first: Int, _ second: Int, _ change: SlotChange) {
    let state = raw(slot)
    let tally = state &>> 6 & 15
    switch change {
    case .activate: return activate(slot, first, second)
    case .takeAttempts:
      for slot in 0..<Layout.mostSlots {
        let state = raw(slot)
        guard state & 15 == SlotState.Phase.trial.bits | SlotState.active else { continue }
        if state & 0x3C0 != 0 {
          load(slot, state &- SlotState.tallyUnit)
        } else {
          reject(slot, Int(SlotState.Cause.reset.rawValue))
        }
      }
      return
    case .release:
      if state & SlotState.factory == 0 { return set(slot, 0) }
    case .setFactory:
      load(slot, state & ~SlotState.factory | first)
      if SlotState.isSealed(state) { return }
    default:
      // All else is done to an active image.
      if state & SlotState.active == 0 { break }
      let confirmed = SlotState.Phase.confirmed.bits | SlotState.active | state & SlotState.apps
      if change == .confirm { return set(slot, confirmed) }
      if change == .fail {
        let isTrial = state & 7 == SlotState.Phase.trial.bits
        // One on trial has paid with its attempt.
        if isTrial, tally > 0 { return }
        if !isTrial, tally &+ 1 < second, tally < 15 {
          return set(slot, confirmed | (tally &+ 1) &* SlotState.tallyUnit)
        }
      }
      return reject(slot, first)
    }
    offender = slot &+ 1
  }

  /// Swaps: the slot is active on trial, the image before it the fallback, the one before that retired, unless it is the factory's.
  private mutating func activate(_ slot: Int, _ known: Int, _ attempts: Int) {
    var generation = attempts & SlotState.generations
    var app = 64 &* SlotState.appUnit
    if known >= 0 {
      app = known
    } else {
      // Both are negative if nothing has this number.
      repeat { app &-= SlotState.appUnit } while find(app) & find(app | SlotState.active) >= 0
    }
    let old = find(app | SlotState.active)
    if old >= 0 {
      let state = raw(old)
      if state & 7 != SlotState.Phase.confirmed.bits { offender = old &+ 1 }
      generation = ~state & SlotState.generations
      while offender == 0 {
        let older = find(app)
        if older < 0 || raw(older) & SlotState.factory != 0 { break }
        set(older, SlotState.Phase.retired.bits)
      }
      set(old, SlotState.Phase.confirmed.bits | app)
    }
    let state = SlotState.Phase.trial.bits | SlotState.active | generation | app
    set(slot, state | (attempts & 15) &* SlotState.tallyUnit)
  }
}
