/// One thing that goes wrong.
public enum StorageFault: Hashable, Sendable {
  /// The power fails so many steps into an update.
  case cut(after: Int, Tear)
  /// A bit of the memory flips while it rests.
  case flip(bit: Int)
  /// A bit of the memory sticks.
  case stuck(bit: Int, isSet: Bool)
  /// The device refuses.
  case failure(MemoryFailure)
}

/// A case of the harness, and the line that replays it.
public struct StorageCase: Hashable, Sendable, LosslessStringConvertible {
  /// The configuration's name.
  public var configuration: String
  /// The workload's seed.
  public var seed: UInt64
  /// How many steps of the workload go well before.
  public var step: Int
  /// What goes wrong, in order: the first in the step that follows, each further in the write that recovers.
  public var faults: [StorageFault]

  /// A case of these.
  public init(configuration: String, seed: UInt64, step: Int, faults: [StorageFault]) {
    self.configuration = configuration
    self.seed = seed
    self.step = step
    self.faults = faults
  }

  /// As `init(_:)` reads it: `nor8/7/123/45:w012/3:pL1f`.
  public var description: String {
    (["\(configuration)/\(seed)/\(step)"]
      + faults.map { fault in
        switch fault {
        case .cut(let step, let tear): "\(step):\(tear)"
        case .flip(let bit): "f\(bit)"
        case .stuck(let bit, let isSet): "k\(bit).\(isSet ? 1 : 0)"
        case .failure(let failure):
          "\(failure.isSilent ? "q" : failure.kind == .program ? "r" : "e")\(failure.after)\(failure.isLasting ? "+" : "")"
            + (failure.seed.map { ".\($0)" } ?? "")
        }
      }).joined(separator: "/")
  }

  /// The case that `description` spells.
  public init?(_ description: String) {
    let parts = description.split(separator: "/")
    guard parts.count >= 3, let seed = UInt64(parts[1]), let step = Int(parts[2]) else { return nil }
    var faults: [StorageFault] = []
    for part in parts.dropFirst(3) {
      guard let fault = StorageFault(part) else { return nil }
      faults.append(fault)
    }
    self.init(configuration: String(parts[0]), seed: seed, step: step, faults: faults)
  }
}

extension StorageFault {
  fileprivate init?(_ text: Substring) {
    guard let letter = text.first else { return nil }
    let rest = text.dropFirst()
    switch letter {
    case "f":
      guard let bit = Int(rest) else { return nil }
      self = .flip(bit: bit)
    case "k":
      let parts = rest.split(separator: ".")
      guard parts.count == 2, let bit = Int(parts[0]) else { return nil }
      self = .stuck(bit: bit, isSet: parts[1] == "1")
    case "r", "e", "q":
      let parts = rest.split(separator: ".")
      guard let first = parts.first else { return nil }
      let isLasting = first.hasSuffix("+")
      guard let after = Int(isLasting ? first.dropLast() : first) else { return nil }
      self = .failure(
        MemoryFailure(
          letter == "e" ? .erase : .program, after: after, isLasting: isLasting,
          seed: parts.count > 1 ? UInt32(parts[1]) : nil, isSilent: letter == "q"))
    default:
      let parts = text.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, let step = Int(parts[0]), let tear = Tear(String(parts[1])) else { return nil }
      self = .cut(after: step, tear)
    }
  }

  /// What the report counts it as.
  var name: String {
    switch self {
    case .cut(_, let tear):
      tear.lost == 0 ? tear.manner.name : "lost or reordered"
    case .flip: "flipped bit"
    case .stuck: "stuck bit"
    case .failure(let failure):
      (failure.isSilent ? "program not done" : failure.kind == .program ? "program refused" : "erase refused")
        + (failure.isLasting ? " for good" : " once")
    }
  }
}

extension Tear.Manner {
  fileprivate var name: String {
    switch self {
    case .prefix: "torn at a byte"
    case .bits: "torn unit"
    case .scattered: "torn bits"
    case .weak: "weak"
    }
  }
}
