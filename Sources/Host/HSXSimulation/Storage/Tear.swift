/// What a power cut leaves of what was in flight, and of what was not yet lasting.
public struct Tear: Hashable, Sendable {
  /// How the operation in flight is torn.
  public enum Manner: Hashable, Sendable {
    /// The bytes before the cut are new, the others old. On FRAM the byte in flight stays old.
    case prefix
    /// The same, but of the bits of the write unit (on FRAM: the byte) in flight that differ, this seed's half is new; of an
    /// erase, as many of the sector's bits as its share.
    case bits(seed: UInt32)
    /// Of all the bits of the program that differ, this seed's half is new. On FRAM the same as `bits`.
    case scattered(seed: UInt32)
    /// The write unit in flight, or the whole sector, reads at each later boot as the history says, until it is erased. On
    /// FRAM the same as `prefix`.
    case weak(WeakHistory)
  }

  /// Of the operation in flight.
  public var manner: Manner
  /// Which of the operations since the last sync never arrived: bit i stands for those with a number i modulo 64, the oldest
  /// first.
  public var lost: UInt64
  /// Whether those arrived in part; else not at all.
  public var isPartial: Bool

  /// A tear of these.
  public init(_ manner: Manner, lost: UInt64 = 0, isPartial: Bool = false) {
    self.manner = manner
    self.lost = lost
    self.isPartial = isPartial && lost != 0
  }
}

/// What a weak word reads as at each later boot.
public struct WeakHistory: Hashable, Sendable {
  /// At one boot.
  public enum Reading: Int, Sendable {
    /// As before the write that was cut short.
    case old
    /// As if it had not been cut short.
    case new
    /// Any mixture of the bits, another at each boot. With an error-correcting code: not readable.
    case mixed
  }

  /// The readings, two bits each, the first boot lowest.
  private let pattern: UInt32
  private let count: UInt32

  /// These readings, at most sixteen, over and over.
  public init(_ readings: [Reading]) {
    var pattern: UInt32 = 0
    for (index, reading) in readings.prefix(16).enumerated() {
      pattern |= UInt32(reading.rawValue) << (2 * index)
    }
    self.pattern = pattern
    count = UInt32(max(1, min(16, readings.count)))
  }

  /// The history number `number` of the 3^`length` there are.
  public init(number: Int, length: Int) {
    var rest = number
    self.init(
      (0..<length).map { _ in
        defer { rest /= 3 }
        return Reading(rawValue: rest % 3) ?? .old
      })
  }

  /// The reading at a boot, the first behind the cut being 0.
  public func reading(atBoot boot: Int) -> Reading {
    Reading(rawValue: Int(pattern >> (2 * (UInt32(boot) % count)) & 3)) ?? .old
  }

  /// The readings as digits: 0 old, 1 new, 2 mixed.
  public var digits: String { (0..<Int(count)).map { String(reading(atBoot: $0).rawValue) }.joined() }

  /// The history that `digits` spells, nil if they spell none.
  public init?(digits: some StringProtocol) {
    let readings = digits.compactMap { $0.wholeNumberValue.flatMap(Reading.init) }
    guard !readings.isEmpty, readings.count == digits.count, readings.count <= 16 else { return nil }
    self.init(readings)
  }
}

extension Tear: LosslessStringConvertible {
  /// As a case's text has it: `p`, `b7`, `s7`, `w012`, with `L` and the lost operations in hexadecimal behind it; with `P`
  /// if they arrived in part.
  public var description: String {
    let manner =
      switch manner {
      case .prefix: "p"
      case .bits(let seed): "b\(seed)"
      case .scattered(let seed): "s\(seed)"
      case .weak(let history): "w\(history.digits)"
      }
    return lost == 0 ? manner : "\(manner)\(isPartial ? "P" : "L")\(String(lost, radix: 16))"
  }

  /// The tear that `description` spells.
  public init?(_ description: String) {
    let parts = description.split(maxSplits: 1) { $0 == "L" || $0 == "P" }
    isPartial = description.contains("P")
    guard let first = parts.first, let letter = first.first else { return nil }
    let rest = first.dropFirst()
    switch letter {
    case "p" where rest.isEmpty: manner = .prefix
    case "b": if let seed = UInt32(rest) { manner = .bits(seed: seed) } else { return nil }
    case "s": if let seed = UInt32(rest) { manner = .scattered(seed: seed) } else { return nil }
    case "w": if let history = WeakHistory(digits: rest) { manner = .weak(history) } else { return nil }
    default: return nil
    }
    guard parts.count == 2 else {
      lost = 0
      if description.contains("L") || isPartial { return nil }
      return
    }
    guard let mask = UInt64(parts[1], radix: 16) else { return nil }
    lost = mask
  }
}
