import HSXHAL
public import HSXProvisioning
public import HXE
public import MiniVM

/// A task as the executive sees it: who it is, what it waits for, and how it ended.
public struct ExecutiveTask: Equatable, Sendable {
  /// How a task ended.
  public enum Ending: Equatable, Sendable {
    /// It came back from its first instruction's level, with R0.
    case returned(status: UInt32)
    /// It called exit.
    case exited(status: UInt32)
    /// The machine stopped it.
    case faulted(Fault)
  }

  /// What keeps a task from running.
  enum Block: Equatable, Sendable {
    case none
    case sleep(until: Instant)
    case mailbox(PendingReceive)
    case file(PendingFile)
  }

  /// Its pid.
  public let pid: PID
  /// The name it runs under.
  public let name: ShortName
  /// The name of its app.
  public let baseName: ShortName
  /// Where its image came from.
  public let source: Source
  /// Its image's header.
  public let header: Header
  /// How much its image declares.
  public let declared: DeclaredCounts
  /// A lower number runs first.
  public internal(set) var priority: UInt8 = ExecutiveTask.defaultPriority
  /// Instructions in a row before an equal one's turn comes.
  public internal(set) var quantum: UInt32 = ExecutiveTask.defaultQuantum
  /// How it ended, if it did.
  public internal(set) var ending: Ending?
  /// Where its image is stored, if it is.
  public internal(set) var image: StoredImage?
  /// The generation under which its values are stored.
  var generation: UInt8 = 0
  var hasRun = false
  /// It has opened a file since it began, so the driver may hold descriptors for it.
  var mayHaveFiles = false
  var isPaused = false
  /// It waits behind its replacement; nobody sees it.
  var isStandby = false
  var block = Block.none
  /// The number of the slice since which it could have run.
  var waitsSince: UInt64

  /// The priority of a new task.
  public static var defaultPriority: UInt8 { 10 }
  /// The quantum of a new task.
  public static var defaultQuantum: UInt32 { 256 }

  init(_ activation: Activation, slice: UInt64) {
    pid = activation.pid
    name = activation.name
    baseName = activation.baseName
    source = activation.source
    header = activation.header
    declared = activation.declared
    waitsSince = slice
  }

  /// Its state.
  public var state: TaskState {
    switch ending {
    case .returned, .exited: return .returned
    case .faulted: return .stopped
    case nil: break
    }
    if isPaused { return .paused }
    switch block {
    case .none: return hasRun ? .running : .ready
    case .sleep: return .sleeping
    case .mailbox: return .waitingMailbox
    case .file: return .waitingFile
    }
  }

  /// The status it ended with; nil if it runs or was stopped by a fault.
  public var exitStatus: UInt32? {
    switch ending {
    case .returned(let status), .exited(let status): status
    case .faulted, nil: nil
    }
  }

  /// Whether it can run now.
  public var isRunnable: Bool {
    ending == nil && !isPaused && !isStandby && block == .none
  }
}

/// What a receive call that waits is to do when its message comes.
struct PendingReceive: Equatable, Sendable {
  /// The number of the wait in the mailbox table.
  var waiter: UInt32
  var target: ReceiveTarget
}

/// Where a message goes in a task's memory.
struct ReceiveTarget: Equatable, Sendable {
  /// The payload's place, and the bytes there are from it on.
  var pointer: UInt32
  var room: UInt32
  /// The info record's place; 0 for nowhere.
  var info: UInt32
}

/// What a file operation that is under way is to do when the driver has carried it out.
struct PendingFile: Equatable, Sendable {
  /// The operation's number: one that was called off must not answer for the next.
  var number: UInt32
  /// Where the bytes go, and how many at most.
  var pointer: UInt32
  var room: UInt32
}
