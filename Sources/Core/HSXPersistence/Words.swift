import HSXHAL

/// Bytes of everything beside the ring of records: 32-bit words, the lowest byte first, of which the last is a CRC-32 over
/// the others. One flipped bit is corrected.
struct Words: Sendable {
  private var words = InlineArray<16, UInt32>(repeating: 0)
  /// Words, the CRC among them; at most 16.
  let count: Int

  init(_ count: Int) { self.count = count }

  /// Words of a superblock, of the two parts of a slot's descriptor, and of a record of the log.
  static var superblock: Int { 16 }
  static var identity: Int { 10 }
  static var about: Int { 14 }
  static var entry: Int { 8 }
  /// Words at the head of a page of the log, and of a copy of the trust blob.
  static var logHeader: Int { 8 }
  static var trust: Int { 5 }

  subscript(_ index: Int) -> UInt32 {
    get { words[index] }
    set { words[index] = newValue }
  }

  /// Two halves of a word.
  subscript(half index: Int) -> UInt16 {
    get { UInt16(truncatingIfNeeded: words[index &>> 1] &>> (index & 1 == 0 ? 0 : 16)) }
    set {
      let shift: UInt32 = index & 1 == 0 ? 0 : 16
      words[index &>> 1] = words[index &>> 1] & ~(0xFFFF &<< shift) | UInt32(newValue) &<< shift
    }
  }

  /// The CRC that belongs into the last word.
  private var checksum: UInt32 {
    var register = RecordCode.start
    for index in 0..<(count &- 1) { register = RecordCode.fold(register, words[index]) }
    return ~register
  }

  /// What a look at the memory found.
  enum Finding: UInt8 {
    case whole
    case corrected
    /// Erased or filled, each byte the erased value.
    case erased
    case damaged
  }

  /// Reads the words at `offset`.
  @inline(never)
  mutating func read<Memory: NonvolatileMemory & ~Copyable>(at offset: Int, in memory: inout Memory)
    -> Finding
  {
    var isErased = true
    let erased: UInt32 = memory.geometry.erasedValue == 0 ? 0 : .max
    for index in 0..<count {
      var bytes = InlineArray<4, UInt8>(repeating: 0)
      var span = bytes.mutableSpan
      do { try memory.read(at: offset &+ index &* 4, into: &span) } catch { return .damaged }
      let word =
        UInt32(bytes[0]) | UInt32(bytes[1]) &<< 8 | UInt32(bytes[2]) &<< 16 | UInt32(bytes[3]) &<< 24
      if word != erased { isErased = false }
      words[index] = word
    }
    if isErased { return .erased }
    let bits = (count &- 1) &* 32
    let syndrome = checksum ^ words[count &- 1]
    if syndrome == 0 { return .whole }
    let bit = RecordCode.flippedBit(syndrome, bits: bits)
    guard bit <= bits else { return .damaged }
    if bit < bits { words[bit &>> 5] ^= 1 &<< UInt32(truncatingIfNeeded: bit & 31) }
    words[count &- 1] = checksum
    return .corrected
  }

  /// Programs the words with their CRC and what fills up their last write unit, and reads them back.
  @inline(never)
  mutating func write<Memory: NonvolatileMemory & ~Copyable>(
    at offset: Int, in memory: inout Memory
  ) throws(StoreError) {
    words[count &- 1] = checksum
    var chunk = InlineArray<32, UInt8>(repeating: memory.geometry.erasedValue)
    let unit = memory.geometry.writeUnit > 4 ? memory.geometry.writeUnit : 4
    var filled = 0
    var position = offset
    for index in 0..<count {
      var word = words[index]
      for _ in 0..<4 {
        chunk[filled] = UInt8(truncatingIfNeeded: word)
        word &>>= 8
        filled &+= 1
      }
      guard filled == unit || index == count &- 1 else { continue }
      while filled < unit {
        chunk[filled] = memory.geometry.erasedValue
        filled &+= 1
      }
      do { try memory.program(chunk.span.extracting(0..<unit), at: position) } catch { throw .memory(error) }
      position &+= unit
      filled = 0
    }
    let expected = words[count &- 1]
    var found = Words(count)
    guard found.read(at: offset, in: &memory) == .whole, found[count &- 1] == expected else {
      throw .memory(.refused(at: offset))
    }
  }
}

extension NonvolatileMemory where Self: ~Copyable {
  /// Erases a stretch, or fills it with the erased value where nothing can be erased. Whole units.
  mutating func clear(from start: Int, size: Int) throws(StoreError) {
    let unit = geometry.eraseUnit
    let fill = InlineArray<32, UInt8>(repeating: geometry.erasedValue)
    // A power of two of at most 32 bytes divides every partition of a memory without erase units.
    let step = unit > 0 ? unit : geometry.writeUnit > 8 ? geometry.writeUnit : 8
    var offset = start
    while offset < start &+ size {
      do {
        if unit > 0 {
          try erase(sector: offset / unit)
        } else {
          try program(fill.span.extracting(0..<step), at: offset)
        }
      } catch {
        throw .memory(error)
      }
      offset &+= step
    }
  }

  /// `sync()`, with the store's error.
  mutating func settle() throws(StoreError) {
    do { try sync() } catch { throw .memory(error) }
  }
}
