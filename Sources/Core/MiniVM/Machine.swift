public import HXE

/// The machine: a bounded table of tasks in the order of their pids, each with its own registers and memory.
///
/// It runs one task at a time and decides nothing: it schedules nothing, answers no system call but the two
/// that concern the task alone, and knows no transport. A task is written, made ready, run and unloaded:
///
///     let pid = try machine.reserve(layout)          // loading: it cannot run
///     try machine.writeCode(pid, chunk, at: 0)       // as the bytes come
///     try machine.writeRodata(pid, chunk, at: 0)
///     try machine.makeReady(pid)                     // from here its code does not change
///     let result = try machine.run(pid, upTo: 256)
///
/// A task costs 64 KiB and its code, with the predecoded engine 64 KiB and 3.5 times its code.
public struct Machine: ~Copyable {
  /// Bytes of a task's memory.
  public static var memorySize: UInt32 { 0x1_0000 }

  let engine: Engine
  let checksum: CRC32.Algorithm
  /// The most tasks at once, those that are loading included.
  public let taskLimit: Int
  var contexts: [TaskContext] = []
  var loads: [ImageLoad] = []
  /// The number that the next task gets.
  public private(set) var nextPID: PID = 1
  /// The task that `step()` and `run(upTo:)` run.
  public private(set) var selectedPID: PID?

  /// A machine without tasks; a negative `taskLimit` is none. `checksum` is for the images it loads.
  public init(engine: Engine, checksum: CRC32.Algorithm = .compact, taskLimit: Int) {
    self.engine = engine
    self.checksum = checksum
    self.taskLimit = max(0, taskLimit)
    contexts.reserveCapacity(min(self.taskLimit, 64))
  }

  /// The places taken: tasks, and loads whose header is not there yet.
  public var taskCount: Int {
    var count = contexts.count
    for load in loads where position(of: load.pid) == nil { count += 1 }
    return count
  }

  /// The pids of all tasks that have memory, ascending. It allocates; `pid(at:)` does not.
  public var pids: [PID] { contexts.map { $0.pid } }

  /// The pid of the task at `position` in that order; nil behind the last.
  public func pid(at position: Int) -> PID? {
    contexts.indices.contains(position) ? contexts[position].pid : nil
  }

  /// Whether there is a task of that number.
  public func contains(_ pid: PID) -> Bool { position(of: pid) != nil }

  /// What the machine knows of the task's condition.
  public func status(_ pid: PID) throws(MachineError) -> TaskStatus { contexts[try index(of: pid)].status }

  // MARK: Running

  /// Chooses the task for `step()` and `run(upTo:)`. Nothing is copied.
  public mutating func setContext(_ pid: PID) throws(MachineError) {
    _ = try index(of: pid)
    selectedPID = pid
  }

  /// Retires up to `limit` instructions of a task that is ready, never more, and says why it ended.
  ///
  /// It costs no allocation. Slices of 256 instructions and more give the engine its speed. Refuses a task
  /// that is loading, returned or faulted.
  public mutating func run(_ pid: PID, upTo limit: UInt32) throws(MachineError) -> StepResult {
    let index = try index(of: pid)
    guard contexts[index].status == .ready else {
      throw .wrongState(pid, contexts[index].status)
    }
    return engine.run(&contexts[index], limit)
  }

  /// Retires one instruction of a task that is ready.
  public mutating func step(_ pid: PID) throws(MachineError) -> StepResult { try run(pid, upTo: 1) }

  /// `run` for the task chosen by `setContext`; pid 0 is unknown when none was.
  public mutating func run(upTo limit: UInt32) throws(MachineError) -> StepResult {
    try run(selectedPID ?? 0, upTo: limit)
  }

  /// `step` for the task chosen by `setContext`.
  public mutating func step() throws(MachineError) -> StepResult { try run(upTo: 1) }

  // MARK: The table

  /// A place for a task and the next pid; no instruction of it can run yet.
  ///
  /// Allocates the task's memory, zeroed, and room for its code. Throws when the table is full or the layout
  /// cannot be: an entry outside the code, code that is no multiple of 4 or over 64 KiB, rodata and bss that
  /// end past memory, a stack larger than memory.
  public mutating func reserve(_ layout: TaskLayout) throws(MachineError) -> PID {
    try Self.check(layout)
    guard taskCount < taskLimit, let pid = nextFreePID() else { throw .tableFull(limit: taskLimit) }
    insert(TaskContext(pid: pid, layout: layout))
    return pid
  }

  /// A pid that was never used; nil when all are.
  mutating func nextFreePID() -> PID? {
    guard nextPID != .max else { return nil }
    defer { nextPID += 1 }
    return nextPID
  }

  /// Puts a context where the order of pids wants it: a load's header may come after a later load's.
  mutating func insert(_ context: consuming TaskContext) {
    let pid = context.pid
    contexts.insert(context, at: contexts.firstIndex { $0.pid > pid } ?? contexts.count)
  }

  /// Removes a task, whatever it is doing, and gives its memory back. Its pid is not used again.
  public mutating func unload(_ pid: PID) throws(MachineError) {
    _ = try index(of: pid)
    remove(pid)
  }

  mutating func remove(_ pid: PID) {
    if let position = position(of: pid) { contexts.remove(at: position) }
    if selectedPID == pid { selectedPID = nil }
  }

  private static func check(_ layout: TaskLayout) throws(MachineError) {
    let limit = TaskLayout.partLimit
    guard layout.codeLength <= limit, layout.codeLength & 3 == 0 else {
      throw .badLayout(.codeLength, found: layout.codeLength, limit: limit)
    }
    guard layout.entry < layout.codeLength, layout.entry & 3 == 0 else {
      throw .badLayout(.entry, found: layout.entry, limit: layout.codeLength)
    }
    let dataLimit = MemoryMap.end &- MemoryMap.rodataStart
    guard layout.rodataLength <= dataLimit else {
      throw .badLayout(.memory, found: layout.rodataLength, limit: dataLimit)
    }
    let room = MemoryMap.end &- MemoryMap.bssStart(rodataLength: layout.rodataLength)
    guard layout.bssSize <= room else {
      throw .badLayout(.memory, found: layout.bssSize, limit: room)
    }
    try check(stackSize: layout.stackSize)
  }

  static func check(stackSize: UInt32) throws(MachineError) {
    guard stackSize <= TaskLayout.stackTop else {
      throw .badLayout(.stackSize, found: stackSize, limit: TaskLayout.stackTop)
    }
  }

  // MARK: Looking up

  /// Where in the table `pid` stands: at most 32 comparisons, commonly two or three.
  func position(of pid: PID) -> Int? {
    var low = 0
    var high = contexts.count
    while low < high {
      let middle = (low + high) / 2
      if contexts[middle].pid < pid { low = middle + 1 } else { high = middle }
    }
    return low < contexts.count && contexts[low].pid == pid ? low : nil
  }

  func index(of pid: PID) throws(MachineError) -> Int {
    guard let position = position(of: pid) else { throw .unknownTask(pid) }
    return position
  }
}
