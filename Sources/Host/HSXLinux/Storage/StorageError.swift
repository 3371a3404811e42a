/// Why a storage device could not be opened, made or used: facts, of which the edge makes a sentence.
public struct StorageError: Error, Equatable, Sendable {
  /// What was being done.
  public enum Operation: Equatable, Sendable {
    case inspect, open, lock, create, format, read, write, erase, sync
  }

  /// Why it did not go.
  public enum Cause: Equatable, Sendable {
    /// The system refused.
    case system(SystemCallError)
    /// Something has this name already; it was not touched.
    case exists
    /// Another process works with it; its number, if the system tells it.
    case inUse(by: Int32?)
    /// It is something that cannot hold a store.
    case kind(PathKind)
    /// Its size in bytes, and what would do.
    case size(found: Int, allowed: ClosedRange<Int>)
    /// A memory technology device that the store cannot use.
    case unsupported(MTDMemory.Medium)
    /// Another file took its name while it was being opened.
    case replaced
  }

  /// The path as it was given.
  public var path: String
  /// What was being done.
  public var operation: Operation
  /// Why it did not go.
  public var cause: Cause

  init(_ path: String, _ operation: Operation, _ cause: Cause) {
    self.path = path
    self.operation = operation
    self.cause = cause
  }

  /// Of the call that has just failed.
  init(_ path: String, _ operation: Operation, errno code: Int32) {
    self.init(path, operation, .system(SystemCallError(code: code)))
  }
}

/// Whether a storage device is only looked at.
public enum StorageAccess: Equatable, Sendable {
  /// Nobody else has it open.
  case exclusive
  /// For reading, beside others that read; every program, erase and sync is refused.
  case readOnly
}
