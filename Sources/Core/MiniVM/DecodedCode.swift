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
    var records = [UInt64](repeating: 0, count: count + 1)
    var runs = [UInt16](repeating: 1, count: count + 1)
    var recordSpan = records.mutableSpan
    var runSpan = runs.mutableSpan
    Self.decode(code.span, count, &recordSpan, &runSpan)
    for index in 0..<count { Self.link(index, &recordSpan, runSpan.span) }
    self.records = records
    self.runs = runs
  }

  /// The first pass: records without the ways of branches, and the runs. It goes backward, so that it knows
  /// what follows.
  private static func decode(
    _ code: Span<UInt8>, _ count: Int, _ records: inout MutableSpan<UInt64>,
    _ runs: inout MutableSpan<UInt16>
  ) {
    // Whether the flags that a word finds may be seen by it or behind it: for the next word and the one after.
    var isNeededNext = true
    var isNeededAfterNext = true
    var following: UInt32 = 0
    for index in stride(from: count - 1, through: 0, by: -1) {
      let instruction = Instruction(word(code, index))
      let entry = DecodedWord(instruction, index, count, following)
      let isNeededBehind = entry.takesTwo ? isNeededAfterNext : isNeededNext
      let operation = isNeededBehind ? entry.operation : entry.withoutFlags
      let isNeeded =
        switch entry.flags {
        case .set: false
        case .kept: isNeededBehind
        case .seen: true
        }
      records[index] =
        UInt64(operation.rawValue) | UInt64(entry.operands) << 8 | UInt64(entry.immediate) << 32
      if !entry.endsRun { runs[index] = runs[index + (entry.takesTwo ? 2 : 1)] &+ 1 }
      (isNeededNext, isNeededAfterNext) = (isNeeded, isNeededNext)
      following = instruction.word
    }
  }

  @inline(__always) private static func word(_ code: Span<UInt8>, _ index: Int) -> UInt32 {
    let place = index &* 4
    return UInt32(code[place]) << 24 | UInt32(code[place &+ 1]) << 16 | UInt32(code[place &+ 2]) << 8
      | UInt32(code[place &+ 3])
  }

  /// The second pass: completes a branch with the lengths of the runs on both of its ways, and joins a record
  /// with the one before where the pair is common and the first cannot stop. A branch's way stands in the
  /// immediate of the pair, the run behind it in the branch's own record.
  private static func link(_ index: Int, _ records: inout MutableSpan<UInt64>, _ runs: Span<UInt16>) {
    let operation = UInt8(truncatingIfNeeded: records[index])
    switch operation {
    case DecodedOperation.jmp.rawValue, DecodedOperation.jz.rawValue, DecodedOperation.jnz.rawValue,
      DecodedOperation.call.rawValue:
      let target = Int(truncatingIfNeeded: records[index] >> 32)
      records[index] |= UInt64(runs[target]) << 48 | UInt64(runs[index + 1]) << 16
    case DecodedOperation.mov.rawValue: break
    default: return
    }
    guard index > 0, let pair = pair(UInt8(truncatingIfNeeded: records[index - 1]), operation) else { return }
    let operands = records[index - 1] & 0xFFFF_FF00
    records[index - 1] = UInt64(pair.rawValue) | operands | records[index] & 0xFFFF_FFFF_0000_0000
  }

  private static func pair(_ first: UInt8, _ second: UInt8) -> DecodedOperation? {
    switch (first, second) {
    case (DecodedOperation.sub.rawValue, DecodedOperation.jz.rawValue): .subJz
    case (DecodedOperation.sub.rawValue, DecodedOperation.jnz.rawValue): .subJnz
    case (DecodedOperation.cmp.rawValue, DecodedOperation.jz.rawValue): .cmpJz
    case (DecodedOperation.cmp.rawValue, DecodedOperation.jnz.rawValue): .cmpJnz
    case (DecodedOperation.and.rawValue, DecodedOperation.jz.rawValue): .andJz
    case (DecodedOperation.and.rawValue, DecodedOperation.jnz.rawValue): .andJnz
    case (DecodedOperation.mov.rawValue, DecodedOperation.mov.rawValue): .movMov
    default: nil
    }
  }
}
