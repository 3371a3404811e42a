import HXE

/// Bytes at most of a mutated input, so that memory stays bounded.
let inputLimit = 1 << 19

/// Changes of the kinds that hurt an image: bits, numbers at the edges, cuts, copies, another's piece. Three of
/// four get a CRC that fits, so that what is behind it is judged too.
func mutatedImage(_ corpus: Corpus, _ random: inout Random) -> [UInt8] {
  var bytes = random.pick(random.below(4) == 0 ? corpus.images : corpus.goodImages)
  let edges: [UInt32] = [
    0, 1, 2, 3, 4, 20, 0x20, 0x60, 0xC000, 0xC001, 0xFFFC, 0xFFFF, 0x1_0000, 0x1_0001, 0x7FFF_FFFF,
    0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFC, 0xFFFF_FFFF,
  ]
  for _ in 0..<random.below(5) where !bytes.isEmpty {
    // The header and the metadata are where the rules are.
    let isNearStart = random.below(2) == 0
    let place = random.below(isNearStart ? min(bytes.count, 192) : bytes.count)
    switch random.below(9) {
    case 0: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1: bytes[place] = random.byte()
    case 2: store(random.pick(edges), at: place & ~3, &bytes)
    case 3: store(UInt32(random.below(bytes.count + 64)), at: place & ~3, &bytes)
    case 4: bytes.removeLast(min(bytes.count, random.below(40)))
    case 5: bytes.insert(contentsOf: (0..<random.below(6)).map { _ in random.byte() }, at: place)
    case 6: bytes[place] = bytes[random.below(bytes.count)]
    case 7: bytes.removeSubrange(place..<min(bytes.count, place + random.below(8)))
    default:
      let other = random.pick(corpus.images)
      let start = random.below(other.count)
      let piece = other[start..<min(other.count, start + random.below(64))]
      bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
    }
  }
  return random.below(4) == 0 ? bytes : sealed(bytes)
}

/// The bytes with the CRC that the format wants, if they have room for one.
func sealed(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  let field = Int(HeaderPlace.crc32)
  guard bytes.count >= field + 4 else { return bytes }
  let length = UInt32(clamping: bytes.count)
  var parser = ImageParser(totalBytes: length, limits: .desktop, checksum: .fast)
  var position = 0
  do throws(ImageError) {
    while try parser.next(in: bytes.span, at: &position) != nil {}
    try parser.finish()
  } catch {
    // Only a CRC that is wrong tells which is right; anything else is refused whatever the CRC.
    if error.reason == .crcMismatch { store(error.found, at: field, &bytes) }
  }
  return bytes
}

private enum HeaderPlace {
  /// Where the CRC stands in a header.
  static let crc32: UInt32 = 0x1C
}

private func store(_ value: UInt32, at place: Int, _ bytes: inout [UInt8]) {
  guard place + 4 <= bytes.count else { return }
  for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * index)) }
}

/// Changes of a text: pieces of its language, single bytes, cuts, repetitions, another's piece.
func mutatedText(_ texts: [[UInt8]], pieces: [[UInt8]], _ random: inout Random) -> [UInt8] {
  var text = random.pick(texts)
  for _ in 0..<random.below(7) {
    let place = random.below(text.count + 1)
    switch random.below(7) {
    case 0: text.insert(random.byte(), at: place)
    case 1: if place < text.count { text[place] = random.byte() }
    case 2: text.removeSubrange(place..<min(place + random.below(12), text.count))
    case 3: text.insert(contentsOf: random.pick(pieces), at: place)
    case 4:
      let piece = text[place..<min(place + random.below(40), text.count)]
      text.insert(contentsOf: piece, at: random.below(text.count + 1))
    case 5:
      let other = random.pick(texts)
      let start = random.below(other.count + 1)
      text.insert(contentsOf: other[start..<min(other.count, start + random.below(80))], at: place)
    default:
      let piece = random.pick(pieces)
      for _ in 0..<random.below(60) { text.insert(contentsOf: piece, at: place) }
    }
  }
  return Array(text.prefix(inputLimit))
}
