import HSXAssembler

/// A small seeded generator, so that every run tries the same.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// Half way between two neighbouring binary16 numbers.
  mutating func midpoint() -> Double {
    let low = Float16(bitPattern: UInt16(truncatingIfNeeded: next()) & 0xFBFF)
    return (Double(low) + Double(low.nextUp)) / 2
  }

  mutating func text() -> [UInt8] {
    let letters: [Unicode.Scalar] = [
      "a", "Z", "0", "\"", "\\", "/", "\n", "\r", "\t", "\u{8}", "\u{C}", "\u{0}", "\u{1F}", "\u{7F}", "é",
      "\u{301}",
      "€", "\u{FFFF}", "\u{E000}", "\u{D7FF}", "😀", "\u{10FFFF}", " ", "~",
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<below(6) { text.append(letters[below(letters.count)]) }
    return Array(String(text).utf8)
  }

  mutating func json(depth: Int) -> JSONValue {
    switch below(depth < 4 ? 9 : 7) {
    case 0: .null
    case 1: .bool(below(2) == 0)
    case 2: .integer("\(Int64(bitPattern: next() >> UInt64(below(64))))")
    case 3: .integer("1" + String(repeating: "7", count: below(60)))
    case 4: .number(finite(Double(bitPattern: next())))
    case 5: .number(Double(below(2_000_000) - 1_000_000) / 1000)
    case 6: .string(text())
    case 7: .array((0..<below(5)).map { _ in json(depth: depth + 1) })
    default: object(depth: depth)
    }
  }

  private mutating func object(depth: Int) -> JSONValue {
    var members = [JSONValue.Member]()
    for _ in 0..<below(6) {
      let key = text()
      if members.contains(where: { $0.key == key }) { continue }
      members.append(JSONValue.Member(key, json(depth: depth + 1)))
    }
    return .object(members)
  }

  private func finite(_ number: Double) -> Double { number.isFinite ? number : 0.5 }
}
