extension CRC32.Algorithm {
  /// Four words of eight bytes at a time by shifts alone, for hosts; what is left over by tables (8 KiB), which
  /// are made at the first use.
  public static var fast: CRC32.Algorithm { CRC32.Algorithm(update: updateFast) }
}

// The message is a polynomial, its first bit the highest power. The CRC's polynomial divides
// x^300 + x^155 + x^117 + x^89 + 1, so a bit may be struck out if those 145, 183, 211 and 300 places behind it are
// flipped: the remainder stays. A word has no part in what becomes of itself and the next, so the words are struck
// out from the front two and two, until only the last are left to divide. (K. Russell, "Chorba", 2024.)
private let wordBytes = 8
private let blockBytes = 4 * wordBytes
/// How far the flips of a block reach behind it.
private let reachBytes = 5 * wordBytes

/// Eight tables of 256: the register that a byte leaves with 0 to 7 bytes of zeros behind it.
private let tables = makeTables()
private let tablesCount = 8 * 256

private func makeTables() -> [UInt32] {
  var tables = [UInt32](repeating: 0, count: tablesCount)
  for index in 0..<256 {
    var register = UInt32(truncatingIfNeeded: index)
    for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 0 ? 0 : 0xEDB8_8320) }
    tables[index] = register
  }
  for place in 256..<tablesCount {
    let register = tables[place - 256]
    tables[place] = register >> 8 ^ tables[Int(register & 0xFF)]
  }
  return tables
}

private func updateFast(_ register: UInt32, _ bytes: Span<UInt8>) -> UInt32 {
  let table = tables.span
  // Never false; said here, it takes the bounds check out of every look-up below.
  guard table.count == tablesCount else { return register }
  var crc = register
  var offset = 0
  if bytes.count >= blockBytes + reachBytes {
    var flips = Flips(UInt64(crc), 0, 0, 0, 0)
    let last = bytes.count - blockBytes - reachBytes
    while offset <= last {
      flips.pass(bytes.extracting(offset..<(offset &+ blockBytes)))
      offset &+= blockBytes
    }
    let rest = bytes.extracting(offset..<(offset &+ reachBytes))
    crc = folded(flips.first ^ word(rest, 0), table)
    crc = folded(flips.second ^ word(rest, 8) ^ UInt64(crc), table)
    crc = folded(flips.third ^ word(rest, 16) ^ UInt64(crc), table)
    crc = folded(flips.fourth ^ word(rest, 24) ^ UInt64(crc), table)
    crc = folded(flips.fifth ^ word(rest, 32) ^ UInt64(crc), table)
    offset &+= reachBytes
  }
  while bytes.count &- offset >= wordBytes {
    let bytes = bytes.extracting(offset..<(offset &+ wordBytes))
    crc = folded(word(bytes, 0) ^ UInt64(crc), table)
    offset &+= wordBytes
  }
  while offset < bytes.count {
    crc = crc >> 8 ^ look(0, UInt64(crc ^ UInt32(bytes[offset])), table)
    offset &+= 1
  }
  return crc
}

/// What the words that were struck out flip in the five that come next.
private struct Flips {
  var first: UInt64
  var second: UInt64
  var third: UInt64
  var fourth: UInt64
  var fifth: UInt64

  init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64, _ fifth: UInt64) {
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
    self.fifth = fifth
  }

  /// Strikes out the four words of a block.
  @inline(__always)
  mutating func pass(_ block: Span<UInt8>) {
    let a = Struck(word(block, 0) ^ first)
    let b = Struck(word(block, 8) ^ second)
    let c = Struck(word(block, 16) ^ third ^ a.second)
    let d = Struck(word(block, 24) ^ fourth ^ a.third ^ b.second)
    first = fifth ^ a.fourth ^ b.third ^ c.second
    second = a.fifth ^ b.fourth ^ c.third ^ d.second
    third = b.fifth ^ c.fourth ^ d.third
    fourth = c.fifth ^ d.fourth
    fifth = d.fifth
  }
}

/// What a word that is struck out flips in the second to the fifth word behind it.
private struct Struck {
  let second: UInt64
  let third: UInt64
  let fourth: UInt64
  let fifth: UInt64

  @inline(__always)
  init(_ word: UInt64) {
    second = word &<< 17 ^ word &<< 55
    third = word &>> 47 ^ word &>> 9 ^ word &<< 19
    fourth = word &>> 45 ^ word &<< 44
    fifth = word &>> 20
  }
}

/// The register behind the eight bytes mixed into `word`.
@inline(__always)
private func folded(_ word: UInt64, _ table: Span<UInt32>) -> UInt32 {
  let first = look(1792, word, table) ^ look(1536, word >> 8, table)
  let second = look(1280, word >> 16, table) ^ look(1024, word >> 24, table)
  let third = look(768, word >> 32, table) ^ look(512, word >> 40, table)
  let fourth = look(256, word >> 48, table) ^ look(0, word >> 56, table)
  return first ^ second ^ third ^ fourth
}

/// What the table that begins at `start` holds for the lowest byte of `word`.
@inline(__always)
private func look(_ start: Int, _ word: UInt64, _ table: Span<UInt32>) -> UInt32 {
  table[start &+ Int(truncatingIfNeeded: word & 0xFF)]
}

/// The eight bytes from `offset`, the lowest first; the compiler makes one load of it.
@inline(__always)
private func word(_ bytes: Span<UInt8>, _ offset: Int) -> UInt64 {
  // Said once for all eight.
  let eight = bytes.extracting(offset..<(offset &+ wordBytes))
  let low = UInt64(eight[0]) | UInt64(eight[1]) << 8 | UInt64(eight[2]) << 16 | UInt64(eight[3]) << 24
  let high = UInt64(eight[4]) | UInt64(eight[5]) << 8 | UInt64(eight[6]) << 16 | UInt64(eight[7]) << 24
  return low | high << 32
}
