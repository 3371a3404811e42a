/// Who asks for a value or a command.
public struct Caller: Equatable, Sendable {
  /// The levels of `authLevel` that callers have. A value may ask for more than anybody has.
  public enum Level: UInt8, CaseIterable, Equatable, Sendable {
    /// Everybody, and every task about what is not its own.
    case `public` = 0
    /// Operators and provisioners.
    case user = 1
    /// Nobody by role; kept for images that ask for it.
    case admin = 2
    /// Administrators.
    case factory = 3
  }

  /// The task that asks or is acted for; 0 is the executive, which owns nothing.
  public var pid: UInt32
  /// What it may do with what is not its own.
  public var level: Level
  /// Whether the task itself asks, by a system call, and not a person on its behalf.
  public var isTask: Bool
  /// Whether a token came along whose hash the policy holds.
  public var hasToken: Bool

  /// A task that asks by a system call.
  public static func task(_ pid: UInt32, hasToken: Bool = false) -> Caller {
    Caller(pid: pid, level: .public, isTask: true, hasToken: hasToken)
  }

  /// A client of the protocol; with `pid` it acts as that task, and owns what that owns.
  public static func client(_ level: Level, actingAs pid: UInt32 = 0, hasToken: Bool = false) -> Caller {
    Caller(pid: pid, level: level, isTask: false, hasToken: hasToken)
  }

  /// Whether the caller may have what `owner` has and what asks for `level`.
  func reaches(owner: UInt32, level required: UInt8) -> Bool {
    owns(owner) || level.rawValue >= required
  }

  func owns(_ owner: UInt32) -> Bool { pid != 0 && pid == owner }
}
