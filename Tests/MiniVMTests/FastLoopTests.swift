import MiniVM
import Testing

/// Places where the fast loop could go wrong and random programs seldom look.
@Suite("The fast loop")
struct FastLoopTests {
  private func flags(after words: [UInt32], _ registers: [UInt32: UInt32] = [:]) throws -> [UInt8] {
    try EngineChoice.allCases.map { choice in
      var machine = Machine(engine: choice.engine, taskLimit: 1)
      let pid = try machine.load(words)
      for (number, value) in registers { try machine.setRegister(number, of: pid, to: value) }
      _ = try machine.run(pid, upTo: 100)
      return try machine.flags(of: pid)
    }
  }

  @Test("flags that a later instruction sets again are there when one between them faults")
  func flagsAtFault() throws {
    // ADD R3, R1, R1 (carry, zero, overflow); a load, store or division that faults; AND R3, R2, R2; BRK.
    for faulty: UInt32 in [0x0232_0000, 0x0732_0000, 0x0302_0000, 0x0902_0000, 0x1330_4000] {
      let found = try flags(
        after: [0x1031_1000, faulty, 0x1432_2000, 0x7F00_0000], [1: 0x8000_0000, 2: 0xFFFF])
      #expect(found == [0b1011, 0b1011], "\(faulty)")
    }
  }

  @Test("the word of an LDI32 is no instruction where nobody jumps to it")
  func wordThatLooksLikeAnInstruction() throws {
    // ADD R3, R1, R1; LDI32 R4, a word that reads as AND R0, R0, R0 (it would set the flags); BRK
    let found = try flags(after: [0x1031_1000, 0x6040_0000, 0x1400_0000, 0x7F00_0000], [1: 0x8000_0000])
    #expect(found == [0b1011, 0b1011])
  }

  @Test("PUSH and CALL stop at the limit to the byte")
  func stackLimit() throws {
    for choice in EngineChoice.allCases {
      for distance: UInt32 in 0...5 {
        for word: UInt32 in [0x4000_0000, 0x2400_0001, 0x2401_0001] {
          var machine = Machine(engine: choice.engine, taskLimit: 1)
          let pid = try machine.load([word, 0x7F00_0000])
          try machine.setStackPointer(of: pid, to: 0xEFFC + distance)
          let result = try machine.run(pid, upTo: 100)
          #expect(
            result.reason == (distance >= 4 ? .breakpoint(code: 0) : .fault(.stackOverflow)),
            "\(choice) \(word) \(distance)")
        }
      }
    }
  }

  @Test("a shift by 0 keeps the carry of an instruction whose other flags nobody sees")
  func carryThroughShift() throws {
    for shift: UInt32 in [0x31, 0x32, 0x33] {
      // ADD R3, R1, R1; shift R4 by R0; BRK, and the same with a MOV between.
      let word = shift << 24 | 0x0042_0000
      let registers: [UInt32: UInt32] = [1: 0x8000_0001, 2: 5]
      let direct = try flags(after: [0x1031_1000, word, 0x7F00_0000], registers)
      let apart = try flags(after: [0x1031_1000, 0x0455_0000, word, 0x7F00_0000], registers)
      #expect(direct == [0b0010, 0b0010])
      #expect(apart == direct)
    }
  }

  @Test("the carry that ADC and SBC read is there though an addition between sets it again")
  func carryIntoAddition() throws {
    // ADD R3, R1, R1 (carry); ADC R4, R2, R2; BRK
    for choice in EngineChoice.allCases {
      var machine = Machine(engine: choice.engine, taskLimit: 1)
      let pid = try machine.load([0x1031_1000, 0x3442_2000, 0x3552_2000, 0x7F00_0000])
      try machine.setRegister(1, of: pid, to: 0x8000_0000)
      _ = try machine.run(pid, upTo: 100)
      let (sum, difference) = (try machine.register(4, of: pid), try machine.register(5, of: pid))
      #expect(sum == 1)
      #expect(difference == 0xFFFF_FFFF)
    }
  }

  @Test("POP and RET at the end of memory fault by the last byte that they would read")
  func endOfStack() throws {
    for choice in EngineChoice.allCases {
      for pointer: UInt32 in 0xFFF9...0x1_0000 {
        for isReturn in [false, true] {
          // CALL 8; BRK; the instruction; BRK
          var machine = Machine(engine: choice.engine, taskLimit: 1)
          let pid = try machine.load([
            0x2400_0002, 0x7F00_0000, isReturn ? 0x2500_0000 : 0x4130_0000, 0x7F00_0000,
          ])
          _ = try machine.run(pid, upTo: 1)
          try machine.setStackPointer(of: pid, to: pointer)
          let target: [UInt8] = [4, 0, 0, 0]
          if pointer <= 0xFFFC { try machine.writeMemory(of: pid, at: pointer, target.span) }
          let result = try machine.run(pid, upTo: 100)
          let expected: StopReason = pointer <= 0xFFFC ? .breakpoint(code: 0) : .fault(.stackUnderflow)
          #expect(result.reason == expected, "\(choice) \(pointer) \(isReturn)")
          #expect(result.retired == (pointer <= 0xFFFC ? 2 : 0))
        }
      }
    }
  }

  @Test("a jump into the second half of a pair runs that half alone")
  func jumpIntoPair() throws {
    for choice in EngineChoice.allCases {
      // 0: JMP 8; 4: MOV R1, R5; 8: MOV R2, R5; 12: JMP 20; 16: SUB R3, R3, R5; 20: JNZ 28; 24: BRK 1; 28: BRK 2
      var machine = Machine(engine: choice.engine, taskLimit: 1)
      let pid = try machine.load([
        0x2100_0008, 0x0415_0000, 0x0425_0000, 0x2100_0014, 0x1133_5000, 0x2300_001C, 0x7F00_0001,
        0x7F00_0002,
      ])
      try machine.setRegister(5, of: pid, to: 9)
      let result = try machine.run(pid, upTo: 100)
      #expect(result == StepResult(retired: 5, reason: .breakpoint(code: 2)))
      let registers = try machine.allRegisters(of: pid)
      #expect(registers[1] == 0 && registers[2] == 9 && registers[3] == 0)
    }
  }

  @Test("every budget retires exactly as much as it says, wherever it falls in a loop of pairs")
  func budgets() throws {
    // 0: LDI R1, 50; 4: LDI R2, 1; 8: MOV R3, R4; 12: MOV R4, R3; 16: SUB R1, R1, R2; 20: JNZ 8; 24: RET
    let words: [UInt32] = [
      0x0110_0032, 0x0120_0001, 0x0434_0000, 0x0443_0000, 0x1111_2000, 0x2300_0008, 0x2500_0000,
    ]
    for budget: UInt32 in 1...40 {
      var machine = Machine(engine: .predecoded, taskLimit: 1)
      let pid = try machine.load(words)
      var total: UInt32 = 0
      var result = StepResult(retired: budget, reason: .budget)
      while result.reason == .budget {
        #expect(result.retired == budget)
        result = try machine.run(pid, upTo: budget)
        total += result.retired
      }
      #expect(total == 202)
      #expect(result.reason == .returned)
    }
  }
}
