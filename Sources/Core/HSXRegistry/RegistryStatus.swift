public import HXE

/// What a call about a value answers. The numbers are those of the system call's R0 and of the wire.
public enum ValueStatus: UInt8, CaseIterable, Equatable, Sendable {
  /// Done.
  case ok = 0
  /// ENOENT: no such value.
  case notFound = 1
  /// EPERM: not allowed to this caller.
  case notPermitted = 2
  /// ENOSPC: a table is full.
  case noSpace = 3
  /// EINVAL: outside the range, or the request is malformed.
  case invalid = 4
  /// EEXIST: another task has the number or the key.
  case exists = 5
  /// EBUSY: faster than the value allows.
  case busy = 6
}

/// What a call about a command answers. The numbers are those of the system call's R0 and of the wire.
public enum CommandStatus: UInt8, CaseIterable, Equatable, Sendable {
  /// Done, or allowed.
  case ok = 0
  /// ENOENT: no such command.
  case notFound = 1
  /// EPERM: not allowed to this caller, or without a token.
  case notPermitted = 2
  /// ENOSPC: a table is full.
  case noSpace = 3
  /// EINVAL: the request is malformed.
  case invalid = 4
  /// EEXIST: another task has the number.
  case exists = 5
  /// ENOASYNC: the command cannot be called without waiting.
  case notAsync = 6
  /// EFAIL: the handler faulted or overran its budget.
  case failed = 7
}

/// The tables that can be full.
public enum RegistryResource: UInt8, CaseIterable, Equatable, Sendable {
  /// The values.
  case values
  /// The commands.
  case commands
  /// The bytes of strings.
  case strings
  /// The subscriptions to values.
  case subscriptions
}

/// Why a value or a command is not registered.
public enum RegistryError: Error, Equatable, Sendable {
  /// Another task has a value of this number, or the same image declares it twice.
  case valueExists(ObjectID, owner: UInt32)
  /// Another task has a command of this number, or the same image declares it twice.
  case commandExists(ObjectID, owner: UInt32)
  /// Another value is stored under this key.
  case persistKeyTaken(UInt16, by: ObjectID, owner: UInt32)
  /// A table is full. `needed` is what all of it takes, `available` what is free.
  case noSpace(RegistryResource, needed: Int, available: Int)
  /// A handler's offset is not a multiple of 4.
  case handlerUnaligned(ObjectID, offset: UInt32)
  /// A descriptor in memory is malformed, or a string lies outside the text.
  case invalidDescriptor(ChainError)

  /// What a program is answered that registers a value.
  public var valueStatus: ValueStatus {
    switch self {
    case .valueExists, .commandExists, .persistKeyTaken: .exists
    case .noSpace: .noSpace
    case .handlerUnaligned, .invalidDescriptor: .invalid
    }
  }

  /// What a program is answered that registers a command.
  public var commandStatus: CommandStatus {
    switch self {
    case .valueExists, .commandExists, .persistKeyTaken: .exists
    case .noSpace: .noSpace
    case .handlerUnaligned, .invalidDescriptor: .invalid
    }
  }

  /// The code of the error model.
  public var code: ErrorCode {
    switch self {
    case .valueExists, .commandExists, .persistKeyTaken: .exists
    case .noSpace: .noSpace
    case .handlerUnaligned, .invalidDescriptor: .invalid
    }
  }
}
