/// What one word of code becomes, before anything is known of what follows.
struct DecodedWord {
  /// What an instruction does to the flags that it finds.
  enum FlagUse {
    /// Sets all, whatever they were, and cannot stop the task.
    case set
    /// Leaves them, or takes from them only what it gives on (a shift by 0 keeps C); cannot stop the task.
    case kept
    /// Reads them, or may stop or branch, when they are seen.
    case seen
  }

  let operation: DecodedOperation
  /// The same where its flags are not needed.
  let withoutFlags: DecodedOperation
  let flags: FlagUse
  /// Destination, left and right, a byte each.
  let operands: UInt32
  let immediate: UInt32

  private init(
    _ operation: DecodedOperation, orOnly withoutFlags: DecodedOperation? = nil, flags: FlagUse = .seen,
    _ instruction: Instruction, _ immediate: UInt32 = 0
  ) {
    self.operation = operation
    self.withoutFlags = withoutFlags ?? operation
    self.flags = flags
    operands = instruction.destination | instruction.left << 8 | instruction.right << 16
    self.immediate = immediate
  }

  /// A branch to a code address; one that leads out of the code is left to the exact loop.
  private init(_ operation: DecodedOperation, to address: UInt32, wordCount count: Int) {
    let isInside = address & 3 == 0 && Int(truncatingIfNeeded: address >> 2) < count
    self.operation = isInside ? operation : .exact
    withoutFlags = self.operation
    flags = .seen
    // Left and right make room for the length of a run.
    operands = 0
    immediate = isInside ? address >> 2 : 0
  }

  /// Whether it is an LDI32 with its word.
  @inline(__always) var takesTwo: Bool { operation == .ldi32 }

  /// Whether a run ends with it.
  @inline(__always) var endsRun: Bool {
    switch operation {
    case .exact, .jmp, .jz, .jnz, .call, .callRegister, .ret: true
    default: false
    }
  }

  /// The instruction that is word `index` of `count`, with the word behind it.
  @inline(__always) init(_ instruction: Instruction, _ index: Int, _ count: Int, _ following: UInt32) {
    let signed = instruction.signedImmediate
    switch instruction.operation {
    case Opcode.ldi.rawValue: self.init(.ldi, flags: .kept, instruction, signed)
    case Opcode.ldi32.rawValue:
      if index + 1 < count {
        self.init(.ldi32, flags: .kept, instruction, following)
      } else {
        self.init(.exact, instruction)
      }
    case Opcode.mov.rawValue: self.init(.mov, flags: .kept, instruction)
    case Opcode.ld.rawValue: self.init(.ld, instruction, signed)
    case Opcode.ldh.rawValue: self.init(.ldh, instruction, signed)
    case Opcode.ldb.rawValue: self.init(.ldb, instruction, signed)
    case Opcode.st.rawValue: self.init(.st, instruction, signed)
    case Opcode.sth.rawValue: self.init(.sth, instruction, signed)
    case Opcode.stb.rawValue: self.init(.stb, instruction, signed)
    case Opcode.add.rawValue: self.init(.add, orOnly: .addOnly, flags: .set, instruction)
    case Opcode.sub.rawValue: self.init(.sub, orOnly: .subOnly, flags: .set, instruction)
    case Opcode.mul.rawValue: self.init(.mul, orOnly: .mulOnly, flags: .set, instruction)
    case Opcode.and.rawValue: self.init(.and, orOnly: .andOnly, flags: .set, instruction)
    case Opcode.or.rawValue: self.init(.or, orOnly: .orOnly, flags: .set, instruction)
    case Opcode.xor.rawValue: self.init(.xor, orOnly: .xorOnly, flags: .set, instruction)
    case Opcode.not.rawValue: self.init(.not, orOnly: .notOnly, flags: .set, instruction)
    case Opcode.cmp.rawValue: self.init(.cmp, flags: .set, instruction)
    case Opcode.lsl.rawValue: self.init(.lsl, orOnly: .lslOnly, flags: .kept, instruction)
    case Opcode.lsr.rawValue: self.init(.lsr, orOnly: .lsrOnly, flags: .kept, instruction)
    case Opcode.asr.rawValue: self.init(.asr, orOnly: .asrOnly, flags: .kept, instruction)
    case Opcode.div.rawValue: self.init(.div, instruction)
    case Opcode.adc.rawValue: self.init(.adc, instruction)
    case Opcode.sbc.rawValue: self.init(.sbc, instruction)
    case Opcode.ret.rawValue: self.init(.ret, instruction)
    case Opcode.push.rawValue: self.init(.push, instruction)
    case Opcode.pop.rawValue: self.init(.pop, instruction)
    case Opcode.jmp.rawValue: self.init(.jmp, to: instruction.immediate, wordCount: count)
    case Opcode.jz.rawValue: self.init(.jz, to: instruction.immediate, wordCount: count)
    case Opcode.jnz.rawValue: self.init(.jnz, to: instruction.immediate, wordCount: count)
    case Opcode.call.rawValue:
      if instruction.left != 0 {
        self.init(.callRegister, instruction, signed &<< 2)
      } else {
        let here = UInt32(truncatingIfNeeded: index) &* 4
        self.init(.call, to: (here &+ signed &<< 2) & 0xFFFF, wordCount: count)
      }
    case Opcode.fadd.rawValue: self.init(.fadd, flags: .kept, instruction)
    case Opcode.fsub.rawValue: self.init(.fsub, flags: .kept, instruction)
    case Opcode.fmul.rawValue: self.init(.fmul, flags: .kept, instruction)
    case Opcode.fdiv.rawValue: self.init(.fdiv, flags: .kept, instruction)
    case Opcode.i2f.rawValue: self.init(.i2f, flags: .kept, instruction)
    case Opcode.f2i.rawValue: self.init(.f2i, flags: .kept, instruction)
    default: self.init(.exact, instruction)
    }
  }
}
