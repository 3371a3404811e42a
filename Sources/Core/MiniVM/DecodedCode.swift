/// What the fast loop does at a record. The cases are numbered without gaps, so the loop jumps by table.
enum DecodedOperation: UInt8 {
  /// The exact loop does it: system calls, breakpoints, whatever stops, and the place behind the code.
  case exact
  case ldi, ldi32, mov
  case ld, ldh, ldb, st, sth, stb
  case add, sub, mul, div, and, or, xor, not, cmp, lsl, lsr, asr, adc, sbc
  /// The same without flags, where nobody can see them before they are set again.
  case addOnly, subOnly, mulOnly, andOnly, orOnly, xorOnly, notOnly, lslOnly, lsrOnly, asrOnly
  case jmp, jz, jnz, call, callRegister, ret, push, pop
  case fadd, fsub, fmul, fdiv, i2f, f2i
  /// Two at once: this word and the next. The next one's own record stands, for jumps to it.
  case subJz, subJnz, cmpJz, cmpJnz, andJz, andJnz, movMov
}

/// A task's code as the fast loop reads it: 2.5 times the size of the code.
///
/// A record of 8 bytes for each word, and one behind them: operation, destination, left, right (a byte each),
/// immediate (32 bits, extended). A branch has the length of the run behind it in place of left and right,
/// and in the immediate the record it goes to and the length of the run there (16 bits each).
///
/// A *run* is a stretch that is left only at its end: through the next branch, call, return or `exact`. Its
/// length is what the loop takes off the budget when it enters; it never enters one that it could not finish.
struct DecodedCode: Sendable {
  private(set) var records: [UInt64] = []
  /// For each record the instructions from it to the end of its run, itself included.
  private(set) var runs: [UInt16] = []

  /// Nothing decoded.
  init() {}

  /// `code` decoded. Every word is taken as an instruction, since a jump may lead to any; two allocations.
  init(_ code: [UInt8]) {
    let count = code.count / 4
    records = [UInt64](repeating: 0, count: count + 1)
    runs = [UInt16](repeating: 1, count: count + 1)
    // From the end, so that what follows is known. `needsFlags[i & 1]`: whether from word i on the flags that
    // word i finds may be seen.
    var needsFlags: (even: Bool, odd: Bool) = (true, true)
    for index in stride(from: count - 1, through: 0, by: -1) {
      let instruction = Instruction(Self.word(code, index))
      let next = index + (instruction.opcode == .ldi32 ? 2 : 1)
      let isEven = index & 1 == 0
      // The word behind (other parity) unless this one has two.
      let neededBehind = (next - index == 1) == isEven ? needsFlags.odd : needsFlags.even
      var needed = true
      let record = Self.record(
        instruction, index, code, neededBehind: next > count || neededBehind, needed: &needed)
      if Self.endsRun(record) { runs[index] = 1 } else { runs[index] = runs[next] &+ 1 }
      records[index] = record
      if isEven { needsFlags.even = needed } else { needsFlags.odd = needed }
    }
    for index in 0..<count { linkBranch(index) }
    for index in 0..<count { fuse(index) }
  }

  private static func word(_ code: [UInt8], _ index: Int) -> UInt32 {
    let place = index * 4
    return UInt32(code[place]) << 24 | UInt32(code[place + 1]) << 16 | UInt32(code[place + 2]) << 8
      | UInt32(code[place + 3])
  }

  private static func operation(_ record: UInt64) -> DecodedOperation {
    DecodedOperation(rawValue: UInt8(truncatingIfNeeded: record)) ?? .exact
  }

  private static func endsRun(_ record: UInt64) -> Bool {
    switch operation(record) {
    case .exact, .jmp, .jz, .jnz, .call, .callRegister, .ret: true
    default: false
    }
  }

  private static func pack(_ operation: DecodedOperation, _ instruction: Instruction, _ immediate: UInt32)
    -> UInt64
  {
    UInt64(operation.rawValue) | UInt64(instruction.destination) << 8 | UInt64(instruction.left) << 16
      | UInt64(instruction.right) << 24 | UInt64(immediate) << 32
  }

  /// The record of one word. `needed` becomes whether the flags that it finds may be seen by it or behind it.
  private static func record(
    _ instruction: Instruction, _ index: Int, _ code: [UInt8], neededBehind: Bool, needed: inout Bool
  ) -> UInt64 {
    /// Sets all flags, whatever they were, and cannot stop.
    func setter(_ withFlags: DecodedOperation, _ without: DecodedOperation) -> UInt64 {
      needed = false
      return pack(neededBehind ? withFlags : without, instruction, 0)
    }
    /// A shift by 0 keeps C, so it needs what it finds where its own flags are needed.
    func shift(_ withFlags: DecodedOperation, _ without: DecodedOperation) -> UInt64 {
      needed = neededBehind
      return pack(neededBehind ? withFlags : without, instruction, 0)
    }
    /// Knows no flags and cannot stop.
    func plain(_ operation: DecodedOperation, _ immediate: UInt32 = 0) -> UInt64 {
      needed = neededBehind
      return pack(operation, instruction, immediate)
    }
    /// Reads flags, or may stop, when they are seen.
    func seeing(_ operation: DecodedOperation, _ immediate: UInt32 = 0) -> UInt64 {
      pack(operation, instruction, immediate)
    }
    let signed = instruction.signedImmediate
    switch instruction.opcode {
    case nil, .svc, .brk: return seeing(.exact)
    case .ldi: return plain(.ldi, signed)
    case .ldi32:
      guard index + 1 < code.count / 4 else { return seeing(.exact) }
      return plain(.ldi32, word(code, index + 1))
    case .mov: return plain(.mov)
    case .ld: return seeing(.ld, signed)
    case .ldh: return seeing(.ldh, signed)
    case .ldb: return seeing(.ldb, signed)
    case .st: return seeing(.st, signed)
    case .sth: return seeing(.sth, signed)
    case .stb: return seeing(.stb, signed)
    case .add: return setter(.add, .addOnly)
    case .sub: return setter(.sub, .subOnly)
    case .mul: return setter(.mul, .mulOnly)
    case .div: return seeing(.div)
    case .and: return setter(.and, .andOnly)
    case .or: return setter(.or, .orOnly)
    case .xor: return setter(.xor, .xorOnly)
    case .not: return setter(.not, .notOnly)
    case .cmp: return setter(.cmp, .cmp)
    case .lsl: return shift(.lsl, .lslOnly)
    case .lsr: return shift(.lsr, .lsrOnly)
    case .asr: return shift(.asr, .asrOnly)
    case .adc: return seeing(.adc)
    case .sbc: return seeing(.sbc)
    case .jmp: return branch(.jmp, instruction.immediate, code)
    case .jz: return branch(.jz, instruction.immediate, code)
    case .jnz: return branch(.jnz, instruction.immediate, code)
    case .call:
      if instruction.left != 0 { return seeing(.callRegister, signed &<< 2) }
      let here = UInt32(truncatingIfNeeded: index) &* 4
      return branch(.call, (here &+ signed &<< 2) & 0xFFFF, code)
    case .ret: return seeing(.ret)
    case .push: return seeing(.push)
    case .pop: return seeing(.pop)
    case .fadd: return plain(.fadd)
    case .fsub: return plain(.fsub)
    case .fmul: return plain(.fmul)
    case .fdiv: return plain(.fdiv)
    case .i2f: return plain(.i2f)
    case .f2i: return plain(.f2i)
    }
  }

  /// A branch to a code address; one that leads out of the code is left to the exact loop.
  private static func branch(_ operation: DecodedOperation, _ target: UInt32, _ code: [UInt8]) -> UInt64 {
    guard target & 3 == 0, target < UInt32(truncatingIfNeeded: code.count) else { return 0 }
    return UInt64(operation.rawValue) | UInt64(target >> 2) << 32
  }

  /// Completes a branch with the lengths of the runs on both of its ways.
  private mutating func linkBranch(_ index: Int) {
    switch Self.operation(records[index]) {
    case .jmp, .jz, .jnz, .call:
      let target = Int(truncatingIfNeeded: records[index] >> 32)
      records[index] |= UInt64(runs[target]) << 48 | UInt64(runs[index + 1]) << 16
    default: break
    }
  }

  /// Joins record `index` with the next where the pair is common and the first cannot stop. A branch's way
  /// stands in the immediate of the pair, the run behind it in the branch's own record.
  private mutating func fuse(_ index: Int) {
    let next = records[index + 1]
    let pair: DecodedOperation
    switch (Self.operation(records[index]), Self.operation(next)) {
    case (.sub, .jz): pair = .subJz
    case (.sub, .jnz): pair = .subJnz
    case (.cmp, .jz): pair = .cmpJz
    case (.cmp, .jnz): pair = .cmpJnz
    case (.and, .jz): pair = .andJz
    case (.and, .jnz): pair = .andJnz
    case (.mov, .mov): pair = .movMov
    default: return
    }
    let operands = records[index] & 0xFFFF_FF00
    records[index] = UInt64(pair.rawValue) | operands | next & 0xFFFF_FFFF_0000_0000
  }
}
