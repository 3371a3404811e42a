import MiniVM
import HSXHAL
import HSXProtocol
import HSXProvisioning

/// A request that is not answered at once: its connection waits, nobody else does.
struct Job {
  /// What is waited for.
  enum Work {
    /// Instructions that are still to run, with what came of those that have.
    case step(StepJob)
    /// A message for a handle of a task, until then.
    case receive(ReceiveJob)
  }

  /// The request's `id`.
  var id: JSONTree?
  /// What was asked for, and when.
  var command: CommandName?
  var began: Instant
  var work: Work
}

/// A step of more instructions than one slice has.
struct StepJob {
  var left: UInt32
  var only: PID?
  var executed: UInt32 = 0
  /// The number of the first event of the step.
  var firstEvent: UInt64
  var lastPID: PID?
}

/// A receive that waits.
struct ReceiveJob {
  var pid: PID
  var handle: UInt32
  var maximum: UInt32
  /// When it is given up; nil for never.
  var deadline: Instant?
  /// Whether it waits at all.
  var isWaiting: Bool
}
