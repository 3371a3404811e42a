public import HSXHAL

/// The units for which a store was laid out, for a medium that does not tell its own: an EEPROM behind a driver.
public struct SuperblockUnits: Equatable, Sendable {
  /// Bytes that are programmed together.
  public let writeUnit: Int
  /// Bytes that are erased together; 0 if the store simply overwrites them.
  public let eraseUnit: Int

  /// What the first superblock says that can be read; nil if none can. Whether it fits the memory is for mounting to say.
  ///
  /// The second copy stands where the erase unit ends that is sought. It is found if that is a power of two. Reads at
  /// most 64 bytes at each power of two, and writes nothing; the memory's own units do not matter.
  public init?<Memory: NonvolatileMemory & ~Copyable>(in memory: inout Memory) {
    var offset = 0
    while offset <= memory.geometry.size &- Layout.superblockSize {
      var words = Words(Words.superblock)
      if words.read(at: offset, in: &memory), words[0] == Layout.magic, words[3] <= 0x4000_0000 {
        let unit = Int(truncatingIfNeeded: words[3])
        if offset == 0 || unit == 0 || unit == offset {
          (writeUnit, eraseUnit) = (Int(words[1] &>> 16 & 0xFF), unit)
          return
        }
      }
      offset = offset == 0 ? Layout.superblockSize : offset &* 2
    }
    return nil
  }
}
