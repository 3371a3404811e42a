/// What a caller may do; each role may do what those before it may.
public enum Role: String, Codable, CaseIterable, Comparable, Sendable {
  /// Read.
  case observer
  /// Values, commands, messages, pause and resume.
  case `operator`
  /// Load, persist, activate, roll back, abort.
  case provisioner
  /// Everything: other people's sessions, restart, shutdown.
  case admin

  /// Orders roles by what they may do.
  public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .observer: 0
    case .operator: 1
    case .provisioner: 2
    case .admin: 3
    }
  }
}
