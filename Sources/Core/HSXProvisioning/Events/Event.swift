public import HSXHAL
public import HXE
public import MiniVM

/// Something that happened, as facts. It gets its number and time when it enters the `EventQueue`.
public struct Event: Equatable, Sendable {
  /// Its number: rises by one an event, for as long as the queue lives.
  public var sequence: UInt64
  /// When it happened.
  public var time: Instant
  /// The task it is about, if any.
  public var pid: PID?
  /// What happened.
  public var body: EventBody
}

/// What happened. Byte strings in a body are at most `EventQueue.payloadLimit` long.
public enum EventBody: Equatable, Sendable {
  /// A task's state changed; `detail` is the exit status, the fault's number or the break's code.
  case taskState(from: TaskState, to: TaskState, reason: TaskStateReason, detail: UInt32?)
  /// The processor went from one task to another.
  case scheduler(from: PID?, to: PID?, reason: SwitchReason)
  /// Something happened at a mailbox.
  case mailbox(MailboxEvent)
  /// A value came to be known.
  case valueRegistered(
    objectID: UInt16, flags: UInt8, authLevel: UInt8, owner: PID, name: [UInt8], group: [UInt8])
  /// A value changed, in binary16 bits.
  case valueChanged(objectID: UInt16, owner: PID, caller: PID, old: UInt16, new: UInt16)
  /// A value is stored: it is there after any loss of power.
  case valueStored(objectID: UInt16, owner: PID, bits: UInt16, key: UInt16)
  /// A command began.
  case commandInvoked(objectID: UInt16, owner: PID, caller: PID)
  /// A command ended; `result` is there when `status` is 0.
  case commandCompleted(objectID: UInt16, owner: PID, caller: PID, status: UInt8, result: UInt32?)
  /// A task wrote text.
  case output(OutputStream, [UInt8])
  /// Something that a person should look at.
  case warning(Warning)
  /// A transfer's state changed.
  case transferState(TransferFacts, from: TransferState, to: TransferState)
  /// A transfer began.
  case transferStarted(TransferFacts, totalBytes: UInt32?)
  /// A transfer goes on. A newer one replaces the unread one of the same transfer.
  case transferProgress(TransferFacts, TransferProgress)
  /// An image is ready to run.
  case transferComplete(TransferFacts, bytesWritten: UInt32, durationMilliseconds: UInt64, header: Header)
  /// A load or a part of it was refused.
  case transferError(TransferFacts, ProvisioningError, stage: ProvisioningStage)
  /// A transfer was given up.
  case transferAborted(TransferFacts, AbortReason, bytesWritten: UInt32)
  /// An image is stored.
  case persisted(TransferFacts, slot: UInt8, revision: UInt32, target: PersistTarget, crc32: UInt32)
  /// An image that failed gave way to the one before it. Tasks and revisions are nil where there is none.
  case rollback(
    TransferFacts, from: PID?, to: PID?, fromRevision: UInt32?, toRevision: UInt32?, cause: RollbackCause)
}

/// Why the processor went from one task to another.
public enum SwitchReason: UInt8, CaseIterable, Equatable, Sendable {
  case quantumExpired, sleep, waitMailbox, waitFile, paused, killed, ended
}

/// Where a task writes text to.
public enum OutputStream: UInt8, Equatable, Sendable {
  case standardOutput, standardError
}

/// What all events of one transfer carry.
public struct TransferFacts: Equatable, Sendable {
  /// The transfer; nil when it never got a handle.
  public var handle: UInt64?
  /// The state it is in.
  public var phase: TransferState
  /// The app's name, as far as it is known.
  public var appName: ShortName
  /// Where the image comes from.
  public var source: Source

  /// Facts of one transfer.
  public init(handle: UInt64?, phase: TransferState, appName: ShortName, source: Source) {
    self.handle = handle
    self.phase = phase
    self.appName = appName
    self.source = source
  }
}

/// How far a transfer is.
public struct TransferProgress: Equatable, Sendable {
  /// Bytes taken so far.
  public var bytesWritten: UInt32
  /// Bytes in all, if the sender said so.
  public var totalBytes: UInt32?
  /// Bytes a second since the transfer began.
  public var bytesPerSecond: UInt32
  /// Whether nothing came for half a write timeout.
  public var isStalled: Bool

  /// A progress of these numbers.
  public init(bytesWritten: UInt32, totalBytes: UInt32?, bytesPerSecond: UInt32, isStalled: Bool) {
    self.bytesWritten = bytesWritten
    self.totalBytes = totalBytes
    self.bytesPerSecond = bytesPerSecond
    self.isStalled = isStalled
  }

  /// Whole percent of the total; nil if the total is not known.
  public var percent: UInt8? {
    guard let totalBytes else { return nil }
    guard totalBytes > 0 else { return 100 }
    return UInt8(truncatingIfNeeded: min(100, UInt64(bytesWritten) * 100 / UInt64(totalBytes)))
  }
}

/// Where a load was refused.
public enum ProvisioningStage: UInt8, CaseIterable, Equatable, Sendable {
  case begin, write, end, verify, register, persist, boot
}

/// Why a transfer was given up.
public enum AbortReason: UInt8, CaseIterable, Equatable, Sendable {
  case user, writeTimeout, totalTimeout, sealTimeout, sessionLost
}

/// Why the image before came back.
public enum RollbackCause: Equatable, Sendable {
  /// The new one faulted during its probation.
  case fault(Fault)
  /// The new one ended with an error during its probation.
  case exit(status: UInt32)
  /// It was killed during its probation.
  case killed
  /// Somebody wanted the one before.
  case user
  /// Its stored bytes are damaged.
  case damaged
  /// It was begun as often as it may without proving itself.
  case attemptsSpent
}

/// What kind of memory an image is stored in, as the sender calls it.
public enum PersistTarget: UInt8, CaseIterable, Equatable, Sendable {
  case flash, fram
}

/// What a mailbox event is about. Fields that do not apply are nil.
public struct MailboxEvent: Equatable, Sendable {
  /// What happened.
  public enum Kind: UInt8, CaseIterable, Equatable, Sendable {
    case send, receive, wait, wake, timeout, overrun, exhausted, backpressure, error
  }

  /// What happened.
  public var kind: Kind
  /// The box.
  public var descriptor: UInt32?
  /// The handle of the task the event is about.
  public var handle: UInt32?
  /// Bytes of the message.
  public var length: UInt32?
  /// Flags of the message.
  public var flags: UInt32?
  /// Channel of the message.
  public var channel: UInt32?
  /// Who sent it.
  public var sender: PID?

  /// An event of this kind.
  public init(
    _ kind: Kind, descriptor: UInt32? = nil, handle: UInt32? = nil, length: UInt32? = nil,
    flags: UInt32? = nil, channel: UInt32? = nil, sender: PID? = nil
  ) {
    self.kind = kind
    self.descriptor = descriptor
    self.handle = handle
    self.length = length
    self.flags = flags
    self.channel = channel
    self.sender = sender
  }
}

/// Something that a person should look at.
public enum Warning: Equatable, Sendable {
  /// A registry is more than 80 % full.
  case registryNearlyFull(Limit, used: UInt32, capacity: UInt32)
  /// A registry is below 70 % again.
  case registryRelieved(Limit, used: UInt32, capacity: UInt32)
  /// A transfer has had no chunk for half its write timeout.
  case transferStalled(handle: UInt64)
  /// Something is wrong with the memory of the store.
  case storage(StorageWarning)
}

/// What may be wrong with the memory of the store.
public enum StorageWarning: UInt8, CaseIterable, Equatable, Sendable {
  /// Something that had been stored is damaged beyond correction.
  case degraded
  /// A write was cut short, or a newer state cannot be read.
  case lastUpdateUnknown
  /// Flipped bits were corrected.
  case corrected
  /// A page has seen 80 % of the cycles that it is rated for. Looked at when a store is attached.
  case wearing
  /// It is near the end of its life.
  case worn
  /// One of the two superblocks is lost.
  case superblockDamaged
}
