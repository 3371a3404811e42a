public import HSXPersistence
public import HXE
public import MiniVM

/// Why something was refused, as facts. The sentence for people is made at the edge.
public enum ProvisioningError: Error, Equatable, Sendable {
  /// The bytes are not an image.
  case image(ImageError)
  /// A budget says no: `needed` of what `limit` names, where `available` are left.
  case budget(Limit, needed: UInt32, available: UInt32)
  /// The target lacks these.
  case missingCapabilities(Capabilities)
  /// A task of that name exists, and one of the two does not allow another.
  case appExists(ShortName)
  /// Another task has a value of that object id.
  case valueExists(objectID: UInt16, owner: PID)
  /// Another task has a command of that object id.
  case commandExists(objectID: UInt16, owner: PID)
  /// Another app has that persist key.
  case persistKeyExists(key: UInt16, owner: PID)
  /// Two values of the image have the same persist key.
  case persistKeyRepeated(key: UInt16)
  /// Another task has declared that mailbox with another mode.
  case mailboxExists(ShortName)
  /// A mailbox's target is no target, or another task's.
  case mailboxTargetInvalid(ShortName)
  /// No transfer has that handle, or it is over.
  case unknownHandle(UInt64)
  /// No task, and no transfer, has that pid.
  case unknownTask(PID)
  /// The transfer is in a state in which this cannot be done.
  case wrongState(TransferState)
  /// The task is in a state in which this cannot be done.
  case wrongTaskState(PID, TaskState)
  /// The transfer of that pid belongs to another client session, or to whoever knows its handle.
  case notOwner(PID)
  /// A chunk is missing: this one came, that one was due.
  case sequenceGap(found: UInt32, expected: UInt32)
  /// A repeated chunk is too long ago to be compared.
  case sequenceForgotten(found: UInt32, oldest: UInt32)
  /// A repeated chunk has other bytes than before.
  case chunkContradicts(sequence: UInt32)
  /// A chunk without bytes.
  case chunkEmpty(sequence: UInt32)
  /// More bytes than the sender announced.
  case beyondTotal(total: UInt32, found: UInt32)
  /// Fewer bytes than the sender announced, and the image itself has no fault so far.
  case incomplete(received: UInt32, total: UInt32)
  /// The bytes are not those whose CRC-32 the sender announced.
  case checksumMismatch(announced: UInt32, found: UInt32)
  /// A field of a request is out of its range.
  case outOfRange(Field, found: UInt64, least: UInt64, most: UInt64)
  /// A timer ran out.
  case timedOut(AbortReason)
  /// Given up on purpose.
  case cancelled
  /// There is no store, so nothing can be kept.
  case noStore
  /// The store refused or failed.
  case store(StoreError)
  /// The image that a task was made of is not kept anywhere, so it cannot be stored any more.
  case imageNotRetained(PID)
  /// Another app's image, stored in that slot, has that persist key.
  case persistKeyStored(key: UInt16, slot: UInt8)
  /// No app of that name is stored.
  case unknownApp(ShortName)
  /// There is no such slot, or nothing in it.
  case unknownSlot(UInt8)
  /// The app has no other image to go back to.
  case noFallback(ShortName)

  /// A field of a request, for `outOfRange`.
  public enum Field: UInt8, CaseIterable, Equatable, Sendable {
    case writeTimeout, totalTimeout, chunk, quantum, priority, register, address, handler, sha256
  }

  /// The code of the error model.
  public var code: ErrorCode {
    switch self {
    case .image(let error): error.code
    case .budget: .noSpace
    case .missingCapabilities: .notSupported
    case .appExists, .valueExists, .commandExists, .persistKeyExists, .persistKeyStored, .mailboxExists:
      .exists
    case .unknownHandle, .unknownTask, .unknownApp, .unknownSlot, .noFallback: .notFound
    case .wrongState, .wrongTaskState: .busy
    case .notOwner: .notPermitted
    case .persistKeyRepeated, .chunkContradicts, .incomplete, .checksumMismatch, .mailboxTargetInvalid:
      .badMessage
    case .sequenceGap, .sequenceForgotten, .chunkEmpty, .beyondTotal, .outOfRange: .invalid
    case .timedOut: .timedOut
    case .cancelled: .cancelled
    case .noStore, .imageNotRetained: .notSupported
    case .store(let error): error.code
    }
  }

  /// Whether a transfer that meets this error while it is written to is over.
  var endsTransfer: Bool {
    switch self {
    case .sequenceGap, .sequenceForgotten, .chunkEmpty, .beyondTotal, .outOfRange, .unknownHandle,
      .unknownTask, .wrongState, .notOwner:
      false
    default:
      true
    }
  }

  /// What the machine's loader refused.
  init(_ error: LoadError) {
    self =
      switch error {
      case .image(let error): .image(error)
      case .exceeded(let part, let needed, let available):
        .budget(Limit(part), needed: needed, available: available)
      case .missingCapabilities(let missing): .missingCapabilities(missing)
      case .beyondExpectedSize(let total): .beyondTotal(total: total, found: total)
      case .unknownTask(let pid): .unknownTask(pid)
      case .notLoading(let pid): .wrongTaskState(pid, .ready)
      }
  }
}

extension StoreError {
  /// The code of the error model.
  var code: ErrorCode {
    switch self {
    case .memory, .unformatted, .noSoundPage, .damaged: .inputOutput
    case .layout, .full, .noSlot, .imageSize: .noSpace
    case .keyInvalid: .invalid
    case .slotState: .busy
    case .hashRejected: .notPermitted
    case .hashMismatch: .badMessage
    }
  }
}

extension Limit {
  init(_ part: LoadLimits.Part) {
    self =
      switch part {
      case .code: .code
      case .rodata: .rodata
      case .bss: .bss
      case .stack: .stack
      case .heap: .heap
      case .tasks: .tasks
      }
  }
}
