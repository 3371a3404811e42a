/// The flags of a value.
public struct ValueFlags: OptionSet, Equatable, Sendable {
  /// The bits as in the image.
  public let rawValue: UInt8

  /// The set with these bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Only its owner may set it.
  public static var readOnly: ValueFlags { ValueFlags(rawValue: 1) }
  /// It is stored across restarts.
  public static var persist: ValueFlags { ValueFlags(rawValue: 2) }
  /// It keeps its last value for late subscribers.
  public static var sticky: ValueFlags { ValueFlags(rawValue: 4) }
  /// Setting it needs a token.
  public static var pin: ValueFlags { ValueFlags(rawValue: 8) }
  /// It is shown as true or false.
  public static var bool: ValueFlags { ValueFlags(rawValue: 16) }
}

/// The flags of a command.
public struct CommandFlags: OptionSet, Equatable, Sendable {
  /// The bits as in the image.
  public let rawValue: UInt8

  /// The set with these bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Calling it needs a token.
  public static var pin: CommandFlags { CommandFlags(rawValue: 1) }
  /// It may be called without waiting; the answer comes by mailbox.
  public static var async: CommandFlags { CommandFlags(rawValue: 2) }
}

/// A value that an image declares. Numbers are binary16 bits.
public struct ValueDescriptor: Equatable, Sendable {
  /// The group, the high byte of the object id.
  public var group: UInt8 = 0
  /// The number within the group, the low byte of the object id.
  public var id: UInt8 = 0
  /// The flags as written.
  public var flags = ValueFlags()
  /// 0 public, 1 user, 2 admin, 3 factory; other numbers are kept and need more than anybody has.
  public var authLevel: UInt8 = 0
  /// The starting value.
  public var initial: UInt16 = 0
  /// A change within this distance is none.
  public var epsilon: UInt16 = 0
  /// The least value; with `maximum` both 0, there is no range.
  public var minimum: UInt16 = 0
  /// The greatest value.
  public var maximum: UInt16 = 0
  /// The key under which it is stored; 0 if none.
  public var persistKey: UInt16 = 0
  /// Its name, if it has one.
  public var name: TextRange?
  /// Its unit, if it has one.
  public var unit: TextRange?
  /// Its group's name, if it has one.
  public var groupName: TextRange?

  /// A value with number 0:0 and nothing else.
  public init() {}

  /// `group << 8 | id`.
  public var objectID: UInt16 { UInt16(group) << 8 | UInt16(id) }
}

/// A command that an image declares.
public struct CommandDescriptor: Equatable, Sendable {
  /// The group, the high byte of the object id.
  public var group: UInt8 = 0
  /// The number within the group, the low byte of the object id.
  public var id: UInt8 = 0
  /// The flags as written.
  public var flags = CommandFlags()
  /// 0 public, 1 user, 2 admin, 3 factory.
  public var authLevel: UInt8 = 0
  /// The code offset of its handler, a multiple of 4 below the code's length.
  public var handler: UInt32 = 0
  /// Its name, if it has one.
  public var name: TextRange?
  /// What it does, if the image says so.
  public var help: TextRange?
  /// Its group's name, if it has one.
  public var groupName: TextRange?

  /// A command with number 0:0 and nothing else.
  public init() {}

  /// `group << 8 | id`.
  public var objectID: UInt16 { UInt16(group) << 8 | UInt16(id) }
}
