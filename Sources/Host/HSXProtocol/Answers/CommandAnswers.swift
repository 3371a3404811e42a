/// A command.
public struct CommandRecord: Codable, Equatable, Sendable {
  /// Its number.
  public var oid: UInt16
  /// The number's high byte.
  public var groupID: UInt8
  /// Its low byte.
  public var commandID: UInt8
  /// The task it belongs to.
  public var ownerPID: UInt32
  /// 1 pin, 2 async.
  public var flags: UInt8
  /// What callers need.
  public var authLevel: UInt8
  /// Its name.
  @Nullable public var name: String?
  /// Its group's name.
  @Nullable public var groupName: String?
  /// What it does.
  @Nullable public var help: String?

  /// One of these parts.
  public init(
    oid: UInt16,
    groupID: UInt8,
    commandID: UInt8,
    ownerPID: UInt32,
    flags: UInt8,
    authLevel: UInt8,
    name: String?,
    groupName: String?,
    help: String?
  ) {
    self.oid = oid
    self.groupID = groupID
    self.commandID = commandID
    self.ownerPID = ownerPID
    self.flags = flags
    self.authLevel = authLevel
    self.name = name
    self.groupName = groupName
    self.help = help
  }

  enum CodingKeys: String, CodingKey {
    case oid, flags, name, help
    case groupID = "group_id"
    case commandID = "cmd_id"
    case ownerPID = "owner_pid"
    case authLevel = "auth_level"
    case groupName = "group_name"
  }
}

/// What `cmd.list` answers.
public struct CommandsAnswer: Codable, Equatable, Sendable {
  /// The commands.
  public var commands: [CommandRecord]

  /// One of these parts.
  public init(
    commands: [CommandRecord]
  ) {
    self.commands = commands
  }
}

/// What a call came to.
public struct CommandState: Codable, Equatable, Sendable {
  /// 0, or why not.
  public var status: UInt8
  /// R0 of its handler.
  @Nullable public var result: UInt32?
  /// The task on which it ran.
  @Nullable public var pid: UInt32?
  /// The command.
  public var oid: UInt16?

  /// One of these parts.
  public init(
    status: UInt8,
    result: UInt32?,
    pid: UInt32?,
    oid: UInt16? = nil
  ) {
    self.status = status
    self.result = result
    self.pid = pid
    self.oid = oid
  }
}

/// What `cmd.call` answers.
public struct CommandAnswer: Codable, Equatable, Sendable {
  /// What it came to.
  public var command: CommandState

  /// One of these parts.
  public init(
    command: CommandState
  ) {
    self.command = command
  }
}
