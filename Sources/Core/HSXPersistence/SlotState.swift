/// The state of an image slot: 16 bits, as they stand in the slot's record.
///
/// | bits | meaning |
/// |---|---|
/// | 0–2 | phase |
/// | 3 | active: the app boots from here |
/// | 4 | generation of the app's values |
/// | 5 | factory: replaced only on purpose |
/// | 6–15 | STAGING: steps of 256 bytes of the slot that are written for good |
/// | 6–9 | TRIAL: attempts left; CONFIRMED: failed boots in a row; REJECTED: why |
/// | 10–15 | TRIAL, CONFIRMED: number of the app; REJECTED: a count that tells the oldest |
public struct SlotState: Equatable, Sendable {
  /// What becomes of a slot.
  public enum Phase: UInt8, CaseIterable, Equatable, Sendable {
    /// Free. A slot without a record.
    case empty = 0
    /// Being written.
    case staging = 1
    /// Complete, its hash compared, not active.
    case verified = 2
    /// Active, on probation.
    case trial = 3
    /// Active or fallback.
    case confirmed = 4
    /// Failed; its hash is not taken again, unless it was the slot that was damaged.
    case rejected = 5
    /// No longer wanted.
    case retired = 6

    /// The phase as it stands in a state.
    var bits: Int { Int(rawValue) }
  }

  /// Why an image was rejected; below 16.
  public enum Cause: UInt8, CaseIterable, Equatable, Sendable {
    /// Something that this version does not know.
    case other = 0
    /// The app stopped with a fault.
    case fault = 1
    /// It exited with an error.
    case exit = 2
    /// It hung.
    case hang = 3
    /// The node was reset in its probation, until no attempt was left.
    case reset = 4
    /// Its slot is damaged.
    case damaged = 5
    /// Somebody asked for the image before it.
    case request = 6
    /// It could not be loaded.
    case load = 7
  }

  /// The bits.
  public let rawValue: UInt16

  /// The state with these bits, as `Store.raw` has them.
  init(_ bits: Int) {
    rawValue = UInt16(truncatingIfNeeded: bits)
  }

  /// The state with these bits, whatever they are.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// A free slot's.
  public static var empty: SlotState { SlotState(rawValue: 0) }

  /// The phase. The number 7 is never stored: it is STAGING, of a slot that somebody writes now.
  public var phase: Phase { Phase(rawValue: UInt8(truncatingIfNeeded: rawValue & 7)) ?? .staging }
  /// Whether the app boots from this slot.
  public var isActive: Bool { Int(rawValue) & SlotState.active != 0 }
  /// Where the values of the app lie while this slot is active: 0 or 1.
  public var generation: UInt8 { UInt8(truncatingIfNeeded: rawValue &>> 4 & 1) }
  /// Whether it is replaced only on purpose.
  public var isFactory: Bool { Int(rawValue) & SlotState.factory != 0 }
  /// STAGING: 256-byte steps of the slot, the descriptor's among them, that are written for good.
  public var steps: Int { Int(rawValue &>> 6) }
  /// TRIAL: attempts left. CONFIRMED: failed boots in a row.
  public var tally: Int { Int(rawValue &>> 6 & 15) }
  /// REJECTED: why.
  public var cause: Cause { Cause(rawValue: UInt8(truncatingIfNeeded: rawValue &>> 6 & 15)) ?? .other }
  /// TRIAL and CONFIRMED: which app it belongs to, a number that this store gave it.
  public var app: Int { Int(rawValue &>> 10) }

  /// A phase that is never stored: STAGING, and somebody writes it now.
  static var busy: Int { 7 }
  static var active: Int { 8 }
  /// Whether these bits are those of a slot whose image was complete once: VERIFIED to RETIRED.
  static func isSealed(_ bits: Int) -> Bool { UInt(bitPattern: bits & 7 &- 2) < 5 }
  static var generations: Int { 16 }
  static var factory: Int { 32 }
  /// The tally's lowest bit, the app's number's lowest, and all of that number.
  static var tallyUnit: Int { 0x40 }
  static var appUnit: Int { 0x400 }
  static var apps: Int { 0xFC00 }
  /// All of the cause, and phase and cause of a REJECTED slot that is damaged.
  static var causes: Int { 0x3C0 }
  static var rejectedAsDamaged: Int { 0x145 }

  /// Whether a slot in this phase may come into another. Staying is always allowed.
  ///
  /// This is the one table of what may become of a slot; nothing writes a slot's record without asking it.
  public static func allows(_ phase: Phase, _ next: Phase) -> Bool {
    allows(Int(phase.rawValue), Int(next.rawValue))
  }

  /// The same of the phases' numbers.
  @inline(never)
  static func allows(_ phase: Int, _ next: Int) -> Bool {
    // A byte a phase, EMPTY lowest; in it a bit for each phase that may follow.
    let table: UInt32 = phase < 4 ? 0x38_0D_07_03 : 0x00_41_21_70
    return table &>> UInt32(truncatingIfNeeded: (phase & 3) &* 8 &+ next) & 1 != 0
  }
}
