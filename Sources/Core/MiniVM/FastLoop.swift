/// The interpreter of hosts: it runs decoded code and knows only the good ways.
///
/// Whatever stops a task, and the last instructions of a slice, it leaves to the exact loop, having put the
/// state to just before them. So nothing is decided twice, and the exact loop's trace holds after each slice.
enum FastLoop {
  /// Retires up to `budget` instructions of a task that is ready and decoded.
  static func run(_ context: inout TaskContext, upTo budget: UInt32) -> StepResult {
    let codeLength = UInt32(truncatingIfNeeded: context.code.count)
    let start = context.processor.programCounter
    guard !context.isTraced, start < codeLength, start & 3 == 0 else {
      return ExactLoop.run(&context, upTo: budget)
    }
    let retired = runRuns(&context, upTo: budget)
    context.retired &+= UInt64(retired)
    if retired != 0 { context.trace = nil }
    var result = ExactLoop.run(&context, upTo: budget &- retired)
    result.retired &+= retired
    return result
  }

  /// Runs whole runs while more of the budget is left than the next one takes; gives what it retired.
  @inline(never)
  private static func runRuns(_ context: inout TaskContext, upTo budget: UInt32) -> UInt32 {
    var processor = context.processor
    let codeLength = UInt32(truncatingIfNeeded: context.code.count)
    let stackLimit = context.stackLimit
    let retired = context.withDecodedWindows(&processor, ifEmpty: 0) { processor, registers, memory, code in
      loop(
        &processor, registers, memory, code, codeLength: codeLength, stackLimit: stackLimit, budget: budget)
    }
    context.processor = processor
    return retired
  }

  @inline(__always)
  private static func loop(
    _ processor: inout ProcessorState, _ registers: RegisterWindow, _ memory: MemoryWindow,
    _ code: DecodedWindow, codeLength: UInt32, stackLimit: UInt32, budget: UInt32
  ) -> UInt32 {
    var flags = LazyFlags(bits: processor.flags)
    var stackPointer = processor.stackPointer
    var callDepth = processor.callDepth
    let start = Int(truncatingIfNeeded: processor.programCounter >> 2)
    var cursor = code.cursor(at: start)
    // What is left once the run at hand is through. Only branches change and check it.
    var remaining = Int(truncatingIfNeeded: budget) &- code.run(at: start)
    guard remaining > 0 else { return 0 }

    run: while true {
      switch cursor.operation {
      case .exact: break run
      case .ldi: registers[cursor.destination] = cursor.immediate
      case .ldi32:
        registers[cursor.destination] = cursor.immediate
        cursor.advance(2)
        continue run
      case .mov: registers[cursor.destination] = registers[cursor.left]

      case .ld:
        let place = (registers[cursor.left] &+ cursor.immediate) & 0xFFFF
        guard place <= 0xFFFC else { break run }
        registers[cursor.destination] = memory.word(at: place)
      case .ldh:
        let place = (registers[cursor.left] &+ cursor.immediate) & 0xFFFF
        guard place <= 0xFFFE else { break run }
        registers[cursor.destination] = memory.half(at: place)
      case .ldb:
        let place = (registers[cursor.left] &+ cursor.immediate) & 0xFFFF
        registers[cursor.destination] = memory.byte(at: place)
      case .st:
        let place = (registers[cursor.left] &+ cursor.immediate) & 0xFFFF
        guard place <= 0xFFFC else { break run }
        memory.store(word: registers[cursor.right], at: place)
      case .sth:
        let place = (registers[cursor.left] &+ cursor.immediate) & 0xFFFF
        guard place <= 0xFFFE else { break run }
        memory.store(half: registers[cursor.right], at: place)
      case .stb:
        let place = (registers[cursor.left] &+ cursor.immediate) & 0xFFFF
        memory.store(byte: registers[cursor.right], at: place)

      case .add:
        registers[cursor.destination] = flags.add(registers[cursor.left], registers[cursor.right])
      case .sub:
        registers[cursor.destination] = flags.subtract(registers[cursor.left], registers[cursor.right])
      case .mul:
        registers[cursor.destination] = flags.multiply(registers[cursor.left], registers[cursor.right])
      case .div:
        let divisor = registers[cursor.right]
        guard divisor != 0 else { break run }
        registers[cursor.destination] = flags.logical(quotient(registers[cursor.left], divisor))
      case .and:
        registers[cursor.destination] = flags.logical(registers[cursor.left] & registers[cursor.right])
      case .or:
        registers[cursor.destination] = flags.logical(registers[cursor.left] | registers[cursor.right])
      case .xor:
        registers[cursor.destination] = flags.logical(registers[cursor.left] ^ registers[cursor.right])
      case .not: registers[cursor.destination] = flags.logical(~registers[cursor.left])
      case .cmp: _ = flags.subtract(registers[cursor.left], registers[cursor.right])
      case .lsl:
        registers[cursor.destination] = flags.shiftLeft(registers[cursor.left], by: registers[cursor.right])
      case .lsr:
        registers[cursor.destination] = flags.shiftRight(
          registers[cursor.left], by: registers[cursor.right])
      case .asr:
        registers[cursor.destination] = flags.shiftRightSigned(
          registers[cursor.left], by: registers[cursor.right])
      case .adc:
        registers[cursor.destination] = flags.addWithCarry(
          registers[cursor.left], registers[cursor.right])
      case .sbc:
        registers[cursor.destination] = flags.subtractWithBorrow(
          registers[cursor.left], registers[cursor.right])

      case .addOnly:
        registers[cursor.destination] = registers[cursor.left] &+ registers[cursor.right]
      case .subOnly:
        registers[cursor.destination] = registers[cursor.left] &- registers[cursor.right]
      case .mulOnly:
        registers[cursor.destination] = registers[cursor.left] &* registers[cursor.right]
      case .andOnly: registers[cursor.destination] = registers[cursor.left] & registers[cursor.right]
      case .orOnly: registers[cursor.destination] = registers[cursor.left] | registers[cursor.right]
      case .xorOnly: registers[cursor.destination] = registers[cursor.left] ^ registers[cursor.right]
      case .notOnly: registers[cursor.destination] = ~registers[cursor.left]
      case .lslOnly: registers[cursor.destination] = registers[cursor.left] &<< registers[cursor.right]
      case .lsrOnly: registers[cursor.destination] = registers[cursor.left] &>> registers[cursor.right]
      case .asrOnly:
        registers[cursor.destination] = UInt32(
          bitPattern: Int32(bitPattern: registers[cursor.left])
            &>> Int32(bitPattern: registers[cursor.right]))

      case .jmp:
        remaining &-= Int(cursor.targetRun)
        cursor = code.cursor(at: Int(cursor.target))
        guard remaining > 0 else { break run }
        continue run
      case .jz:
        if flags.isZero {
          remaining &-= Int(cursor.targetRun)
          cursor = code.cursor(at: Int(cursor.target))
        } else {
          remaining &-= Int(cursor.fallThroughRun)
          cursor.advance()
        }
        guard remaining > 0 else { break run }
        continue run
      case .jnz:
        if !flags.isZero {
          remaining &-= Int(cursor.targetRun)
          cursor = code.cursor(at: Int(cursor.target))
        } else {
          remaining &-= Int(cursor.fallThroughRun)
          cursor.advance()
        }
        guard remaining > 0 else { break run }
        continue run
      case .call:
        guard stackPointer >= stackLimit &+ 4 else { break run }
        stackPointer &-= 4
        memory.store(word: UInt32(truncatingIfNeeded: code.index(of: cursor) &* 4 &+ 4), at: stackPointer)
        registers[15] = stackPointer
        callDepth &+= 1
        remaining &-= Int(cursor.targetRun)
        cursor = code.cursor(at: Int(cursor.target))
        guard remaining > 0 else { break run }
        continue run
      case .callRegister:
        let target = (registers[cursor.left] &+ cursor.immediate) & 0xFFFF
        guard stackPointer >= stackLimit &+ 4, target < codeLength, target & 3 == 0 else { break run }
        stackPointer &-= 4
        memory.store(word: UInt32(truncatingIfNeeded: code.index(of: cursor) &* 4 &+ 4), at: stackPointer)
        registers[15] = stackPointer
        callDepth &+= 1
        let index = Int(truncatingIfNeeded: target >> 2)
        remaining &-= code.run(at: index)
        cursor = code.cursor(at: index)
        guard remaining > 0 else { break run }
        continue run
      case .ret:
        guard callDepth != 0, stackPointer <= 0xFFFC else { break run }
        let target = memory.word(at: stackPointer)
        guard target < codeLength, target & 3 == 0 else { break run }
        stackPointer &+= 4
        registers[15] = stackPointer
        callDepth &-= 1
        let index = Int(truncatingIfNeeded: target >> 2)
        remaining &-= code.run(at: index)
        cursor = code.cursor(at: index)
        guard remaining > 0 else { break run }
        continue run
      case .push:
        guard stackPointer >= stackLimit &+ 4 else { break run }
        stackPointer &-= 4
        memory.store(word: registers[cursor.left], at: stackPointer)
        registers[15] = stackPointer
      case .pop:
        guard stackPointer <= 0xFFFC else { break run }
        let value = memory.word(at: stackPointer)
        stackPointer &+= 4
        registers[15] = stackPointer
        registers[cursor.destination] = value

      case .fadd:
        registers[cursor.destination] = Binary16.add(
          registers[cursor.left], registers[cursor.right], into: registers[cursor.destination])
      case .fsub:
        registers[cursor.destination] = Binary16.subtract(
          registers[cursor.left], registers[cursor.right], into: registers[cursor.destination])
      case .fmul:
        registers[cursor.destination] = Binary16.multiply(
          registers[cursor.left], registers[cursor.right], into: registers[cursor.destination])
      case .fdiv:
        registers[cursor.destination] = Binary16.divide(
          registers[cursor.left], registers[cursor.right], into: registers[cursor.destination])
      case .i2f:
        registers[cursor.destination] = Binary16.fromInteger(
          registers[cursor.left], into: registers[cursor.destination])
      case .f2i: registers[cursor.destination] = Binary16.toInteger(registers[cursor.left])

      case .subJz:
        registers[cursor.destination] = flags.subtract(registers[cursor.left], registers[cursor.right])
        if flags.isZero {
          remaining &-= Int(cursor.targetRun)
          cursor = code.cursor(at: Int(cursor.target))
        } else {
          cursor.advance()
          remaining &-= Int(cursor.fallThroughRun)
          cursor.advance()
        }
        guard remaining > 0 else { break run }
        continue run
      case .subJnz:
        registers[cursor.destination] = flags.subtract(registers[cursor.left], registers[cursor.right])
        if !flags.isZero {
          remaining &-= Int(cursor.targetRun)
          cursor = code.cursor(at: Int(cursor.target))
        } else {
          cursor.advance()
          remaining &-= Int(cursor.fallThroughRun)
          cursor.advance()
        }
        guard remaining > 0 else { break run }
        continue run
      case .cmpJz:
        _ = flags.subtract(registers[cursor.left], registers[cursor.right])
        if flags.isZero {
          remaining &-= Int(cursor.targetRun)
          cursor = code.cursor(at: Int(cursor.target))
        } else {
          cursor.advance()
          remaining &-= Int(cursor.fallThroughRun)
          cursor.advance()
        }
        guard remaining > 0 else { break run }
        continue run
      case .cmpJnz:
        _ = flags.subtract(registers[cursor.left], registers[cursor.right])
        if !flags.isZero {
          remaining &-= Int(cursor.targetRun)
          cursor = code.cursor(at: Int(cursor.target))
        } else {
          cursor.advance()
          remaining &-= Int(cursor.fallThroughRun)
          cursor.advance()
        }
        guard remaining > 0 else { break run }
        continue run
      case .andJz:
        registers[cursor.destination] = flags.logical(registers[cursor.left] & registers[cursor.right])
        if flags.isZero {
          remaining &-= Int(cursor.targetRun)
          cursor = code.cursor(at: Int(cursor.target))
        } else {
          cursor.advance()
          remaining &-= Int(cursor.fallThroughRun)
          cursor.advance()
        }
        guard remaining > 0 else { break run }
        continue run
      case .andJnz:
        registers[cursor.destination] = flags.logical(registers[cursor.left] & registers[cursor.right])
        if !flags.isZero {
          remaining &-= Int(cursor.targetRun)
          cursor = code.cursor(at: Int(cursor.target))
        } else {
          cursor.advance()
          remaining &-= Int(cursor.fallThroughRun)
          cursor.advance()
        }
        guard remaining > 0 else { break run }
        continue run
      case .movMov:
        registers[cursor.destination] = registers[cursor.left]
        cursor.advance()
        registers[cursor.destination] = registers[cursor.left]
      }
      cursor.advance()
    }

    let index = code.index(of: cursor)
    // The run at hand was taken off whole; give back what of it is still to do.
    remaining &+= code.run(at: index)
    processor.programCounter = UInt32(truncatingIfNeeded: index &* 4)
    processor.stackPointer = stackPointer
    processor.callDepth = callDepth
    processor.flags = flags.bits
    return budget &- UInt32(truncatingIfNeeded: remaining)
  }
}
