public import HSXProvisioning
public import MiniVM

// What the executive does to its tasks' contexts. Each task that is listed has a context in the machine, made before it
// and unloaded after it, so the machine has nothing to refuse here; a refusal would be a mistake in this module.
extension Executive where Memory: ~Copyable {
  func register(_ number: UInt32, of pid: PID) -> UInt32 {
    do throws(MachineError) { return try machine.register(number, of: pid) } catch { Self.impossible(error) }
  }

  mutating func setRegister(_ number: UInt32, of pid: PID, to value: UInt32) {
    do throws(MachineError) {
      try machine.setRegister(number, of: pid, to: value)
    } catch {
      Self.impossible(error)
    }
  }

  /// An argument of a call: R1 to R5.
  func argument(_ number: UInt32, of pid: PID) -> UInt32 {
    register(number, of: pid)
  }

  /// Puts the result of a call into R0.
  mutating func answer(_ pid: PID, _ result: UInt32) {
    setRegister(0, of: pid, to: result)
  }

  /// Up to `count` bytes of a task's memory from `address`, which is taken modulo memory; cut off at its end.
  func bytes(of pid: PID, at address: UInt32, count: UInt32) -> [UInt8] {
    let start = address & 0xFFFF
    let length = Int(min(count, Machine.memorySize - start))
    do throws(MachineError) {
      return try machine.memory(of: pid, at: start, count: length)
    } catch {
      Self.impossible(error)
    }
  }

  /// Puts bytes into a task's memory at `address`, which is taken modulo memory; cut off at its end.
  mutating func writeMemory(of pid: PID, at address: UInt32, _ bytes: Span<UInt8>) {
    let start = address & 0xFFFF
    let kept = bytes.extracting(first: min(bytes.count, Int(Machine.memorySize - start)))
    do throws(MachineError) {
      try machine.writeMemory(of: pid, at: start, kept)
    } catch {
      Self.impossible(error)
    }
  }

  mutating func runMachine(_ pid: PID, upTo limit: UInt32) -> StepResult {
    do throws(MachineError) { return try machine.run(pid, upTo: limit) } catch { Self.impossible(error) }
  }

  mutating func answerTaskCall(_ pid: PID, module: UInt8, function: UInt8) -> Bool {
    do throws(MachineError) {
      return try machine.answerTaskCall(pid, module: module, function: function)
    } catch {
      Self.impossible(error)
    }
  }

  mutating func unload(_ pid: PID) {
    do throws(MachineError) { try machine.unload(pid) } catch { Self.impossible(error) }
  }

  static func impossible(_ error: MachineError) -> Never {
    preconditionFailure("a task without its context, or one in another state than the executive believes")
  }
}

/// A look into a task, for shells and debuggers.
extension Executive where Memory: ~Copyable {
  /// A task's registers and counters.
  public struct Processor: Equatable, Sendable {
    /// R0 to R15.
    public var registers: [UInt32]
    /// The code address of the next instruction.
    public var programCounter: UInt32
    /// The stack pointer.
    public var stackPointer: UInt32
    /// The stack pointer below which the stack is full.
    public var stackLimit: UInt32
    /// The stack pointer of an empty stack.
    public var stackTop: UInt32
    /// Bit 0 Z, 1 C, 2 N, 3 V.
    public var flags: UInt8
    /// The instructions retired.
    public var retired: UInt64
  }

  /// A task's registers and counters.
  ///
  /// - Throws: `unknownTask`.
  public func processor(of pid: PID) throws(ProvisioningError) -> Processor {
    _ = try index(of: pid)
    do throws(MachineError) {
      let registers = try machine.registers(of: pid)
      return Processor(
        registers: registers.indices.map { registers[$0] },
        programCounter: try machine.programCounter(of: pid),
        stackPointer: try machine.stackPointer(of: pid), stackLimit: try machine.stackLimit(of: pid),
        stackTop: TaskLayout.stackTop,
        flags: try machine.flags(of: pid), retired: try machine.retired(of: pid))
    } catch {
      Self.impossible(error)
    }
  }

  /// The instruction that a task retired last; nil if it has not run, or ran without `trace`.
  ///
  /// - Throws: `unknownTask`.
  public func lastInstruction(of pid: PID) throws(ProvisioningError) -> RetiredInstruction? {
    _ = try index(of: pid)
    do throws(MachineError) { return try machine.lastInstruction(of: pid) } catch { Self.impossible(error) }
  }

  /// Keeps each instruction of a task for `lastInstruction`, at the exact engine's speed; or no longer.
  ///
  /// - Throws: `unknownTask`.
  public mutating func trace(_ pid: PID, _ isTraced: Bool) throws(ProvisioningError) {
    _ = try index(of: pid)
    do throws(MachineError) { try machine.setTracing(of: pid, to: isTraced) } catch { Self.impossible(error) }
  }

  /// `count` bytes of a task's memory from `address`.
  ///
  /// - Throws: `unknownTask`; `outOfRange` if they do not lie in memory.
  public func peek(_ pid: PID, at address: UInt32, count: UInt32) throws(ProvisioningError) -> [UInt8] {
    try checkRange(pid, address, UInt64(count))
    return bytes(of: pid, at: address, count: count)
  }

  /// Puts bytes into a task's memory.
  ///
  /// - Throws: `unknownTask`; `outOfRange` if they do not lie in memory.
  public mutating func poke(
    _ pid: PID, at address: UInt32, _ bytes: Span<UInt8>
  ) throws(ProvisioningError) {
    try checkRange(pid, address, UInt64(bytes.count))
    if bytes.count > 0 { writeMemory(of: pid, at: address, bytes) }
  }

  /// Sets a register of a task, 0 to 15.
  ///
  /// - Throws: `unknownTask`; `outOfRange` for another register.
  public mutating func setRegister(
    _ number: UInt32, to value: UInt32, of pid: PID
  ) throws(ProvisioningError) {
    _ = try index(of: pid)
    guard number < 16 else { throw .outOfRange(.register, found: UInt64(number), least: 0, most: 15) }
    setRegister(number, of: pid, to: value)
  }

  private func checkRange(_ pid: PID, _ address: UInt32, _ count: UInt64) throws(ProvisioningError) {
    _ = try index(of: pid)
    let end = UInt64(address) + count
    guard end <= UInt64(Machine.memorySize) else {
      throw .outOfRange(.address, found: end, least: 0, most: UInt64(Machine.memorySize))
    }
  }
}
