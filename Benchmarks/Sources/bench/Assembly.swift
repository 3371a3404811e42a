/// A program written in code: instructions with labels, turned into words.
struct Assembly {
  private(set) var words: [UInt32] = []
  private var labels: [String: Int] = [:]
  private var uses: [(index: Int, label: String, isRelative: Bool)] = []

  mutating func label(_ name: String) { labels[name] = words.count }

  mutating func emit(
    _ opcode: UInt32, _ d: UInt32 = 0, _ l: UInt32 = 0, _ r: UInt32 = 0, _ immediate: Int = 0
  ) {
    words.append(opcode << 24 | d << 20 | l << 16 | r << 12 | UInt32(truncatingIfNeeded: immediate) & 0xFFF)
  }

  mutating func ldi(_ d: UInt32, _ value: Int) { emit(0x01, d, 0, 0, value) }
  mutating func ldi32(_ d: UInt32, _ value: UInt32) {
    emit(0x60, d)
    words.append(value)
  }
  mutating func ld(_ d: UInt32, _ base: UInt32, _ offset: Int = 0) { emit(0x02, d, base, 0, offset) }
  mutating func ldb(_ d: UInt32, _ base: UInt32, _ offset: Int = 0) { emit(0x06, d, base, 0, offset) }
  mutating func st(_ base: UInt32, _ offset: Int, _ value: UInt32) { emit(0x03, 0, base, value, offset) }
  mutating func mov(_ d: UInt32, _ l: UInt32) { emit(0x04, d, l) }
  mutating func add(_ d: UInt32, _ l: UInt32, _ r: UInt32) { emit(0x10, d, l, r) }
  mutating func sub(_ d: UInt32, _ l: UInt32, _ r: UInt32) { emit(0x11, d, l, r) }
  mutating func and(_ d: UInt32, _ l: UInt32, _ r: UInt32) { emit(0x14, d, l, r) }
  mutating func xor(_ d: UInt32, _ l: UInt32, _ r: UInt32) { emit(0x16, d, l, r) }
  mutating func not(_ d: UInt32, _ l: UInt32) { emit(0x17, d, l) }
  mutating func cmp(_ l: UInt32, _ r: UInt32) { emit(0x20, 0, l, r) }
  mutating func lsr(_ d: UInt32, _ l: UInt32, _ r: UInt32) { emit(0x32, d, l, r) }
  mutating func push(_ l: UInt32) { emit(0x40, 0, l) }
  mutating func pop(_ d: UInt32) { emit(0x41, d) }
  mutating func ret() { emit(0x25) }
  mutating func jz(_ label: String) { branch(0x22, label) }
  mutating func jnz(_ label: String) { branch(0x23, label) }
  mutating func call(_ label: String) {
    uses.append((words.count, label, true))
    emit(0x24)
  }

  private mutating func branch(_ opcode: UInt32, _ label: String) {
    uses.append((words.count, label, false))
    emit(opcode)
  }

  /// The big-endian bytes, every label in its place.
  func code() -> [UInt8] {
    var words = words
    for use in uses {
      guard let target = labels[use.label] else { preconditionFailure("no label \(use.label)") }
      let value = use.isRelative ? target - use.index : target * 4
      words[use.index] |= UInt32(truncatingIfNeeded: value) & 0xFFF
    }
    return words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
  }
}
