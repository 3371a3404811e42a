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
  public func isDescriptorCorrected<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, in memory: inout Memory
  ) -> Bool {
    let start = layout.offset(ofSlot: Int(slot))
    var identity = Words(Words.identity)
    var about = Words(Words.about)
    let next = start + ImageDescriptor.aboutStart(memory.geometry.writeUnit)
    return identity.examine(at: start, in: &memory) == .corrected
      || about.examine(at: next, in: &memory) == .corrected
  }
}

extension Words {
  fileprivate enum Examination {
    case whole
    case corrected
    case erased
    case damaged
  }

  /// Reads the words, and says how they stand there.
  fileprivate mutating func examine<Memory: NonvolatileMemory & ~Copyable>(
    at offset: Int, in memory: inout Memory
  ) -> Examination {
    guard fetch(at: offset, size, in: &memory) else { return .damaged }
    let raw = self
    var isErased = true
    for index in 0..<size where raw.bytes[index] != memory.geometry.erasedValue { isErased = false }
    if isErased { return .erased }
    guard read(at: offset, in: &memory) else { return .damaged }
    for index in 0..<size where raw.bytes[index] != bytes[index] { return .corrected }
    return .whole
  }
}
