/// A program that is worth running: mostly valid, with loops, calls, odd addresses and ends in odd places.
struct RandomProgram {
  var words: [UInt32] = []
  var registers: [UInt32] = []
  var flags: UInt8 = 0
  var stackPointer: UInt32 = 0xFFFC
  var stackSize: UInt32 = 4096

  private static let arithmetic: [UInt32] = [
    0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x20, 0x31, 0x32, 0x33, 0x34, 0x35, 0x10, 0x11, 0x20,
  ]
  private static let loads: [UInt32] = [0x02, 0x06, 0x07, 0x03, 0x08, 0x09]
  private static let halves: [UInt32] = [0x50, 0x51, 0x52, 0x53, 0x54, 0x55]
  private static let numbers: [UInt32] = [
    0, 1, 2, 3, 4, 31, 32, 33, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFC, 0xFFFD, 0xFFFE, 0xFFFF,
    0x1_0000,
    0x3C00, 0x7C00, 0xFC00, 0x7E00, 0x7C01, 0x0001, 0x8001, 0x03FF, 0x0400, 0x7BFF, 0x8000,
  ]

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let count = 1 + random.below(100)
    registers = (0..<16).map { _ in Self.number(&random) }
    flags = UInt8(random.below(16))
    if random.chance(20) {
      stackPointer = random.pick([0x1_0000, 0xFFFF, 0xFFFD, 0xFFFC, 8, 4, 3, 0, 0xEFFC, 0xF000])
    }
    if random.chance(30) { stackSize = random.pick([0, 4, 8, 16, 64, 4096, 0xFFFC]) }
    while words.count < count { words.append(Self.word(&random, words.count, count)) }
    if random.chance(20) { words[count - 1] = 0x60 << 24 | UInt32(random.below(16)) << 20 }
  }

  static func number(_ random: inout SeededGenerator) -> UInt32 {
    random.chance(50) ? random.pick(numbers) : UInt32(truncatingIfNeeded: random.next())
  }

  private static func word(_ random: inout SeededGenerator, _ index: Int, _ count: Int) -> UInt32 {
    func field(_ shift: UInt32) -> UInt32 { UInt32(random.below(16)) << shift }
    let operands = field(20) | field(16) | field(12)
    let immediate = UInt32(random.below(0x1000))
    switch random.below(100) {
    case 0..<38: return random.pick(arithmetic) << 24 | operands | immediate
    case 38..<48: return random.pick([0x01, 0x04, 0x04]) << 24 | operands | immediate
    case 48..<52: return 0x60 << 24 | operands
    case 52..<62:
      // Half of them close to the base, where the interesting addresses are.
      let offset = random.chance(50) ? UInt32(truncatingIfNeeded: random.below(9) - 4) & 0xFFF : immediate
      return random.pick(loads) << 24 | operands | offset
    case 62..<68: return random.pick(halves) << 24 | operands
    case 68..<80:
      // Mostly into the code, any word of it; now and then behind it or between words.
      let target =
        random.chance(94)
        ? UInt32(random.below(count)) * 4 : random.chance(50) ? UInt32(count) * 4 : immediate
      return random.pick([0x21, 0x22, 0x23, 0x22, 0x23]) << 24 | operands | target & 0xFFF
    case 80..<85:
      let distance = random.below(count) - index
      let base = random.chance(80) ? operands & ~(15 << 16) : operands
      return 0x24 << 24 | base | UInt32(truncatingIfNeeded: distance) & 0xFFF
    case 85..<89: return 0x25 << 24 | operands
    case 89..<93: return 0x40 << 24 | operands
    case 93..<97: return 0x41 << 24 | operands
    case 97: return random.pick([0x30, 0x7F]) << 24 | immediate
    case 98: return UInt32(truncatingIfNeeded: random.next())
    default: return 0x01 << 24 | operands | UInt32(random.below(count)) * 4
    }
  }
}
