/// The machine once more, written from the table of the specification and nothing else: slow, 64-bit and plain.
struct NaiveMachine: Equatable {
  enum Stop: Equatable {
    case systemCall(Int, Int)
    case breakpoint(Int)
    case returned
    case illegal, outside, memory, overflow, underflow, division, codeEnd
  }

  var code: [UInt32]
  var registers = [Int64](repeating: 0, count: 16)
  var pc: Int64 = 0
  var sp: Int64 = 0xFFFC
  var limit: Int64 = 0xEFFC
  var depth: Int64 = 0
  var z = false
  var c = false
  var n = false
  var v = false
  var memory = [UInt8](repeating: 0, count: 0x1_0000)
  var retired = 0

  init(code: [UInt32]) { self.code = code }

  private static let two32: Int64 = 1 << 32

  private static func unsigned(_ value: Int64) -> Int64 { value & (two32 - 1) }
  private static func signed(_ value: Int64) -> Int64 { value >= two32 / 2 ? value - two32 : value }

  private mutating func fail(_ stop: Stop, _ result: Int64) -> Stop {
    registers[0] = result
    return stop
  }

  private mutating func setZN(_ value: Int64) {
    z = value == 0
    n = value >= Self.two32 / 2
  }

  private mutating func sum(_ a: Int64, _ b: Int64, _ carry: Int64) -> Int64 {
    let total = a + b + carry
    let result = Self.unsigned(total)
    let addend = Self.signed(Self.unsigned(b + carry))
    setZN(result)
    c = total >= Self.two32
    v = Self.signed(a) + addend != Self.signed(result)
    return result
  }

  private mutating func difference(_ a: Int64, _ b: Int64, _ borrow: Int64) -> Int64 {
    let total = a - b - borrow
    let result = Self.unsigned(total)
    let subtrahend = Self.signed(Self.unsigned(b + borrow))
    setZN(result)
    c = total >= 0
    v = Self.signed(a) - subtrahend != Self.signed(result)
    return result
  }

  private mutating func plain(_ value: Int64) -> Int64 {
    let result = Self.unsigned(value)
    setZN(result)
    c = false
    v = false
    return result
  }

  private mutating func shift(_ a: Int64, _ count: Int64, _ result: Int64, lastOut: Int64) -> Int64 {
    setZN(Self.unsigned(result))
    v = false
    if count != 0 { c = lastOut & 1 == 1 }
    return Self.unsigned(result)
  }

  private func load(_ address: Int64, _ bytes: Int64) -> Int64 {
    var value: Int64 = 0
    for index in 0..<bytes { value += Int64(memory[Int(address + index)]) << (8 * index) }
    return value
  }

  private mutating func store(_ value: Int64, _ address: Int64, _ bytes: Int64) {
    for index in 0..<bytes { memory[Int(address + index)] = UInt8((value >> (8 * index)) & 0xFF) }
  }

  /// Retires one instruction; gives why it could not go on, if so.
  mutating func step() -> Stop? {
    guard pc >= 0, pc % 4 == 0, pc / 4 < code.count else { return .outside }
    let word = Int64(code[Int(pc / 4)])
    let op = word >> 24
    let rd = Int((word >> 20) & 15)
    let s1 = Int((word >> 16) & 15)
    let a = registers[s1]
    let b = registers[Int((word >> 12) & 15)]
    let imm = word & 0xFFF
    let simm = imm >= 0x800 ? imm - 0x1000 : imm
    let place = (a + simm) & 0xFFFF
    var next = pc + 4
    var stop: Stop?

    switch op {
    case 0x01: registers[rd] = Self.unsigned(simm)
    case 0x02, 0x06, 0x07:
      let bytes: Int64 = op == 0x02 ? 4 : op == 0x06 ? 1 : 2
      if place + bytes > 0x1_0000 { return fail(.memory, 0xFFFF_FF04) }
      registers[rd] = load(place, bytes)
    case 0x03, 0x08, 0x09:
      let bytes: Int64 = op == 0x03 ? 4 : op == 0x08 ? 1 : 2
      if place + bytes > 0x1_0000 { return fail(.memory, 0xFFFF_FF04) }
      store(b, place, bytes)
    case 0x04: registers[rd] = a
    case 0x10: registers[rd] = sum(a, b, 0)
    case 0x11: registers[rd] = difference(a, b, 0)
    case 0x12:
      let (high, low) = UInt32(a).multipliedFullWidth(by: UInt32(b))
      registers[rd] = Int64(low)
      setZN(Int64(low))
      c = high != 0
      v = high != 0
    case 0x13:
      if b == 0 { return fail(.division, 0xFFFF_FF05) }
      registers[rd] = plain(Self.signed(a) / Self.signed(b))
    case 0x14: registers[rd] = plain(a & b)
    case 0x15: registers[rd] = plain(a | b)
    case 0x16: registers[rd] = plain(a ^ b)
    case 0x17: registers[rd] = plain(~a)
    case 0x20: _ = difference(a, b, 0)
    case 0x21: next = imm
    case 0x22: if z { next = imm }
    case 0x23: if !z { next = imm }
    case 0x24:
      if sp - 4 < limit { return fail(.overflow, 0xFFFF_FF03) }
      sp -= 4
      store(pc + 4, sp, 4)
      next = ((s1 != 0 ? a : pc) + 4 * simm) & 0xFFFF
      registers[15] = sp
      depth += 1
    case 0x25:
      if depth == 0 { return .returned }
      if sp + 4 > 0x1_0000 { return fail(.underflow, 0xFFFF_FF02) }
      next = load(sp, 4)
      sp += 4
      registers[15] = sp
      depth -= 1
    case 0x30: stop = .systemCall(Int(imm >> 8), Int(imm & 0xFF))
    case 0x31:
      let count = b & 31
      registers[rd] = shift(a, count, a << count, lastOut: (a << count) >> 32)
    case 0x32:
      let count = b & 31
      registers[rd] = shift(a, count, a >> count, lastOut: count == 0 ? 0 : a >> (count - 1))
    case 0x33:
      let count = b & 31
      let value = Self.signed(a)
      registers[rd] = shift(a, count, value >> count, lastOut: count == 0 ? 0 : value >> (count - 1))
    case 0x34: registers[rd] = sum(a, b, c ? 1 : 0)
    case 0x35: registers[rd] = difference(a, b, c ? 0 : 1)
    case 0x40:
      if sp - 4 < limit { return fail(.overflow, 0xFFFF_FF03) }
      sp -= 4
      store(a, sp, 4)
      registers[15] = sp
    case 0x41:
      if sp + 4 > 0x1_0000 { return fail(.underflow, 0xFFFF_FF02) }
      let value = load(sp, 4)
      sp += 4
      registers[15] = sp
      registers[rd] = value
    case 0x50, 0x51, 0x52, 0x53:
      let result = Self.half(op, Int(a & 0xFFFF), Int(b & 0xFFFF))
      registers[rd] = registers[rd] / 0x1_0000 * 0x1_0000 + Int64(result)
    case 0x54:
      let result = Half.rounded(Double(Self.signed(a)))
      registers[rd] = registers[rd] / 0x1_0000 * 0x1_0000 + Int64(result)
    case 0x55:
      let value = Half.value(Int(a & 0xFFFF))
      if value.isNaN {
        registers[rd] = 0
      } else {
        registers[rd] = Self.unsigned(
          Int64(max(-2_147_483_648, min(2_147_483_647, value.rounded(.towardZero)))))
      }
    case 0x60:
      if pc / 4 + 1 >= code.count { return .codeEnd }
      registers[rd] = Int64(code[Int(pc / 4 + 1)])
      next = pc + 8
    case 0x7F: stop = .breakpoint(Int(imm & 0xFF))
    default: stop = .illegal
    }
    pc = next
    retired += 1
    return stop
  }

  private static func half(_ op: Int64, _ a: Int, _ b: Int) -> Int {
    let (x, y) = (Half.value(a), Half.value(b))
    switch op {
    case 0x50: return Half.rounded(x + y)
    case 0x51: return Half.rounded(x - y)
    case 0x52: return Half.rounded(x * y)
    default:
      if y == 0, x.isFinite { return a & 0x8000 }
      if y == 0 { return 0x7E00 }
      return Half.rounded(x / y)
    }
  }
}

/// Binary16 by the definition of IEEE 754, through Double: sums and products of two are exact there, and a
/// quotient of 11-bit numbers that is no tie at 11 bits is none at 53.
enum Half {
  static func value(_ bits: Int) -> Double {
    let sign = bits & 0x8000 != 0 ? -1.0 : 1.0
    let exponent = (bits >> 10) & 31
    let fraction = Double(bits & 0x3FF)
    switch exponent {
    case 31: return fraction == 0 ? sign * .infinity : .nan
    case 0: return sign * fraction * Double(sign: .plus, exponent: -24, significand: 1)
    default: return sign * (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
    }
  }

  static func rounded(_ number: Double) -> Int {
    if number.isNaN { return 0x7E00 }
    let sign = number.sign == .minus ? 0x8000 : 0
    let magnitude = number.magnitude
    if magnitude >= 65520 { return sign | 0x7C00 }
    // The spacing of binary16 numbers around this one; numbers below 2^-14 lie 2^-24 apart.
    let exponent = magnitude == 0 ? -14 : max(-14, Int(magnitude.exponent))
    let unit = Double(sign: .plus, exponent: exponent - 10, significand: 1)
    let count = Int((magnitude / unit).rounded(.toNearestOrEven))
    // Numbers in order of their bits are in order of size: 2^10 units to a step of the exponent.
    return sign | (count + (exponent + 14) * 1024)
  }
}
