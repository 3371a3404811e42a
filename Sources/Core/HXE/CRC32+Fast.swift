extension CRC32.Algorithm {
  /// Five words of eight bytes at a time, braided as zlib does it, for hosts. Its tables (9 KiB) are made at
  /// the first use.
  public static var fast: CRC32.Algorithm { CRC32.Algorithm(update: updateFast) }
}

// The bytes are cut into blocks of five words. Word n of every block belongs to braid n, whose register runs
// over its own words alone, so the processor works on all braids at once. A byte's part in its braid's register
// is that byte followed by the zeros up to the braid's next word. The last block puts the braids together by
// feeding each word, with the register so far, through in order.
private let wordBytes = 8
private let blockBytes = 5 * wordBytes

/// Nine tables of 256: those of the word's bytes, first byte first, then that of a byte alone.
private let tables = makeTables()
private let byteTable = 8 * 256
private let tablesCount = 9 * 256

private func makeTables() -> [UInt32] {
  var tables = [UInt32](repeating: 0, count: tablesCount)
  for index in 0..<256 {
    var register = UInt32(truncatingIfNeeded: index)
    for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 0 ? 0 : 0xEDB8_8320) }
    tables[byteTable + index] = register
  }
  for index in 0..<256 {
    var register = tables[byteTable + index]
    // The byte `zeros` before the end of its block is the one of lane `blockBytes - 1 - zeros`.
    for zeros in 1..<blockBytes {
      register = register >> 8 ^ tables[byteTable + Int(register & 0xFF)]
      let lane = blockBytes - 1 - zeros
      if lane < wordBytes { tables[lane * 256 + index] = register }
    }
  }
  return tables
}

private func updateFast(_ register: UInt32, _ bytes: Span<UInt8>) -> UInt32 {
  let table = tables.span
  // Never false; said here, it takes the bounds check out of every look-up below.
  guard table.count == tablesCount else { return register }
  var crc = register
  var offset = 0
  if bytes.count >= 2 * blockBytes {
    var crc1: UInt32 = 0
    var crc2: UInt32 = 0
    var crc3: UInt32 = 0
    var crc4: UInt32 = 0
    let last = bytes.count - bytes.count % blockBytes - blockBytes
    while offset < last {
      let block = bytes.extracting(offset..<(offset &+ blockBytes))
      let word0 = UInt64(crc) ^ word(block, 0)
      let word1 = UInt64(crc1) ^ word(block, 8)
      let word2 = UInt64(crc2) ^ word(block, 16)
      let word3 = UInt64(crc3) ^ word(block, 24)
      let word4 = UInt64(crc4) ^ word(block, 32)
      crc = braided(word0, table)
      crc1 = braided(word1, table)
      crc2 = braided(word2, table)
      crc3 = braided(word3, table)
      crc4 = braided(word4, table)
      offset &+= blockBytes
    }
    let block = bytes.extracting(offset..<(offset &+ blockBytes))
    crc = whole(UInt64(crc) ^ word(block, 0), table)
    crc = whole(UInt64(crc1 ^ crc) ^ word(block, 8), table)
    crc = whole(UInt64(crc2 ^ crc) ^ word(block, 16), table)
    crc = whole(UInt64(crc3 ^ crc) ^ word(block, 24), table)
    crc = whole(UInt64(crc4 ^ crc) ^ word(block, 32), table)
    offset &+= blockBytes
  }
  while offset < bytes.count {
    crc = crc >> 8 ^ look(byteTable, UInt64(crc ^ UInt32(bytes[offset])), table)
    offset &+= 1
  }
  return crc
}

/// The register of the braid that `word` belongs to, at the braid's next word.
@inline(__always)
private func braided(_ word: UInt64, _ table: Span<UInt32>) -> UInt32 {
  let first = look(0, word, table) ^ look(256, word >> 8, table)
  let second = look(512, word >> 16, table) ^ look(768, word >> 24, table)
  let third = look(1024, word >> 32, table) ^ look(1280, word >> 40, table)
  let fourth = look(1536, word >> 48, table) ^ look(1792, word >> 56, table)
  return first ^ second ^ third ^ fourth
}

/// The register behind the eight bytes mixed into `word`.
@inline(__always)
private func whole(_ word: UInt64, _ table: Span<UInt32>) -> UInt32 {
  var word = word
  for _ in 0..<wordBytes { word = word >> 8 ^ UInt64(look(byteTable, word, table)) }
  return UInt32(truncatingIfNeeded: word)
}

/// What the table that begins at `start` holds for the lowest byte of `word`.
@inline(__always)
private func look(_ start: Int, _ word: UInt64, _ table: Span<UInt32>) -> UInt32 {
  table[start &+ Int(truncatingIfNeeded: word & 0xFF)]
}

/// The eight bytes from `offset`, the lowest first; the compiler makes one load of it.
@inline(__always)
private func word(_ bytes: Span<UInt8>, _ offset: Int) -> UInt64 {
  let low = UInt64(bytes.littleEndianUInt32(at: offset))
  return low | UInt64(bytes.littleEndianUInt32(at: offset &+ 4)) << 32
}
