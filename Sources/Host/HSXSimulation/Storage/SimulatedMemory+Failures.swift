import HSXHAL

/// A program or an erase that the device will refuse.
public struct MemoryFailure: Hashable, Sendable {
  /// Which of the two.
  public enum Kind: Hashable, Sendable {
    /// A program.
    case program
    /// An erase.
    case erase
  }

  /// What is refused.
  public var kind: Kind
  /// How many of them go well before, counted from when the failure is added.
  public var after: Int
  /// Whether all that follow are refused too.
  public var isLasting: Bool
  /// What a refused program leaves: nothing if nil, else this seed's half of its bits.
  public var seed: UInt32?
  /// Whether the device claims that it did what it was asked; of programs only.
  public var isSilent: Bool

  /// A failure of these.
  public init(_ kind: Kind, after: Int, isLasting: Bool, seed: UInt32? = nil, isSilent: Bool = false) {
    self.kind = kind
    self.after = after
    self.isLasting = isLasting
    self.seed = seed
    self.isSilent = isSilent
  }
}

extension SimulatedMemory {
  /// Lets the device fail from some operation on.
  public mutating func fail(_ failure: MemoryFailure) {
    var failure = failure
    failure.after += failure.kind == .program ? programs : erases.reduce(0, +)
    failures.append(failure)
  }

  /// Lets the device refuse to read any of these bytes until it is repaired.
  public mutating func refuseReads(of bytes: Range<Int>) { refusedReads = bytes }

  /// Lets the device work again.
  public mutating func repair() {
    failures = []
    refusedReads = 0..<0
  }

  /// Lets the bit number `bit` of the memory read as `isSet` from now on, whatever is written.
  public mutating func stick(bit: Int, isSet: Bool) { stuck.append((bit, isSet)) }

  /// Flips the bit number `bit` of the memory, at rest. With an error-correcting code this stands for what the code did not
  /// notice.
  public mutating func flip(bit: Int) { bytes[bit / 8] ^= 1 << UInt8(bit % 8) }

  /// The byte at `offset`, as it would read.
  public func byte(at offset: Int) -> UInt8 { bytes[offset] }

  func failure(of kind: MemoryFailure.Kind, number: Int) -> MemoryFailure? {
    failures.first { $0.kind == kind && ($0.isLasting ? number > $0.after : number == $0.after + 1) }
  }

  mutating func leave(_ failure: MemoryFailure, _ source: Span<UInt8>, at offset: Int) {
    markUsed(offset..<offset + source.count)
    guard let seed = failure.seed, family == .nor else { return }
    tear(source, at: offset, after: 0, .scattered(seed: seed))
  }
}
