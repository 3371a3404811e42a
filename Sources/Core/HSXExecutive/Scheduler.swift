import MiniVM

/// Whose turn it is: the lowest priority number first, equal ones in turn, nobody starved.
///
/// A task that could have run for `patience` slices gets the next one whatever its priority.
struct Scheduler: Equatable, Sendable {
  /// Slices after which a task that could run does.
  static var patience: UInt64 { 63 }

  /// The number of the present slice.
  private(set) var slice: UInt64 = 0
  /// The task whose slice it is, and the instructions it has left.
  private(set) var current: PID?
  private(set) var remaining: UInt32 = 0

  /// The task that runs now, after starting a new slice if the last one is over; nil if none can.
  mutating func select(_ tasks: inout [ExecutiveTask]) -> Int? {
    if remaining > 0, let current,
      let index = tasks.firstIndex(where: { $0.pid == current }), tasks[index].isRunnable
    {
      return index
    }
    guard let index = next(tasks) else {
      current = nil
      remaining = 0
      return nil
    }
    slice += 1
    tasks[index].waitsSince = slice
    current = tasks[index].pid
    remaining = tasks[index].quantum
    return index
  }

  private func next(_ tasks: [ExecutiveTask]) -> Int? {
    var best: Int?
    var starved: Int?
    for index in tasks.indices where tasks[index].isRunnable {
      let task = tasks[index]
      if slice >= task.waitsSince + Self.patience,
        task.waitsSince < starved.map({ tasks[$0].waitsSince }) ?? .max
      {
        starved = index
      }
      guard let leader = best.map({ tasks[$0] }) else {
        best = index
        continue
      }
      guard task.priority == leader.priority else {
        if task.priority < leader.priority { best = index }
        continue
      }
      // One that woke during the present slice comes before the one whose slice it was.
      if task.waitsSince < leader.waitsSince
        || (task.waitsSince == leader.waitsSince && leader.pid == current)
      {
        best = index
      }
    }
    return starved ?? best
  }

  /// Counts instructions against the slice. A task that has the processor to itself may run past its quantum,
  /// as one whose turn comes again and again.
  mutating func spend(_ instructions: UInt32, quantum: UInt32) {
    if instructions < remaining {
      remaining -= instructions
    } else {
      let past = (instructions - remaining) % max(1, quantum)
      remaining = past == 0 ? 0 : quantum - past
    }
  }

  /// Ends the present slice early if it is this task's, and not one that runs outside the turns.
  mutating func yield(_ pid: PID) {
    if current == pid { remaining = 0 }
  }

  /// Notes that a task is gone.
  mutating func forget(_ pid: PID) {
    guard current == pid else { return }
    current = nil
    remaining = 0
  }
}
