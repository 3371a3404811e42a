public import HXE

/// A registered command: a place in its owner's code and what is known about it.
public struct Command: Equatable, Sendable {
  /// Its number.
  public let id: ObjectID
  /// The task it belongs to, on which it runs.
  public let owner: UInt32
  /// The flags as registered.
  public internal(set) var flags: CommandFlags
  /// What a caller that is not the owner needs.
  public internal(set) var authLevel: UInt8
  /// The code offset of its handler.
  public internal(set) var handler: UInt32
  /// Its name.
  public internal(set) var name: StringID?
  /// Its group's name.
  public internal(set) var groupName: StringID?
  /// What it does.
  public internal(set) var help: StringID?
}

/// The commands of all tasks, rising by number. Looking one up costs a binary search.
public struct CommandTable: Sendable {
  /// The most commands.
  public let capacity: Int
  /// Every command, rising by number.
  public internal(set) var all: [Command] = []

  init(capacity: Int) { self.capacity = capacity }

  /// The command of this number, if there is one.
  public subscript(_ id: ObjectID) -> Command? { index(of: id).map { all[$0] } }

  /// The numbers of a group's commands, rising; group 0xFF means all groups.
  public func ids(inGroup group: UInt8) -> [ObjectID] {
    all.filter { group == 0xFF || $0.id.group == group }.map { $0.id }
  }

  /// Whether a call may go ahead. The first rule that applies decides: unknown, `notFound`; not the owner and
  /// below the level, `notPermitted`; pin and no token, the owner's included, `notPermitted`; not to be called
  /// without waiting, `notAsync`; else `ok`.
  public func authorize(_ id: ObjectID, caller: Caller, isAsync: Bool) -> CommandStatus {
    guard let command = self[id] else { return .notFound }
    guard caller.reaches(owner: command.owner, level: command.authLevel) else { return .notPermitted }
    if command.flags.contains(.pin), !caller.hasToken { return .notPermitted }
    if isAsync, !command.flags.contains(.async) { return .notAsync }
    return .ok
  }

  /// What a mailbox gets when a command called without waiting has ended: number and status as 16 bits, and the
  /// result as 32 if there is one, little-endian.
  public static func answer(_ id: ObjectID, status: CommandStatus, result: UInt32?) -> [UInt8] {
    var bytes: [UInt8] = []
    for half in [id.rawValue, UInt16(status.rawValue)] {
      bytes.append(UInt8(truncatingIfNeeded: half))
      bytes.append(UInt8(truncatingIfNeeded: half >> 8))
    }
    guard let result else { return bytes }
    for shift: UInt32 in stride(from: 0, to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: result >> shift))
    }
    return bytes
  }

  func place(of id: ObjectID) -> Int {
    var low = 0
    var high = all.count
    while low < high {
      let middle = (low + high) / 2
      if all[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func index(of id: ObjectID) -> Int? {
    let place = place(of: id)
    return place < all.count && all[place].id == id ? place : nil
  }

  mutating func insert(_ command: Command) {
    all.insert(command, at: place(of: command.id))
  }
}
