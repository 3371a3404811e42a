/// The bytes with a few changes of the kinds that hurt: bits, numbers at the edges, cuts, copies. Most get a CRC
/// that fits, so that what is behind it is judged too.
func mutated(_ bytes: [UInt8], _ generator: inout Generator) -> [UInt8] {
  var bytes = bytes
  for _ in 0...generator.below(3) where !bytes.isEmpty {
    let place = generator.below(bytes.count)
    switch generator.below(6) {
    case 0: bytes[place] ^= 1 << UInt8(generator.below(8))
    case 1: bytes[place] = generator.byte()
    case 2:
      let edges: [UInt32] = [
        0, 1, 2, 3, 4, 0x20, 0x60, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0xFFFF_FFF0, 0xFFFF_FFFF,
      ]
      let aligned = place & ~3
      if aligned + 4 <= bytes.count {
        bytes.replaceSubrange(aligned..<(aligned + 4), with: word(generator.pick(edges)))
      }
    case 3: bytes.removeLast(min(bytes.count, generator.below(30)))
    case 4: bytes.insert(contentsOf: generator.bytes(generator.below(5)), at: place)
    default:
      let other = generator.below(bytes.count)
      bytes[place] = bytes[other]
    }
  }
  return generator.below(4) == 0 ? bytes : sealed(bytes)
}
