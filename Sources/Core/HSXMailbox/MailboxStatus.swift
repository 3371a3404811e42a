public import HXE

/// What a mailbox call answers a program. The numbers are those of the system call's R0.
public enum MailboxStatus: UInt8, CaseIterable, Equatable, Sendable {
  /// Done.
  case ok = 0
  /// The box is full, or there is no room for another waiter.
  case wouldBlock = 1
  /// No such handle, or it does not allow this.
  case invalidHandle = 2
  /// A poll found nothing.
  case noData = 3
  /// The message exceeds the box's capacity or the receiver's room.
  case messageTooLarge = 4
  /// No descriptor, no handle, or no bytes are left; or the target names nothing that the caller may have.
  case noDescriptor = 5
  /// A wait ran out.
  case timedOut = 7
  /// Something went wrong inside.
  case internalError = 0xFF
}

/// Why a mailbox is not made, changed or opened.
public enum MailboxError: Error, Equatable, Sendable {
  /// The text is not a target.
  case invalidTarget(TargetError)
  /// The target is another task's.
  case notOwner(owner: UInt32)
  /// No such box, and the caller may not make it.
  case noSuchMailbox
  /// No such task.
  case noSuchTask
  /// The box allows the caller none of what it asked for.
  case notPermitted(mode: MailboxMode)
  /// Two declarations mean the same box.
  case duplicateTarget
  /// Another task declared the shared box with another mode.
  case modeConflict(existing: MailboxMode)
  /// The table has no descriptors left.
  case descriptorsExhausted(needed: Int, available: Int)
  /// The task has no handles left.
  case handlesExhausted(limit: Int)
  /// There is no room left for that capacity.
  case bytesExhausted(needed: UInt32, available: UInt32)

  /// What a program is answered.
  public var status: MailboxStatus {
    switch self {
    case .notPermitted, .noSuchTask: .invalidHandle
    default: .noDescriptor
    }
  }

  /// The code of the error model.
  public var code: ErrorCode {
    switch self {
    case .invalidTarget: .invalid
    case .notOwner, .notPermitted: .notPermitted
    case .noSuchMailbox, .noSuchTask: .notFound
    case .duplicateTarget, .modeConflict: .exists
    case .descriptorsExhausted, .handlesExhausted, .bytesExhausted: .noSpace
    }
  }

  /// Whether a limit of the table refused, which is worth a `mailbox_exhausted` event.
  public var isExhaustion: Bool { code == .noSpace }
}

/// Why the mailboxes that an image declares cannot be made.
public struct DeclarationRefusal: Error, Equatable, Sendable {
  /// The declaration at fault, counted from 0; nil if it is the sum of all.
  public var index: Int?
  /// The rule that is broken.
  public var error: MailboxError

  /// A refusal of the declaration at `index`, or of all together.
  public init(index: Int?, error: MailboxError) {
    self.index = index
    self.error = error
  }
}
