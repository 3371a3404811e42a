import HXE
import MiniVM
import Testing

/// What a call throws, or nil.
func failure(_ body: () throws -> Void) -> MachineError? {
  do {
    try body()
    return nil
  } catch {
    return error as? MachineError
  }
}

private let loop: [UInt32] = [0x0110_0001, 0x2100_0000]  // LDI R1, 1; JMP 0

@Suite("The table of tasks")
struct MachineTests {
  @Test("pids start at 1, rise by one and are never used again; the table is bounded")
  func pids() throws {
    var machine = Machine(engine: .exact, taskLimit: 2)
    let first = try machine.load(loop)
    let second = try machine.load(loop)
    #expect([first, second] == [1, 2])
    let refusal = failure { _ = try machine.reserve(TaskLayout(entry: 0, codeLength: 4)) }
    #expect(refusal == .tableFull(limit: 2))
    #expect(refusal?.code == .noSpace)
    try machine.unload(1)
    let third = try machine.load(loop)
    let pids = machine.pids
    #expect(third == 3)
    #expect(pids == [2, 3])
    let known = (machine.contains(1), machine.contains(2), machine.contains(3), machine.contains(4))
    #expect(known == (false, true, true, false))
    #expect(failure { try machine.unload(1) } == .unknownTask(1))
  }

  @Test("a refused reservation takes no pid and no place")
  func refusedReservation() throws {
    var machine = Machine(engine: .exact, taskLimit: 1)
    func refusal(_ layout: TaskLayout) -> MachineError? { failure { _ = try machine.reserve(layout) } }
    #expect(
      refusal(TaskLayout(entry: 0, codeLength: 6)) == .badLayout(.codeLength, found: 6, limit: 0x1_0000))
    #expect(
      refusal(TaskLayout(entry: 0, codeLength: 0x1_0004))
        == .badLayout(.codeLength, found: 0x1_0004, limit: 0x1_0000))
    #expect(refusal(TaskLayout(entry: 0, codeLength: 0)) == .badLayout(.entry, found: 0, limit: 0))
    #expect(refusal(TaskLayout(entry: 8, codeLength: 8)) == .badLayout(.entry, found: 8, limit: 8))
    #expect(refusal(TaskLayout(entry: 2, codeLength: 8)) == .badLayout(.entry, found: 2, limit: 8))
    #expect(
      refusal(TaskLayout(entry: 0, codeLength: 4, rodataLength: 0xC001))
        == .badLayout(.memory, found: 0xC001, limit: 0xC000))
    #expect(
      refusal(TaskLayout(entry: 0, codeLength: 4, rodataLength: .max))
        == .badLayout(.memory, found: .max, limit: 0xC000))
    #expect(
      refusal(TaskLayout(entry: 0, codeLength: 4, rodataLength: 5, bssSize: 0xBFF9))
        == .badLayout(.memory, found: 0xBFF9, limit: 0xBFF8))
    #expect(
      refusal(TaskLayout(entry: 0, codeLength: 4, stackSize: 0xFFFD))
        == .badLayout(.stackSize, found: 0xFFFD, limit: 0xFFFC))
    let pid = try machine.reserve(
      TaskLayout(
        entry: 0xFFFC, codeLength: 0x1_0000, rodataLength: 5, bssSize: 0xBFF8, stackSize: 0xFFFC))
    #expect(pid == 1)
  }

  @Test("a loading task cannot run or be called, a ready one cannot be written")
  func states() throws {
    for choice in EngineChoice.allCases {
      var machine = Machine(engine: choice.engine, taskLimit: 1)
      let pid = try machine.reserve(TaskLayout(entry: 0, codeLength: 8, rodataLength: 3))
      #expect(failure { _ = try machine.run(pid, upTo: 1) } == .wrongState(1, .loading))
      #expect(failure { _ = try machine.enterCall(pid, at: 0) } == .wrongState(1, .loading))
      try machine.makeReady(pid)
      let byte: [UInt8] = [1]
      #expect(failure { try machine.writeCode(pid, byte.span, at: 0) } == .wrongState(1, .ready))
      #expect(failure { try machine.writeRodata(pid, byte.span, at: 0) } == .wrongState(1, .ready))
      #expect(failure { try machine.setStackSize(pid, 8) } == .wrongState(1, .ready))
      #expect(failure { try machine.makeReady(pid) } == .wrongState(1, .ready))
      // Its code is zero: illegal.
      let result = try machine.run(pid, upTo: 5)
      #expect(result == StepResult(retired: 1, reason: .fault(.illegalInstruction)))
      #expect(
        failure { _ = try machine.run(pid, upTo: 1) } == .wrongState(1, .faulted(.illegalInstruction)))
      #expect(
        failure { _ = try machine.enterCall(pid, at: 0) } == .wrongState(1, .faulted(.illegalInstruction)))
    }
  }

  @Test("writing stays inside the part that it writes")
  func bounds() throws {
    var machine = Machine(engine: .exact, taskLimit: 1)
    let pid = try machine.reserve(TaskLayout(entry: 0, codeLength: 8, rodataLength: 3))
    let four: [UInt8] = [1, 2, 3, 4]
    #expect(
      failure { try machine.writeCode(pid, four.span, at: 5) } == .outOfRange(offset: 5, count: 4, limit: 8))
    #expect(
      failure { try machine.writeCode(pid, four.span, at: .max) }
        == .outOfRange(offset: .max, count: 4, limit: 8))
    #expect(
      failure { try machine.writeRodata(pid, four.span, at: 0) } == .outOfRange(offset: 0, count: 4, limit: 3)
    )
    try machine.writeRodata(pid, [7, 8].span, at: 1)
    try machine.writeCode(pid, four.span, at: 4)
    let memory = try machine.wholeMemory(of: pid)
    #expect(Array(memory[0x4000..<0x4004]) == [0, 7, 8, 0])
    #expect(memory.count { $0 != 0 } == 2)
    let word = try machine.codeWord(of: pid, at: 4)
    #expect(word == 0x0102_0304)
    #expect(
      failure { try machine.writeMemory(of: pid, at: 0xFFFD, four.span) }
        == .outOfRange(offset: 0xFFFD, count: 4, limit: 0x1_0000))
    #expect(
      failure { _ = try machine.withMemory(of: pid, at: 0x1_0000, count: 1) { $0.count } }
        == .outOfRange(offset: 0x1_0000, count: 1, limit: 0x1_0000))
    #expect(
      failure { _ = try machine.withMemory(of: pid, at: 0, count: -1) { $0.count } }
        == .outOfRange(offset: 0, count: 0, limit: 0x1_0000))
    try machine.writeMemory(of: pid, at: 0xFFFC, four.span)
    var read: [UInt8] = [0, 0]
    var target = read.mutableSpan
    try machine.readMemory(of: pid, at: 0xFFFE, into: &target)
    #expect(read == [3, 4])
    #expect(failure { _ = try machine.register(16, of: pid) } == .noSuchRegister(16))
    #expect(
      failure { try machine.setStackPointer(of: pid, to: 0x1_0001) }
        == .outOfRange(offset: 0x1_0001, count: 0, limit: 0x1_0000))
  }

  @Test("tasks do not see one another, whichever is chosen")
  func isolation() throws {
    for choice in EngineChoice.allCases {
      var machine = Machine(engine: choice.engine, taskLimit: 3)
      // R1 counts up and is stored at its own address.
      let program: [UInt32] = [0x0120_0001, 0x1011_2000, 0x0301_1000, 0x2100_0004]
      let pids = [try machine.load(program), try machine.load(program), try machine.load(program)]
      for (index, pid) in pids.enumerated() {
        try machine.setContext(pid)
        _ = try machine.run(upTo: UInt32(1 + 3 * (index + 1) * 10))
      }
      _ = try machine.run(pids[0], upTo: 3)
      for (pid, count) in zip(pids, [11, 20, 30] as [UInt32]) {
        let counter = try machine.register(1, of: pid)
        let memory = try machine.wholeMemory(of: pid)
        #expect(counter == count)
        #expect(memory.count { $0 != 0 } == Int(count))
      }
      try machine.unload(pids[2])
      #expect(failure { _ = try machine.step() } == .unknownTask(0))
    }
  }

  @Test("the stack size is what the image asks for, and starts at the top")
  func stackSize() throws {
    for choice in EngineChoice.allCases {
      var machine = Machine(engine: choice.engine, taskLimit: 1)
      let code = bytes([0x4000_0000, 0x2100_0000])  // PUSH R0; JMP 0
      let pid = try machine.reserve(TaskLayout(entry: 0, codeLength: UInt32(code.count)))
      try machine.writeCode(pid, code.span, at: 0)
      try machine.setStackSize(pid, 12)
      try machine.makeReady(pid)
      let result = try machine.run(pid, upTo: 100)
      #expect(result == StepResult(retired: 6, reason: .fault(.stackOverflow)))
      let pointer = try machine.stackPointer(of: pid)
      #expect(pointer == 0xFFF0)
      let status = try machine.register(0, of: pid)
      #expect(status == 0xFFFF_FF03)
    }
  }

  @Test("a budget of nothing does nothing")
  func noBudget() throws {
    for choice in EngineChoice.allCases {
      var machine = Machine(engine: choice.engine, taskLimit: 1)
      let pid = try machine.load([0])
      let result = try machine.run(pid, upTo: 0)
      #expect(result == StepResult(retired: 0, reason: .budget))
      let last = try machine.lastInstruction(of: pid)
      #expect(last == nil)
    }
  }
}
