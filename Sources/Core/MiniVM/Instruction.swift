/// The operations, by the number in a word's high byte.
enum Opcode: UInt8, CaseIterable {
  case ldi = 0x01
  case ld = 0x02
  case st = 0x03
  case mov = 0x04
  case ldb = 0x06
  case ldh = 0x07
  case stb = 0x08
  case sth = 0x09
  case add = 0x10
  case sub = 0x11
  case mul = 0x12
  case div = 0x13
  case and = 0x14
  case or = 0x15
  case xor = 0x16
  case not = 0x17
  case cmp = 0x20
  case jmp = 0x21
  case jz = 0x22
  case jnz = 0x23
  case call = 0x24
  case ret = 0x25
  case svc = 0x30
  case lsl = 0x31
  case lsr = 0x32
  case asr = 0x33
  case adc = 0x34
  case sbc = 0x35
  case push = 0x40
  case pop = 0x41
  case fadd = 0x50
  case fsub = 0x51
  case fmul = 0x52
  case fdiv = 0x53
  case i2f = 0x54
  case f2i = 0x55
  case ldi32 = 0x60
  case brk = 0x7F

  /// Bytes of memory that it touches, and whether it writes them.
  var access: (byteCount: UInt32, isWrite: Bool)? {
    switch self {
    case .ld, .pop, .ret: (4, false)
    case .ldh: (2, false)
    case .ldb: (1, false)
    case .st, .push, .call: (4, true)
    case .sth: (2, true)
    case .stb: (1, true)
    default: nil
    }
  }
}

/// One word of code, taken apart.
struct Instruction {
  var word: UInt32

  @inline(__always) init(_ word: UInt32) { self.word = word }

  @inline(__always) var operation: UInt8 { UInt8(truncatingIfNeeded: word >> 24) }
  @inline(__always) var opcode: Opcode? { Opcode(rawValue: operation) }
  @inline(__always) var destination: UInt32 { (word >> 20) & 15 }
  @inline(__always) var left: UInt32 { (word >> 16) & 15 }
  @inline(__always) var right: UInt32 { (word >> 12) & 15 }
  @inline(__always) var immediate: UInt32 { word & 0xFFF }
  /// The immediate with its sign extended.
  @inline(__always) var signedImmediate: UInt32 {
    UInt32(bitPattern: Int32(bitPattern: word << 20) >> 20)
  }
}
