extension Machine {
  /// Lends `count` bytes of a task's memory from `address`, without copying them. A range past memory is
  /// refused, and `body` not called.
  public func withMemory<Result>(
    of pid: PID, at address: UInt32, count: Int, _ body: (Span<UInt8>) -> Result
  ) throws(MachineError) -> Result {
    let index = try index(of: pid)
    let start = try Self.start(of: count, at: address, limit: Self.memorySize)
    let memory = contexts[index].memory
    return body(memory.span.extracting(start..<start + count))
  }

  /// A copy of `count` bytes of a task's memory from `address`. A range past memory is refused.
  ///
  /// All of memory costs nothing before one of the two is written.
  public func memory(of pid: PID, at address: UInt32, count: Int) throws(MachineError) -> [UInt8] {
    let index = try index(of: pid)
    let start = try Self.start(of: count, at: address, limit: Self.memorySize)
    if count == contexts[index].memory.count { return contexts[index].memory }
    return [UInt8](contexts[index].memory[start..<start + count])
  }

  /// Puts all of a task's memory back to what `memory(of:at:count:)` gave; anything of another size is refused.
  public mutating func restoreMemory(of pid: PID, to memory: [UInt8]) throws(MachineError) {
    let index = try index(of: pid)
    guard memory.count == contexts[index].memory.count else {
      throw .outOfRange(offset: 0, count: UInt32(clamping: memory.count), limit: Self.memorySize)
    }
    contexts[index].memory = memory
  }

  /// Fills `bytes` from a task's memory at `address`. A range past memory is refused.
  public func readMemory(
    of pid: PID, at address: UInt32, into bytes: inout MutableSpan<UInt8>
  ) throws(MachineError) {
    let index = try index(of: pid)
    let start = try Self.start(of: bytes.count, at: address, limit: Self.memorySize)
    for position in bytes.indices { bytes[position] = contexts[index].memory[start + position] }
  }

  /// Puts `bytes` into a task's memory at `address`, in any state. A range past memory is refused.
  public mutating func writeMemory(
    of pid: PID, at address: UInt32, _ bytes: Span<UInt8>
  ) throws(MachineError) {
    let index = try index(of: pid)
    let start = try Self.start(of: bytes, at: address, limit: Self.memorySize)
    var memory = contexts[index].memory.mutableSpan
    for position in bytes.indices { memory[start + position] = bytes[position] }
  }
}
