public import HSXProtocol
public import HSXProvisioning

/// What a daemon is told at its start, apart from where it listens.
public struct ServerConfiguration: Sendable {
  /// What the executive allows.
  public var policy: Policy
  /// Whether tasks run from the start on, rather than from `clock start` on.
  public var startsClock: Bool
  /// Folders that images may be loaded from; nil for all. Paths without symbolic links.
  public var imageFolders: [String]?
  /// The folder in which each app has a folder for its files; nil for none.
  public var filesFolder: String?
  /// Who may do what.
  public var tokens: [Token]
  /// The SHA-256, of 32 bytes, of each token that values and commands with a pin take. With none they take nothing.
  public var pins: [[UInt8]]
  /// The most connections at once.
  public var connectionLimit: Int
  /// The most client sessions at once.
  public var sessionLimit: Int

  /// A daemon under `policy`, open to whoever reaches it.
  public init(policy: Policy = .desktop) {
    self.policy = policy
    startsClock = false
    imageFolders = nil
    filesFolder = nil
    tokens = []
    pins = []
    connectionLimit = 4096
    sessionLimit = 4096
  }
}

/// A token that callers may open a session with. The token itself is nowhere.
public struct Token: Equatable, Sendable {
  /// Who has it, for the log.
  public var name: String
  /// What it allows.
  public var role: Role
  /// The 32 bytes of its SHA-256.
  public var sha256: [UInt8]

  /// A token of these parts.
  public init(name: String, role: Role, sha256: [UInt8]) {
    self.name = name
    self.role = role
    self.sha256 = sha256
  }
}
