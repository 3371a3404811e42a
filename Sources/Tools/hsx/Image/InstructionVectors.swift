import Foundation
import MiniVM

/// A file of instruction vectors: states before, the instructions, and what must be true afterwards.
struct InstructionVectors: Decodable {
  var cases: [InstructionVector]
}

struct InstructionVector: Decodable {
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

  /// Replays the case; what differs from the expectation, in words.
  func replay(on engine: Engine) -> [String] {
    do throws(MachineError) {
      return try differences(on: engine)
    } catch {
      return ["the machine refused the case: \(error)"]
    }
  }

  private func differences(on engine: Engine) throws(MachineError) -> [String] {
    guard regs.count == 16, expect.regs.count == 16 else { return ["it does not name 16 registers"] }
    var words: [UInt8] = []
    for word in code {
      guard let number = UInt32(word, radix: 16) else { return ["\(word) is no word in hexadecimal"] }
      for shift: UInt32 in [24, 16, 8, 0] { words.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
    var machine = Machine(engine: engine, taskLimit: 1)
    let pid = try machine.reserve(
      TaskLayout(entry: 0, codeLength: UInt32(words.count), stackSize: TaskLayout.stackTop))
    try machine.writeCode(pid, words.span, at: 0)
    try machine.makeReady(pid)
    for (number, value) in regs.enumerated() { try machine.setRegister(UInt32(number), of: pid, to: value) }
    try machine.setFlags(of: pid, to: flags)
    try machine.setStackPointer(of: pid, to: sp ?? 0x8000)
    for (address, byte) in mem ?? [:] {
      try machine.writeMemory(of: pid, at: UInt32(address) ?? .max, [byte].span)
    }
    let (retired, isRunning) = try run(pid, &machine)

    var found: [String] = []
    func compare<Value: Equatable>(_ what: String, _ value: Value, _ expected: Value) {
      if value != expected { found.append("\(what) is \(value), expected \(expected)") }
    }
    for number in 0..<16 {
      compare("R\(number)", try machine.register(UInt32(number), of: pid), expect.regs[number])
    }
    compare("flags", try machine.flags(of: pid), expect.flags)
    compare("PC", try machine.programCounter(of: pid), expect.pc)
    compare("SP", try machine.stackPointer(of: pid), expect.sp)
    compare("running", isRunning, expect.running)
    compare("steps", retired, expect.steps)
    if let difference = try memoryDifference(of: pid, machine) { found.append(difference) }
    return found
  }

  /// The first byte of memory that is not as expected. Whole pages are compared at once: there are thousands of
  /// cases, and 64 KiB each.
  private func memoryDifference(
    of pid: PID, _ machine: borrowing Machine
  ) throws(MachineError) -> String? {
    var wanted = [UInt8](repeating: 0, count: Int(Machine.memorySize))
    for (address, byte) in (mem ?? [:]).merging(expect.mem, uniquingKeysWith: { $1 }) {
      guard let index = Int(address), wanted.indices.contains(index) else {
        return "\(address) is no address in memory"
      }
      wanted[index] = byte
    }
    let expected = wanted
    return try machine.withMemory(of: pid, at: 0, count: expected.count) { memory in
      let isEqual = memory.withUnsafeBytes { Data($0) == Data(expected) }
      guard !isEqual, let address = expected.indices.first(where: { memory[$0] != expected[$0] }) else {
        return nil
      }
      return "memory at \(address) is \(memory[address]), expected \(expected[address])"
    }
  }

  /// The instructions retired, and whether the task could run on.
  private func run(
    _ pid: PID, _ machine: inout Machine
  ) throws(MachineError) -> (retired: UInt32, isRunning: Bool) {
    let limit = steps ?? 1
    var retired: UInt32 = 0
    while retired < limit {
      let result = try machine.run(pid, upTo: limit - retired)
      retired += result.retired
      switch result.reason {
      case .budget: break
      case .systemCall(let module, let function):
        if try !machine.answerTaskCall(pid, module: module, function: function) {
          try machine.setRegister(0, of: pid, to: Machine.unknownCall)
        }
        guard try machine.status(pid) == .ready else { return (retired, false) }
      case .breakpoint, .fault, .returned: return (retired, false)
      }
    }
    return (retired, true)
  }
}
