public import HXE

/// Why the machine refuses a call. Nothing has changed when it does.
public enum MachineError: Error, Equatable, Sendable {
  /// A number of a `TaskLayout`.
  public enum Field: UInt8, Equatable, Sendable { case entry, codeLength, memory, stackSize }

  /// All places of the table are taken.
  case tableFull(limit: Int)
  /// There is no task of that number.
  case unknownTask(PID)
  /// The task is in a state in which this cannot be done.
  case wrongState(PID, TaskStatus)
  /// A layout's number is out of its range, or not a multiple of 4 where it must be.
  case badLayout(Field, found: UInt32, limit: UInt32)
  /// `count` bytes from `offset` do not lie below `limit`.
  case outOfRange(offset: UInt32, count: UInt32, limit: UInt32)
  /// There are 16 registers.
  case noSuchRegister(UInt32)

  /// The code of the error model.
  public var code: ErrorCode {
    switch self {
    case .tableFull: .noSpace
    case .unknownTask: .notFound
    case .wrongState: .busy
    case .badLayout(let field, _, _): field == .memory ? .noSpace : .invalid
    case .outOfRange, .noSuchRegister: .invalid
    }
  }
}
