/// The interpreter that defines what instructions do: one loop over the image's own words.
///
/// It is the whole interpreter of a microcontroller, and everywhere the one that takes single steps, runs a
/// slice's last instructions and meets every fault.
enum ExactLoop {
  /// Retires up to `budget` instructions of a task that is ready.
  @inline(never)
  static func run(_ context: inout TaskContext, upTo budget: UInt32) -> StepResult {
    var processor = context.processor
    var trace = TaskContext.Trace(programCounter: 0, address: 0)
    let codeLength = UInt32(truncatingIfNeeded: context.code.count)
    let stackLimit = context.stackLimit
    let outside = StepResult(retired: 0, reason: .fault(.programCounter))
    let result = context.withWindows(&processor, ifEmpty: outside) { processor, registers, memory, code in
      loop(
        &processor, registers, memory, code, codeLength: codeLength, stackLimit: stackLimit, budget: budget,
        trace: &trace)
    }
    context.processor = processor
    context.retired &+= UInt64(result.retired)
    if result.retired != 0 { context.trace = trace }
    switch result.reason {
    case .fault(let fault): context.stop(for: fault)
    case .returned: context.status = .returned
    case .budget, .systemCall, .breakpoint: break
    }
    return result
  }

  @inline(__always)
  private static func loop(
    _ processor: inout ProcessorState, _ registers: RegisterWindow, _ memory: MemoryWindow,
    _ code: CodeWindow, codeLength: UInt32, stackLimit: UInt32, budget: UInt32,
    trace: inout TaskContext.Trace
  ) -> StepResult {
    var flags = LazyFlags(bits: processor.flags)
    var programCounter = processor.programCounter
    var stackPointer = processor.stackPointer
    var callDepth = processor.callDepth
    var remaining = budget
    var lastRetired: UInt32 = 0
    var address: UInt32 = 0
    var reason = StopReason.budget

    run: while remaining != 0 {
      guard programCounter < codeLength, programCounter & 3 == 0 else {
        reason = .fault(.programCounter)
        break
      }
      let instruction = Instruction(code.word(at: programCounter))
      var next = programCounter &+ 4
      guard let opcode = instruction.opcode else {
        reason = .fault(.illegalInstruction)
        lastRetired = programCounter
        programCounter = next
        remaining &-= 1
        break
      }
      let destination = instruction.destination
      let left = registers[instruction.left]
      let right = registers[instruction.right]

      switch opcode {
      case .ldi: registers[destination] = instruction.signedImmediate
      case .mov: registers[destination] = left
      case .ldi32:
        guard next < codeLength else {
          reason = .fault(.codeEnd)
          break run
        }
        registers[destination] = code.word(at: next)
        next &+= 4

      case .ld, .ldh, .ldb:
        let place = (left &+ instruction.signedImmediate) & 0xFFFF
        let value: UInt32
        switch opcode {
        case .ld where place <= 0xFFFC: value = memory.word(at: place)
        case .ldh where place <= 0xFFFE: value = memory.half(at: place)
        case .ldb: value = memory.byte(at: place)
        default:
          reason = .fault(.memory)
          break run
        }
        registers[destination] = value
        address = place
      case .st, .sth, .stb:
        let place = (left &+ instruction.signedImmediate) & 0xFFFF
        switch opcode {
        case .st where place <= 0xFFFC: memory.store(word: right, at: place)
        case .sth where place <= 0xFFFE: memory.store(half: right, at: place)
        case .stb: memory.store(byte: right, at: place)
        default:
          reason = .fault(.memory)
          break run
        }
        address = place

      case .add: registers[destination] = flags.add(left, right)
      case .sub: registers[destination] = flags.subtract(left, right)
      case .mul: registers[destination] = flags.multiply(left, right)
      case .div:
        guard right != 0 else {
          reason = .fault(.divideByZero)
          break run
        }
        registers[destination] = flags.logical(quotient(left, right))
      case .and: registers[destination] = flags.logical(left & right)
      case .or: registers[destination] = flags.logical(left | right)
      case .xor: registers[destination] = flags.logical(left ^ right)
      case .not: registers[destination] = flags.logical(~left)
      case .cmp: _ = flags.subtract(left, right)
      case .lsl: registers[destination] = flags.shiftLeft(left, by: right)
      case .lsr: registers[destination] = flags.shiftRight(left, by: right)
      case .asr: registers[destination] = flags.shiftRightSigned(left, by: right)
      case .adc: registers[destination] = flags.addWithCarry(left, right)
      case .sbc: registers[destination] = flags.subtractWithBorrow(left, right)

      case .jmp: next = instruction.immediate
      case .jz: if flags.isZero { next = instruction.immediate }
      case .jnz: if !flags.isZero { next = instruction.immediate }
      case .call, .push:
        guard stackPointer >= stackLimit &+ 4 else {
          reason = .fault(.stackOverflow)
          break run
        }
        stackPointer &-= 4
        if opcode == .push {
          memory.store(word: left, at: stackPointer)
        } else {
          memory.store(word: next, at: stackPointer)
          let base = instruction.left == 0 ? programCounter : left
          next = (base &+ instruction.signedImmediate &<< 2) & 0xFFFF
          callDepth &+= 1
        }
        address = stackPointer
        registers[15] = stackPointer
      case .ret, .pop:
        if opcode == .ret && callDepth == 0 {
          reason = .returned
          break run
        }
        guard stackPointer <= 0xFFFC else {
          reason = .fault(.stackUnderflow)
          break run
        }
        let value = memory.word(at: stackPointer)
        address = stackPointer
        stackPointer &+= 4
        registers[15] = stackPointer
        if opcode == .pop {
          registers[destination] = value
        } else {
          next = value
          callDepth &-= 1
        }

      case .fadd:
        registers[destination] = Binary16.add(left, right, into: registers[destination])
      case .fsub:
        registers[destination] = Binary16.subtract(left, right, into: registers[destination])
      case .fmul:
        registers[destination] = Binary16.multiply(left, right, into: registers[destination])
      case .fdiv:
        registers[destination] = Binary16.divide(left, right, into: registers[destination])
      case .i2f:
        registers[destination] = Binary16.fromInteger(left, into: registers[destination])
      case .f2i: registers[destination] = Binary16.toInteger(left)

      case .svc:
        reason = .systemCall(
          module: UInt8(truncatingIfNeeded: instruction.immediate >> 8),
          function: UInt8(truncatingIfNeeded: instruction.immediate))
      case .brk: reason = .breakpoint(code: UInt8(truncatingIfNeeded: instruction.immediate))
      }
      lastRetired = programCounter
      programCounter = next
      remaining &-= 1
      if opcode == .svc || opcode == .brk { break }
    }

    processor.programCounter = programCounter
    processor.stackPointer = stackPointer
    processor.callDepth = callDepth
    processor.flags = flags.bits
    trace = TaskContext.Trace(programCounter: lastRetired, address: address)
    return StepResult(retired: budget &- remaining, reason: reason)
  }
}
