import HSXHAL

/// The 128 identifiers of a broadcast: 0x680 to 0x6FF, or another multiple of 0x80.
public struct BroadcastWindow: Equatable, Sendable {
  /// The first identifier.
  public let base: UInt16

  /// The window from `base`, or nil if that is no multiple of 0x80 below 0x800.
  public init?(base: UInt16) {
    guard base & 0x7F == 0, base < 0x800 else { return nil }
    self.base = base
  }

  private init(exactly base: UInt16) { self.base = base }

  /// 0x680 to 0x6FF.
  public static var standard: BroadcastWindow { BroadcastWindow(exactly: 0x680) }

  /// What a frame of this window is; nil for another window's, a reserved identifier, or a count of bytes that does not fit.
  func kind(of frame: CANFrame) -> BroadcastKind? {
    guard frame.identifier & 0x780 == base else { return nil }
    let offset = Int(frame.identifier & 0x7F)
    switch (offset, frame.count) {
    case (0x00, 0): return .hold
    case (0x01...0x0E, 0): return .nack(odd: offset > 7, rank: offset > 7 ? offset &- 7 : offset)
    case (0x0F, 0): return .join
    case (0x10, 2...8): return .get
    case (0x11, 8): return .set
    case (0x12, 8): return .authentication
    case (0x14, 8): return .answer
    case (0x15, 8): return .load
    case (0x16, 0): return .yes
    case (0x20...0x7F, 8):
      return .symbol(odd: offset >= 0x50, index: offset >= 0x50 ? offset &- 0x50 : offset &- 0x20)
    default: return nil
    }
  }

  /// A frame without data.
  func frame(_ kind: BroadcastKind) -> CANFrame { frame(kind, BroadcastPayload(), count: 0) }

  /// A frame of eight bytes.
  func frame(_ kind: BroadcastKind, _ payload: BroadcastPayload, count: Int = 8) -> CANFrame {
    CANFrame(standard: base | UInt16(truncatingIfNeeded: kind.offset), payload.bytes, count: count)
  }
}

/// What a frame of a broadcast is, by its identifier.
enum BroadcastKind: Equatable {
  case hold
  /// Some listener lacks so much of the even or the odd block; rank 1 is the worst.
  case nack(odd: Bool, rank: Int)
  case join
  case get
  case set
  case authentication
  case answer
  case load
  case yes
  case symbol(odd: Bool, index: Int)

  /// The identifier less the window's base.
  var offset: Int {
    switch self {
    case .hold: 0x00
    case .nack(let odd, let rank): rank &+ (odd ? 7 : 0)
    case .join: 0x0F
    case .get: 0x10
    case .set: 0x11
    case .authentication: 0x12
    case .answer: 0x14
    case .load: 0x15
    case .yes: 0x16
    case .symbol(let odd, let index): index &+ (odd ? 0x50 : 0x20)
    }
  }
}

/// How a deficit is told and answered.
enum Deficit {
  /// The rank of a deficit of 1 or more: 1 for ten and more, 7 for one.
  static func rank(_ missing: Int) -> Int {
    switch missing {
    case 10...: 1
    case 7...9: 2
    case 5...6: 3
    case 4: 4
    case 3: 5
    case 2: 6
    default: 7
    }
  }

  /// The parity symbols that answer a rank.
  static func answer(_ rank: Int) -> Int {
    switch rank {
    case 1: 13
    case 2: 9
    case 3: 6
    case 4: 4
    case 5: 3
    case 6: 2
    default: 1
    }
  }
}
