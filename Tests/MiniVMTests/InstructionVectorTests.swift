import Foundation
import MiniVM
import Testing

/// Tests/Fixtures/vectors/isa.json, case by case, on both engines.
@Suite("The instruction vectors")
struct InstructionVectorTests {
  struct File: Decodable { var cases: [Case] }

  struct Case: Decodable {
    struct Expectation: Decodable {
      var regs: [UInt32]
      var flags: UInt8
      var pc: UInt32
      var sp: UInt32
      var running: Bool
      var steps: UInt32
      var mem: [String: UInt8]
    }
    var name: String
    var code: [String]
    var regs: [UInt32]
    var flags: UInt8
    var mem: [String: UInt8]?
    var sp: UInt32?
    var steps: UInt32?
    var expect: Expectation
  }

  struct Outcome: Equatable {
    var registers: [UInt32]
    var flags: UInt8
    var programCounter: UInt32
    var stackPointer: UInt32
    var isRunning: Bool
    var steps: UInt32
    var memory: [UInt8]
  }

  static let cases: [Case] = {
    let data = (try? Fixtures.data("isa.json")) ?? Data()
    return (try? JSONDecoder().decode(File.self, from: data))?.cases ?? []
  }()

  @Test("are all there")
  func count() { #expect(Self.cases.count == 1618) }

  @Test("hold on both engines, whole and instruction by instruction", arguments: EngineChoice.allCases)
  func hold(_ choice: EngineChoice) throws {
    for (index, vector) in Self.cases.enumerated() {
      let expected = Outcome(
        registers: vector.expect.regs, flags: vector.expect.flags, programCounter: vector.expect.pc,
        stackPointer: vector.expect.sp, isRunning: vector.expect.running, steps: vector.expect.steps,
        memory: memory(vector.mem ?? [:], changed: vector.expect.mem))
      #expect(try outcome(of: vector, choice, slice: .max) == expected, "\(index) \(vector.name) whole")
      #expect(try outcome(of: vector, choice, slice: 1) == expected, "\(index) \(vector.name) stepped")
    }
  }

  /// A single instruction is the exact loop's even on the predecoded engine. With a breakpoint behind it and
  /// room in the budget it is the fast one's.
  @Test("hold within a longer run", arguments: EngineChoice.allCases)
  func holdWithinRun(_ choice: EngineChoice) throws {
    var count = 0
    for (index, vector) in Self.cases.enumerated() {
      let expect = vector.expect
      let isStraight = expect.running ? expect.pc == vector.code.count * 4 : expect.pc == 0
      guard vector.steps == nil, isStraight, !vector.name.hasPrefix("SVC"), vector.name != "LDI32-overrun",
        vector.name != "RET-top"
      else { continue }
      count += 1
      let expected = Outcome(
        registers: expect.regs, flags: expect.flags, programCounter: expect.pc + (expect.running ? 4 : 0),
        stackPointer: expect.sp, isRunning: false, steps: expect.steps + (expect.running ? 1 : 0),
        memory: memory(vector.mem ?? [:], changed: expect.mem))
      var longer = vector
      longer.code.append("7f000000")
      longer.steps = 100
      #expect(try outcome(of: longer, choice, slice: .max) == expected, "\(index) \(vector.name)")
    }
    #expect(count > 1300)
  }

  private func memory(_ before: [String: UInt8], changed: [String: UInt8]) -> [UInt8] {
    var memory = [UInt8](repeating: 0, count: 0x1_0000)
    for (address, byte) in before { memory[Int(address) ?? .max] = byte }
    for (address, byte) in changed { memory[Int(address) ?? .max] = byte }
    return memory
  }

  private func outcome(of vector: Case, _ choice: EngineChoice, slice: UInt32) throws -> Outcome {
    var machine = Machine(engine: choice.engine, taskLimit: 1)
    let pid = try machine.load(
      vector.code.compactMap { UInt32($0, radix: 16) }, stackSize: TaskLayout.stackTop)
    for (number, value) in vector.regs.enumerated() {
      try machine.setRegister(UInt32(number), of: pid, to: value)
    }
    try machine.setFlags(of: pid, to: vector.flags)
    try machine.setStackPointer(of: pid, to: vector.sp ?? 0x8000)
    for (address, byte) in vector.mem ?? [:] {
      try machine.writeMemory(of: pid, at: UInt32(address) ?? .max, [byte].span)
    }

    let steps = vector.steps ?? 1
    var done: UInt32 = 0
    var isRunning = true
    while isRunning, done < steps {
      let result = try machine.run(pid, upTo: min(slice, steps - done))
      done += result.retired
      switch result.reason {
      case .budget: break
      case .systemCall(let module, let function):
        if try !machine.answerTaskCall(pid, module: module, function: function) {
          try machine.setRegister(0, of: pid, to: Machine.unknownCall)
        }
        isRunning = try machine.status(pid) == .ready
      case .breakpoint, .fault, .returned: isRunning = false
      }
    }

    return Outcome(
      registers: try machine.allRegisters(of: pid), flags: try machine.flags(of: pid),
      programCounter: try machine.programCounter(of: pid),
      stackPointer: try machine.stackPointer(of: pid), isRunning: isRunning, steps: done,
      memory: try machine.wholeMemory(of: pid))
  }
}
