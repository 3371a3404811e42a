import HSXClient
import HSXProtocol
import HSXTranslation

/// How a person names a value or a command: `heat:setpoint`, `setpoint`, `1:1`, `0x0101` or `257`.
enum ObjectName: Equatable {
  /// A number, alone or as `group:id`, as the wire takes it.
  case number(String)
  /// A name, alone or behind its group's.
  case name(String)

  init(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let isNumber =
      switch parts.count {
      case 1: integer(String(parts[0]), as: UInt16.self) != nil
      case 2: parts.allSatisfy { integer(String($0), as: UInt8.self) != nil }
      default: false
      }
    self = isNumber ? .number(text) : .name(text)
  }
}

extension ValueRequest {
  /// A request about the value of that name.
  init(about name: ObjectName) {
    self.init()
    switch name {
    case .number(let text): object = text
    case .name(let text): self.name = text
    }
  }
}

extension CommandRequest {
  /// A request about the command of that name.
  init(about name: ObjectName) {
    self.init()
    switch name {
    case .number(let text): object = text
    case .name(let text): self.name = text
    }
  }
}

extension ValueRecord {
  /// Its name behind its group's; its number if it has none.
  var title: String {
    guard let name else { return "\(groupID):\(valueID)" }
    return groupName.map { "\($0):\(name)" } ?? name
  }

  var number: String { "\(groupID):\(valueID)" }

  /// Whether it is the one that is meant.
  func `is`(_ wanted: ObjectName) -> Bool {
    switch wanted {
    case .name(let text): title == text || name == text
    case .number(let text): isObject(text, oid)
    }
  }
}

extension CommandRecord {
  /// Its name behind its group's; its number if it has none.
  var title: String {
    guard let name else { return "\(groupID):\(commandID)" }
    return groupName.map { "\($0):\(name)" } ?? name
  }

  var number: String { "\(groupID):\(commandID)" }

  /// Whether it is the one that is meant.
  func `is`(_ wanted: ObjectName) -> Bool {
    switch wanted {
    case .name(let text): title == text || name == text
    case .number(let text): isObject(text, oid)
    }
  }
}

/// Whether a number, alone or as `group:id`, is that of an object.
func isObject(_ text: String, _ oid: UInt16) -> Bool {
  let parts = text.split(separator: ":").compactMap { integer(String($0), as: UInt16.self) }
  switch parts.count {
  case 1: return parts[0] == oid
  case 2: return parts[0] << 8 | parts[1] == oid
  default: return false
  }
}

// What the status of a value or a command means, other than 0.
extension Failure {
  init(_ what: String, valueStatus status: UInt8) {
    switch status {
    case 1: self.init(what, .unknownValue, why: "There is no such value.")
    case 2: self.init(what, .accessDenied, why: "It may not be read or changed by this caller.")
    case 6: self.init(what, .tooFast, why: "It was changed only just now.")
    default: self.init(what, .valueOutOfRange, why: "It was refused with the status \(status).")
    }
  }

  init(_ what: String, commandStatus status: UInt8) {
    switch status {
    case 1: self.init(what, .unknownCommand, why: "There is no such command.")
    case 2: self.init(what, .accessDenied, why: "It may not be called by this caller.")
    case 4: self.init(what, .nameAmbiguous, why: "Several commands have that name.")
    case 6: self.init(what, .callFailed, why: "It is not one that can be called without waiting.")
    case 7: self.init(what, .callFailed, why: "Its handler was stopped by a fault, or did not end in time.")
    default: self.init(what, .callFailed, why: "It was refused with the status \(status).")
    }
  }
}

extension Daemon {
  /// Why a value was not read or set.
  func failure(ofValue text: String, status: UInt8) async throws -> Failure {
    guard status == 2 || status == 4 else { return Failure(text, valueStatus: status) }
    let name = ObjectName(text)
    let all = try await ask(.valueList(ValueRequest()), as: ValuesAnswer.self, about: text).values
    let found = all.filter { $0.is(name) }
    if status == 2 {
      var failure = Failure(text, valueStatus: status)
      if let value = found.first, value.flags & 1 != 0 {
        failure.why = "It is read-only: the task alone sets it."
        failure.remedy = "`hsx val list` shows which values are not."
      }
      return failure
    }
    if found.count > 1 {
      let titles = found.prefix(3).map { "\($0.title) (\($0.number))" }.joined(separator: ", ")
      return Failure(text, .nameAmbiguous, why: "Several values have that name: \(titles).")
    }
    guard let value = found.first, value.minimum != .null || value.maximum != .null else {
      return Failure(text, .valueOutOfRange, why: "It cannot hold that number.")
    }
    return Failure(
      text, .valueOutOfRange,
      why: "The number must be from \(value.minimum.text) to \(value.maximum.text).")
  }

  /// Why a command was not called, or did not end well.
  func failure(ofCommand text: String, status: UInt8) async throws -> Failure {
    var failure = Failure(text, commandStatus: status)
    guard status == 2 else { return failure }
    let name = ObjectName(text)
    let all = try await ask(.commandList(CommandRequest()), as: CommandsAnswer.self, about: text).commands
    if let command = all.first(where: { $0.is(name) }), command.flags & 1 != 0 {
      failure.why = "A pin protects it, and no token was given that the daemon takes."
      failure.remedy = "Give the pin's token with --token; the daemon's policy knows which."
    }
    return failure
  }
}
