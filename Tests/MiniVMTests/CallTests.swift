import MiniVM
import Testing

@Suite("Calls into a task and out of it")
struct CallTests {
  /// main: LDI R1, 5; JMP 4.  handler at 8: CALL 16; RET.  16: LDI R0, 42; PUSH R0; POP R2; CMP R0, R0; RET.
  private static let program: [UInt32] = [
    0x0110_0005, 0x2100_0004, 0x2400_0002, 0x2500_0000,
    0x0100_002A, 0x4000_0000, 0x4120_0000, 0x2000_0000, 0x2500_0000,
  ]

  @Test("a handler runs on the task's own stack and leaves no trace but memory and the count")
  func handler() throws {
    for choice in EngineChoice.allCases {
      var machine = Machine(engine: choice.engine, taskLimit: 1)
      let pid = try machine.load(Self.program)
      _ = try machine.run(pid, upTo: 3)
      let before = try Snapshot(machine, pid)
      let saved = try machine.enterCall(pid, at: 8)
      let result = try machine.run(pid, upTo: 100)
      #expect(result == StepResult(retired: 6, reason: .returned))
      let inside = try Snapshot(machine, pid)
      #expect(inside.registers[0] == 42)
      #expect(inside.programCounter == 12)
      #expect(inside.status == .returned)
      try machine.leaveCall(pid, saved)
      var after = try Snapshot(machine, pid)
      #expect(after.retired == before.retired + 6)
      // The return address, then the pushed register, at the same place of the stack.
      #expect(after.memory[0xFFF4] == 42)
      after.retired = before.retired
      after.memory = before.memory
      #expect(after == before)
      let next = try machine.run(pid, upTo: 10)
      #expect(next == StepResult(retired: 10, reason: .budget))
    }
  }

  @Test("a handler's RET returns even when the task is deep in calls of its own")
  func handlerInsideCall() throws {
    for choice in EngineChoice.allCases {
      var machine = Machine(engine: choice.engine, taskLimit: 1)
      let pid = try machine.load([0x2400_0001, 0x2100_0004, 0x2500_0000])
      _ = try machine.run(pid, upTo: 1)
      let saved = try machine.enterCall(pid, at: 8)
      let result = try machine.run(pid, upTo: 9)
      #expect(result == StepResult(retired: 0, reason: .returned))
      try machine.leaveCall(pid, saved)
      let depth = try machine.callDepth(of: pid)
      #expect(depth == 1)
    }
  }

  @Test("a handler's fault is forgotten with it; a returned task can be called and stays returned")
  func handlerFaults() throws {
    for choice in EngineChoice.allCases {
      var machine = Machine(engine: choice.engine, taskLimit: 1)
      let pid = try machine.load([0x2500_0000, 0x4100_0000, 0x2100_0004])  // RET; POP R0; JMP 4
      let end = try machine.run(pid, upTo: 9)
      #expect(end.reason == .returned)
      let saved = try machine.enterCall(pid, at: 4)
      let result = try machine.run(pid, upTo: 9)
      #expect(result == StepResult(retired: 2, reason: .fault(.stackUnderflow)))
      try machine.leaveCall(pid, saved)
      let status = try machine.status(pid)
      #expect(status == .returned)
      let r0 = try machine.register(0, of: pid)
      #expect(r0 == 0)
      #expect(
        failure { _ = try machine.enterCall(pid, at: 12) } == .outOfRange(offset: 12, count: 4, limit: 12))
      #expect(
        failure { _ = try machine.enterCall(pid, at: 6) } == .outOfRange(offset: 6, count: 4, limit: 12))
    }
  }

  @Test("the two calls that concern the task alone are answered, all others left to the caller")
  func taskCalls() throws {
    for choice in EngineChoice.allCases {
      var machine = Machine(engine: choice.engine, taskLimit: 1)
      let pid = try machine.load([0x0110_0001, 0x3000_0000, 0x3000_0101, 0x3000_0100])
      let count = try machine.run(pid, upTo: 100)
      #expect(count == StepResult(retired: 2, reason: .systemCall(module: 0, function: 0)))
      let isAnswered = try machine.answerTaskCall(pid, module: 0, function: 0)
      let r0 = try machine.register(0, of: pid)
      #expect(isAnswered && r0 == 1)
      let write = try machine.run(pid, upTo: 100)
      #expect(write == StepResult(retired: 1, reason: .systemCall(module: 1, function: 1)))
      let isWriteAnswered = try machine.answerTaskCall(pid, module: 1, function: 1)
      #expect(!isWriteAnswered)
      _ = try machine.run(pid, upTo: 100)
      let isExitAnswered = try machine.answerTaskCall(pid, module: 1, function: 0)
      let status = try machine.status(pid)
      let counter = try machine.programCounter(of: pid)
      #expect(isExitAnswered && status == .returned && counter == 16)
    }
  }

  @Test("the last instruction is known after slices, stops and, when traced, faults")
  func lastInstruction() throws {
    // ST [R1+8], R2; BRK 3; PUSH R1; LD R3, [R1-1]
    let words: [UInt32] = [0x0301_2008, 0x7F00_0003, 0x4001_0000, 0x0231_0FFF]
    for choice in EngineChoice.allCases {
      for isTraced in [false, true] {
        var machine = Machine(engine: choice.engine, taskLimit: 1)
        let pid = try machine.load(words)
        try machine.setTracing(of: pid, to: isTraced)
        let first = try machine.step(pid)
        #expect(first.reason == .budget)
        let store = try machine.lastInstruction(of: pid)
        #expect(
          store
            == RetiredInstruction(
              programCounter: 0, word: 0x0301_2008,
              access: .init(address: 8, byteCount: 4, isWrite: true)))
        let stop = try machine.run(pid, upTo: 9)
        #expect(stop == StepResult(retired: 1, reason: .breakpoint(code: 3)))
        let brk = try machine.lastInstruction(of: pid)
        #expect(brk == RetiredInstruction(programCounter: 4, word: 0x7F00_0003, access: nil))
        let fault = try machine.run(pid, upTo: 9)
        #expect(fault == StepResult(retired: 1, reason: .fault(.memory)))
        let push = try machine.lastInstruction(of: pid)
        let expected = RetiredInstruction(
          programCounter: 8, word: 0x4001_0000,
          access: .init(address: 0xFFF8, byteCount: 4, isWrite: true))
        #expect(push == (choice == .exact || isTraced ? expected : nil))
      }
    }
  }
}
