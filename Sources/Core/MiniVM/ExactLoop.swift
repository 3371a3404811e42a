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
      let destination = instruction.destination
      let left = registers[instruction.left]
      let right = registers[instruction.right]

      // Over the byte itself: an `Opcode` made of it first would cost a second jump by table.
      switch instruction.operation {
      case Opcode.ldi.rawValue: registers[destination] = instruction.signedImmediate
      case Opcode.mov.rawValue: registers[destination] = left
      case Opcode.ldi32.rawValue:
        guard next < codeLength else {
          reason = .fault(.codeEnd)
          break run
        }
        registers[destination] = code.word(at: next)
        next &+= 4

      case Opcode.ld.rawValue:
        let place = (left &+ instruction.signedImmediate) & 0xFFFF
        guard place <= 0xFFFC else {
          reason = .fault(.memory)
          break run
        }
        registers[destination] = memory.word(at: place)
        address = place
      case Opcode.ldh.rawValue:
        let place = (left &+ instruction.signedImmediate) & 0xFFFF
        guard place <= 0xFFFE else {
          reason = .fault(.memory)
          break run
        }
        registers[destination] = memory.half(at: place)
        address = place
      case Opcode.ldb.rawValue:
        let place = (left &+ instruction.signedImmediate) & 0xFFFF
        registers[destination] = memory.byte(at: place)
        address = place
      case Opcode.st.rawValue:
        let place = (left &+ instruction.signedImmediate) & 0xFFFF
        guard place <= 0xFFFC else {
          reason = .fault(.memory)
          break run
        }
        memory.store(word: right, at: place)
        address = place
      case Opcode.sth.rawValue:
        let place = (left &+ instruction.signedImmediate) & 0xFFFF
        guard place <= 0xFFFE else {
          reason = .fault(.memory)
          break run
        }
        memory.store(half: right, at: place)
        address = place
      case Opcode.stb.rawValue:
        let place = (left &+ instruction.signedImmediate) & 0xFFFF
        memory.store(byte: right, at: place)
        address = place

      case Opcode.add.rawValue: registers[destination] = flags.add(left, right)
      case Opcode.sub.rawValue: registers[destination] = flags.subtract(left, right)
      case Opcode.mul.rawValue: registers[destination] = flags.multiply(left, right)
      case Opcode.div.rawValue:
        guard right != 0 else {
          reason = .fault(.divideByZero)
          break run
        }
        registers[destination] = flags.logical(quotient(left, right))
      case Opcode.and.rawValue: registers[destination] = flags.logical(left & right)
      case Opcode.or.rawValue: registers[destination] = flags.logical(left | right)
      case Opcode.xor.rawValue: registers[destination] = flags.logical(left ^ right)
      case Opcode.not.rawValue: registers[destination] = flags.logical(~left)
      case Opcode.cmp.rawValue: _ = flags.subtract(left, right)
      case Opcode.lsl.rawValue: registers[destination] = flags.shiftLeft(left, by: right)
      case Opcode.lsr.rawValue: registers[destination] = flags.shiftRight(left, by: right)
      case Opcode.asr.rawValue: registers[destination] = flags.shiftRightSigned(left, by: right)
      case Opcode.adc.rawValue: registers[destination] = flags.addWithCarry(left, right)
      case Opcode.sbc.rawValue: registers[destination] = flags.subtractWithBorrow(left, right)

      case Opcode.jmp.rawValue: next = instruction.immediate
      case Opcode.jz.rawValue: if flags.isZero { next = instruction.immediate }
      case Opcode.jnz.rawValue: if !flags.isZero { next = instruction.immediate }
      case Opcode.call.rawValue:
        guard stackPointer >= stackLimit &+ 4 else {
          reason = .fault(.stackOverflow)
          break run
        }
        stackPointer &-= 4
        memory.store(word: next, at: stackPointer)
        registers[15] = stackPointer
        address = stackPointer
        callDepth &+= 1
        let base = instruction.left == 0 ? programCounter : left
        next = (base &+ instruction.signedImmediate &<< 2) & 0xFFFF
      case Opcode.ret.rawValue:
        guard callDepth != 0 else {
          reason = .returned
          break run
        }
        guard stackPointer <= 0xFFFC else {
          reason = .fault(.stackUnderflow)
          break run
        }
        next = memory.word(at: stackPointer)
        address = stackPointer
        stackPointer &+= 4
        registers[15] = stackPointer
        callDepth &-= 1
      case Opcode.push.rawValue:
        guard stackPointer >= stackLimit &+ 4 else {
          reason = .fault(.stackOverflow)
          break run
        }
        stackPointer &-= 4
        memory.store(word: left, at: stackPointer)
        registers[15] = stackPointer
        address = stackPointer
      case Opcode.pop.rawValue:
        guard stackPointer <= 0xFFFC else {
          reason = .fault(.stackUnderflow)
          break run
        }
        let value = memory.word(at: stackPointer)
        address = stackPointer
        stackPointer &+= 4
        registers[15] = stackPointer
        registers[destination] = value

      case Opcode.fadd.rawValue:
        registers[destination] = Binary16.add(left, right, into: registers[destination])
      case Opcode.fsub.rawValue:
        registers[destination] = Binary16.subtract(left, right, into: registers[destination])
      case Opcode.fmul.rawValue:
        registers[destination] = Binary16.multiply(left, right, into: registers[destination])
      case Opcode.fdiv.rawValue:
        registers[destination] = Binary16.divide(left, right, into: registers[destination])
      case Opcode.i2f.rawValue:
        registers[destination] = Binary16.fromInteger(left, into: registers[destination])
      case Opcode.f2i.rawValue: registers[destination] = Binary16.toInteger(left)

      // These are counted and left behind, and end the run.
      case Opcode.svc.rawValue:
        reason = .systemCall(
          module: UInt8(truncatingIfNeeded: instruction.immediate >> 8),
          function: UInt8(truncatingIfNeeded: instruction.immediate))
        lastRetired = programCounter
        programCounter = next
        remaining &-= 1
        break run
      case Opcode.brk.rawValue:
        reason = .breakpoint(code: UInt8(truncatingIfNeeded: instruction.immediate))
        lastRetired = programCounter
        programCounter = next
        remaining &-= 1
        break run
      default:
        reason = .fault(.illegalInstruction)
        lastRetired = programCounter
        programCounter = next
        remaining &-= 1
        break run
      }
      lastRetired = programCounter
      programCounter = next
      remaining &-= 1
    }

    processor.programCounter = programCounter
    processor.stackPointer = stackPointer
    processor.callDepth = callDepth
    processor.flags = flags.bits
    trace = TaskContext.Trace(programCounter: lastRetired, address: address)
    return StepResult(retired: budget &- remaining, reason: reason)
  }
}
