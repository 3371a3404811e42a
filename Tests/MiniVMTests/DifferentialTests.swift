import Foundation
import MiniVM
import Testing

/// Everything that can be seen of a task.
struct Snapshot: Equatable {
  var registers: [UInt32]
  var flags: UInt8
  var programCounter: UInt32
  var stackPointer: UInt32
  var callDepth: UInt64
  var retired: UInt64
  var status: TaskStatus
  var memory: [UInt8]

  init(_ machine: borrowing Machine, _ pid: PID) throws {
    registers = try machine.allRegisters(of: pid)
    flags = try machine.flags(of: pid)
    programCounter = try machine.programCounter(of: pid)
    stackPointer = try machine.stackPointer(of: pid)
    callDepth = try machine.callDepth(of: pid)
    retired = try machine.retired(of: pid)
    status = try machine.status(pid)
    memory = try machine.wholeMemory(of: pid)
  }
}

@Suite("Random programs")
struct DifferentialTests {
  /// HSX_LONG=1 asks for the long run, meant for a release build.
  static let isLong = ProcessInfo.processInfo.environment["HSX_LONG"] == "1"

  /// The only task of a machine.
  private let pid: PID = 1

  private func machine(_ engine: Engine, _ program: RandomProgram) throws -> Machine {
    var machine = Machine(engine: engine, taskLimit: 1)
    _ = try machine.load(program.words, stackSize: program.stackSize)
    for (number, value) in program.registers.enumerated() {
      try machine.setRegister(UInt32(number), of: pid, to: value)
    }
    try machine.setFlags(of: pid, to: program.flags)
    try machine.setStackPointer(of: pid, to: program.stackPointer)
    return machine
  }

  @Test("come to the same on both engines, whatever the slices")
  func enginesAgree() throws {
    let programs: UInt64 = Self.isLong ? 200_000 : 500
    for seed in 0..<programs {
      let program = RandomProgram(seed: seed)
      var exact = try machine(.exact, program)
      var fast = try machine(.predecoded, program)
      var random = SeededGenerator(seed: seed ^ 0xABCD_EF01)
      let style = random.below(3)
      for slice in 0..<(Self.isLong ? 40 : 12) {
        let budget: UInt32 =
          switch style {
          case 0: 1
          case 1: UInt32(random.below(12))
          default: UInt32(random.below(300))
          }
        let expected = try exact.run(pid, upTo: budget)
        let found = try fast.run(pid, upTo: budget)
        let isSame = try found == expected && Snapshot(fast, pid) == Snapshot(exact, pid)
        #expect(isSame, "seed \(seed), slice \(slice): \(found), not \(expected)")
        #expect(found.retired <= budget)
        if let last = try fast.lastInstruction(of: pid) {
          #expect(try exact.lastInstruction(of: pid) == last, "seed \(seed), slice \(slice)")
        } else if found.retired != 0, try fast.status(pid) == .ready {
          Issue.record("seed \(seed), slice \(slice): no last instruction")
        }
        guard isSame else { return }
        if try exact.status(pid) != .ready { break }
        if case .systemCall(let module, let function) = expected.reason {
          _ = try exact.answerTaskCall(pid, module: module, function: function)
          _ = try fast.answerTaskCall(pid, module: module, function: function)
          if try exact.status(pid) != .ready { break }
        }
      }
    }
  }

  @Test("do at each instruction what the table of the specification says")
  func agreesWithTheTable() throws {
    let programs: UInt64 = Self.isLong ? 50_000 : 200
    for seed in 1_000_000..<(1_000_000 + programs) {
      let program = RandomProgram(seed: seed)
      var exact = try machine(.exact, program)
      var naive = NaiveMachine(code: program.words)
      naive.registers = program.registers.map { Int64($0) }
      naive.sp = Int64(program.stackPointer)
      naive.limit = 0xFFFC - Int64(program.stackSize)
      (naive.z, naive.c, naive.n, naive.v) = (
        program.flags & 1 != 0, program.flags & 2 != 0, program.flags & 4 != 0, program.flags & 8 != 0
      )
      for count in 0..<60 {
        let stop = naive.step()
        let result = try exact.step(pid)
        let flags = (naive.z ? 1 : 0) | (naive.c ? 2 : 0) | (naive.n ? 4 : 0) | (naive.v ? 8 : 0)
        let isSame =
          try result.reason == reason(stop)
          && exact.allRegisters(of: pid).map { Int64($0) } == naive.registers
          && Int(exact.flags(of: pid)) == flags && Int64(exact.programCounter(of: pid)) == naive.pc
          && Int64(exact.stackPointer(of: pid)) == naive.sp && exact.callDepth(of: pid) == UInt64(naive.depth)
          && exact.retired(of: pid) == UInt64(naive.retired)
        #expect(isSame, "seed \(seed), instruction \(count), \(result), not \(String(describing: stop))")
        guard isSame else { return }
        if try exact.status(pid) != .ready { break }
      }
      #expect(try exact.wholeMemory(of: pid) == naive.memory, "seed \(seed)")
    }
  }

  @Test("compute every pair of edge numbers as the table says, with and without carry, on both engines")
  func arithmeticEdges() throws {
    let numbers: [UInt32] = [
      0, 1, 2, 31, 32, 33, 0x7FFF_FFFE, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FFFE, 0xFFFF_FFFF,
    ]
    let operations: [UInt32] = [
      0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x20, 0x31, 0x32, 0x33, 0x34, 0x35,
    ]
    for operation in operations {
      // One instruction, and a branch, which keeps the fast loop from leaving it to the exact one.
      let words = [operation << 24 | 0x0031_2000, 0x2100_0008, 0x2100_0008]
      for choice in EngineChoice.allCases {
        var machine = try machine(choice.engine, RandomProgram(words: words))
        for left in numbers {
          for right in numbers where !(operation == 0x13 && right == 0) {
            for flags: UInt8 in [0, 2, 13, 15] {
              var naive = NaiveMachine(code: words)
              (naive.registers[1], naive.registers[2]) = (Int64(left), Int64(right))
              (naive.z, naive.c, naive.n, naive.v) = (
                flags & 1 != 0, flags & 2 != 0, flags & 4 != 0, flags & 8 != 0
              )
              _ = naive.step()
              try machine.setRegister(1, of: pid, to: left)
              try machine.setRegister(2, of: pid, to: right)
              try machine.setRegister(3, of: pid, to: 0)
              try machine.setFlags(of: pid, to: flags)
              try machine.setProgramCounter(of: pid, to: 0)
              _ = try machine.run(pid, upTo: 4)
              let expected = (naive.z ? 1 : 0) | (naive.c ? 2 : 0) | (naive.n ? 4 : 0) | (naive.v ? 8 : 0)
              let isSame =
                try Int64(machine.register(3, of: pid)) == naive.registers[3]
                && Int(machine.flags(of: pid)) == expected
              if !isSame { Issue.record("\(choice) \(operation): \(left), \(right), flags \(flags)") }
            }
          }
        }
      }
    }
  }

  private func reason(_ stop: NaiveMachine.Stop?) -> StopReason {
    switch stop {
    case nil: .budget
    case .systemCall(let module, let function):
      .systemCall(module: UInt8(module), function: UInt8(function))
    case .breakpoint(let code): .breakpoint(code: UInt8(code))
    case .returned: .returned
    case .illegal: .fault(.illegalInstruction)
    case .outside: .fault(.programCounter)
    case .memory: .fault(.memory)
    case .overflow: .fault(.stackOverflow)
    case .underflow: .fault(.stackUnderflow)
    case .division: .fault(.divideByZero)
    case .codeEnd: .fault(.codeEnd)
    }
  }

  @Test("reach every kind of stop, so that the comparison means something")
  func reachesEverything() throws {
    var faults: [Fault: Int] = [:]
    var others: [String: Int] = [:]
    var retired: UInt64 = 0
    for seed in 0..<UInt64(1_000) {
      var machine = try self.machine(.predecoded, RandomProgram(seed: seed))
      let result = try machine.run(pid, upTo: 500)
      retired += UInt64(result.retired)
      switch result.reason {
      case .fault(let fault): faults[fault, default: 0] += 1
      case .budget: others["budget", default: 0] += 1
      case .systemCall: others["systemCall", default: 0] += 1
      case .breakpoint: others["breakpoint", default: 0] += 1
      case .returned: others["returned", default: 0] += 1
      }
    }
    for fault in Fault.allCases { #expect(faults[fault, default: 0] >= 5, "\(fault)") }
    #expect(others.count == 4)
    #expect(retired > 20_000)
  }

  @Test("divide and round binary16 as IEEE 754 does, all pairs of a sample, all integers near the edges")
  func binary16() throws {
    // FADD, FSUB, FMUL, FDIV, I2F, F2I of R1 and R2 into R3 to R8.
    let words: [UInt32] = [
      0x5031_2000, 0x5141_2000, 0x5251_2000, 0x5361_2000, 0x5471_0000, 0x5581_0000,
    ]
    var exact = try machine(.exact, RandomProgram(words: words))
    var naive = NaiveMachine(code: words)
    var random = SeededGenerator(seed: 16)
    let edges: [UInt32] = [
      0, 1, 0x3FF, 0x400, 0x3C00, 0x7BFF, 0x7C00, 0x7C01, 0x7E00, 0xFFFF, 0x8000, 0x8001,
    ]
    for _ in 0..<(Self.isLong ? 2_000_000 : 3_000) {
      let left = random.chance(30) ? random.pick(edges) : UInt32(truncatingIfNeeded: random.next())
      let integer = random.chance(50) ? UInt32(truncatingIfNeeded: random.below(262_144) - 131_072) : left
      let right = random.chance(30) ? random.pick(edges) : UInt32(truncatingIfNeeded: random.next())
      try exact.setRegister(1, of: pid, to: integer)
      try exact.setRegister(2, of: pid, to: right)
      try exact.setProgramCounter(of: pid, to: 0)
      naive.registers[1] = Int64(integer)
      naive.registers[2] = Int64(right)
      naive.pc = 0
      for _ in words { _ = naive.step() }
      _ = try exact.run(pid, upTo: UInt32(words.count))
      #expect(try exact.allRegisters(of: pid).map { Int64($0) } == naive.registers)
    }
  }
}

extension RandomProgram {
  /// These words, everything else as when a task starts.
  init(words: [UInt32]) {
    self.words = words
    registers = [UInt32](repeating: 0, count: 16)
  }
}
