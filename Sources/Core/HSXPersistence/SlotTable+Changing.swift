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
  /// `first` and `second` are: to activate the app's number, -1 for a new one, and attempts with the generation of a new app's values in bit 4; to
  /// reject the cause; to fail the cause and the attempts; for the factory's 0 or 32.
  mutating func apply(_ change: SlotChange, _ slot: Int, _ first: Int, _ second: Int) -> Bool {
    let state = raw(slot)
    let app = state &>> 10
    let tally = state &>> 6 & 15
    offender = slot
    switch change {
    case .activate: return activate(slot, first, second)
    case .takeAttempts:
      for slot in 0..<count {
        let state = raw(slot)
        guard state & 15 == Int(SlotState.Phase.trial.rawValue) | SlotState.active else { continue }
        if state & 0x3C0 == 0 {
          if !reject(slot, Int(SlotState.Cause.reset.rawValue)) { return false }
        } else {
          load(slot, state &- 0x40)
        }
      }
      return true
    case .release:
      return state & SlotState.factory == 0 && set(slot, .empty, 0)
    case .setFactory:
      load(slot, state & ~SlotState.factory | first)
      return state & 7 >= Int(SlotState.Phase.verified.rawValue)
    default: break
    }
    // All else is done to an active image.
    guard state & SlotState.active != 0 else { return false }
    if change == .confirm { return set(slot, .confirmed, app &<< 4, SlotState.active) }
    if change == .fail {
      let isTrial = state & 7 == Int(SlotState.Phase.trial.rawValue)
      // One on trial has paid with its attempt.
      if isTrial, tally > 0 { return true }
      if !isTrial, tally &+ 1 < second, tally < 15 {
        return set(slot, .confirmed, app &<< 4 | (tally &+ 1), SlotState.active)
      }
    }
    return reject(slot, first)
  }

  /// Swaps: the slot is active on trial, the image before it the fallback, the one before that retired, unless it is the factory's.
  private mutating func activate(_ slot: Int, _ known: Int, _ attempts: Int) -> Bool {
    var generation = attempts & SlotState.generations
    var app = known
    if app < 0 {
      repeat { app &+= 1 } while find(app, 0) >= 0 || find(app, SlotState.active) >= 0
    }
    let old = find(app, SlotState.active)
    if old >= 0 {
      let state = raw(old)
      offender = old
      guard state & 7 == Int(SlotState.Phase.confirmed.rawValue) else { return false }
      generation = ~state & SlotState.generations
      var older = find(app, 0)
      while older >= 0, raw(older) & SlotState.factory == 0 {
        guard set(older, .retired, 0) else { return false }
        older = find(app, 0)
      }
      guard set(old, .confirmed, app &<< 4) else { return false }
    }
    load(slot, raw(slot) & ~SlotState.generations | generation)
    return set(slot, .trial, app &<< 4 | attempts & 15, SlotState.active)
  }
}
