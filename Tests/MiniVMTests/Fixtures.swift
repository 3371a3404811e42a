import Foundation
import MiniVM

enum Fixtures {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/vectors")

  static func data(_ path: String) throws -> Data {
    try Data(contentsOf: folder.appendingPathComponent(path))
  }
}

/// The two engines, as arguments of tests.
enum EngineChoice: String, CaseIterable {
  case exact, predecoded

  var engine: Engine {
    switch self {
    case .exact: .exact
    case .predecoded: .predecoded
    }
  }
}

/// Words as the bytes of code.
func bytes(_ words: [UInt32]) -> [UInt8] {
  words.flatMap {
    [
      UInt8(truncatingIfNeeded: $0 >> 24), UInt8(truncatingIfNeeded: $0 >> 16),
      UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0),
    ]
  }
}

extension Machine {
  /// A task ready to run these words.
  mutating func load(_ words: [UInt32], entry: UInt32 = 0, stackSize: UInt32 = TaskLayout.defaultStackSize)
    throws(MachineError) -> PID
  {
    let code = bytes(words)
    let pid = try reserve(
      TaskLayout(entry: entry, codeLength: UInt32(code.count), stackSize: stackSize))
    try writeCode(pid, code.span, at: 0)
    try makeReady(pid)
    return pid
  }

  /// A copy of all of a task's memory.
  func wholeMemory(of pid: PID) throws(MachineError) -> [UInt8] {
    try withMemory(of: pid, at: 0, count: Int(Machine.memorySize)) { span in
      span.withUnsafeBufferPointer { [UInt8]($0) }
    }
  }

  /// The sixteen registers as an array.
  func allRegisters(of pid: PID) throws(MachineError) -> [UInt32] {
    let registers = try registers(of: pid)
    return registers.indices.map { registers[$0] }
  }
}
