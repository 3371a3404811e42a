/// The state of a task, as `ps` and the events show it.
public enum TaskState: UInt8, CaseIterable, Equatable, Sendable {
  /// Its image is arriving.
  case loading
  /// It has never run.
  case ready
  /// It runs when its turn comes.
  case running
  /// It waits for a message.
  case waitingMailbox
  /// It waits for a file operation that the driver carries out.
  case waitingFile
  /// It sleeps.
  case sleeping
  /// A person or the debugger paused it.
  case paused
  /// It returned or exited, with a status.
  case returned
  /// It was stopped by a fault.
  case stopped
  /// It is gone.
  case terminated
}

/// Why a task's state changed.
public enum TaskStateReason: UInt8, CaseIterable, Equatable, Sendable {
  case loaded, started, debugBreak, sleep, mailboxWait, mailboxWake, fileWait, fileDone, timeout
  case returned, killed, resume, userPause, fault, replaced, rolledBack, restored
}
