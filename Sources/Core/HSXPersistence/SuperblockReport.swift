public import HSXHAL

/// What stands where one copy of the superblock belongs, for tools that show it.
public struct SuperblockReport: Equatable, Sendable {
  /// What it is.
  public enum Finding: Equatable, Sendable {
    /// A superblock of this memory.
    case whole
    /// The same with one flipped bit, which is corrected in reading.
    case corrected
    /// Nothing.
    case erased
    /// A superblock of a memory of another size, in bytes.
    case otherSize(Int)
    /// A superblock that this version does not know, or that does not fit this memory.
    case unsuitable
    /// Anything else.
    case damaged
  }

  /// Its first byte.
  public let offset: Int
  /// What it is.
  public let finding: Finding
  /// What it says, if it is one of this memory.
  public let layout: Layout?

  /// Reads `copy`, 0 or 1. Writes nothing; a memory that is too small for it has none.
  public init<Memory: NonvolatileMemory & ~Copyable>(copy: Int, in memory: inout Memory) {
    let geometry = memory.geometry
    offset = Layout.superblock(copy, geometry)
    var words = Words(Words.superblock)
    let found = words.examine(at: offset, in: &memory)
    let isMarked = words[0] == Layout.magic
    switch found {
    case .erased:
      (finding, layout) = (.erased, nil)
    case .damaged:
      (finding, layout) = (.damaged, nil)
    case .whole, .corrected:
      if let layout = Layout(words, geometry) {
        self.layout = layout
        finding = found == .whole ? .whole : .corrected
      } else if isMarked, words[2] != UInt32(truncatingIfNeeded: geometry.size) {
        (finding, layout) = (.otherSize(Int(truncatingIfNeeded: words[2])), nil)
      } else {
        (finding, layout) = (isMarked ? .unsuitable : .damaged, nil)
      }
    }
  }
}

extension Store {
  /// Whether a flipped bit is corrected whenever the descriptor of `slot` is read. Writes nothing.
  public mutating func isDescriptorCorrected<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, in memory: inout Memory
  ) -> Bool {
    var identity = Words(Words.identity)
    var about = Words(Words.about)
    let next = place(&about, Int(slot), memory.geometry.writeUnit)
    return identity.examine(at: start(Int(slot)), in: &memory) == .corrected
      || about.examine(at: next, in: &memory) == .corrected
  }
}

extension Words {
  /// What a look at the memory found.
  enum Finding: UInt8 {
    case whole
    case corrected
    /// Erased or filled, each byte the erased value.
    case erased
    case damaged
  }

  /// Reads the words at `offset`, and says how they were found.
  mutating func examine<Memory: NonvolatileMemory & ~Copyable>(
    at offset: Int, in memory: inout Memory
  ) -> Finding {
    var raw = self
    if raw.isErased(at: offset, in: &memory) { return .erased }
    guard read(at: offset, in: &memory) else { return .damaged }
    return Words.areSame(&raw, &self, size) && raw[size / 4 - 1] == checksum() ? .whole : .corrected
  }
}
