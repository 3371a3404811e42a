import HXE

/// What `.value`, `.cmd` and `.mailbox` declare.
struct MetadataDeclarations {
  /// A command whose handler may wait for labels.
  struct PendingCommand {
    var command: ImageBuilder.Command
    /// The label of the handler; nil if the descriptor has the offset already.
    var label: String?
    var cursor: Cursor
    var position: Int
  }

  private(set) var declaredValues: [ImageBuilder.Value] = []
  private(set) var declaredMailboxes: [ImageBuilder.Mailbox] = []
  private var pendingCommands: [PendingCommand] = []
  private var valueLines: [UInt16: Int] = [:]
  private var commandLines: [UInt16: Int] = [:]
  private var mailboxLines: [[UInt8]: Int] = [:]

  private static let authLevels: [String: UInt8] = ["PUBLIC": 0, "USER": 1, "ADMIN": 2, "FACTORY": 3]
  private static let valueFlags: [String: UInt8] = [
    "RO": 1, "READONLY": 1, "READ_ONLY": 1, "READ-ONLY": 1, "PERSIST": 2, "STICKY": 4, "PIN": 8, "BOOL": 16,
  ]
  private static let commandFlags: [String: UInt8] = ["PIN": 1, "ASYNC": 2]

  /// Reads the rest of a `.value` line: an object, or an array of them.
  mutating func values(_ cursor: inout Cursor) throws(AssemblyError) {
    for fields in try entries(&cursor).map({ MetadataFields($0.members, cursor, at: $0.position) }) {
      var value = ImageBuilder.Value(ValueDescriptor())
      guard let group = try fields.unsigned("group", "group_id", "groupId", bits: 8) else {
        throw fields.missing("group")
      }
      guard let id = try fields.unsigned("id", "value", "value_id", "valueId", bits: 8) else {
        throw fields.missing("id")
      }
      value.descriptor.group = UInt8(truncatingIfNeeded: group)
      value.descriptor.id = UInt8(truncatingIfNeeded: id)
      value.descriptor.flags = ValueFlags(rawValue: try fields.bits(["flags"], Self.valueFlags))
      value.descriptor.authLevel = try fields.bits(["auth", "auth_level", "authLevel"], Self.authLevels)
      value.descriptor.initial = try fields.binary16(raw: "init_raw", "init", "init_value")
      value.descriptor.epsilon = try fields.binary16(raw: "epsilon_raw", "epsilon")
      value.descriptor.minimum = try fields.binary16(raw: "min_raw", "min")
      value.descriptor.maximum = try fields.binary16(raw: "max_raw", "max")
      value.descriptor.persistKey = UInt16(
        truncatingIfNeeded: try fields.unsigned("persist_key", "persist", bits: 16) ?? 0)
      // The interval has no place in an image, but a wrong one is still a mistake.
      _ = try fields.unsigned("rate_ms", "rateMs", bits: 32)
      value.groupName = try fields.text("group_name", "groupName")
      value.name = try fields.text("name")
      value.unit = try fields.text("unit", "unit_name", "unitName")
      let objectID = value.descriptor.objectID
      if let line = valueLines.updateValue(cursor.line, forKey: objectID) {
        throw cursor.duplicate("the value", objectID, line)
      }
      declaredValues.append(value)
    }
  }

  /// Reads the rest of a `.cmd` line: an object, or an array of them.
  mutating func commands(_ cursor: inout Cursor) throws(AssemblyError) {
    for entry in try entries(&cursor) {
      let fields = MetadataFields(entry.members, cursor, at: entry.position)
      var command = ImageBuilder.Command(CommandDescriptor())
      guard let group = try fields.unsigned("group", "group_id", "groupId", bits: 8) else {
        throw fields.missing("group")
      }
      guard let id = try fields.unsigned("id", "cmd", "cmd_id", "command_id", "commandId", bits: 8) else {
        throw fields.missing("id")
      }
      command.descriptor.group = UInt8(truncatingIfNeeded: group)
      command.descriptor.id = UInt8(truncatingIfNeeded: id)
      command.descriptor.flags = CommandFlags(rawValue: try fields.bits(["flags"], Self.commandFlags))
      command.descriptor.authLevel = try fields.bits(["auth", "auth_level", "authLevel"], Self.authLevels)
      command.reserved = UInt16(truncatingIfNeeded: try fields.unsigned("reserved", bits: 32) ?? 0)
      command.groupName = try fields.text("group_name", "groupName")
      command.name = try fields.text("name")
      command.help = try fields.text("help")
      let (label, offset, position) = try handler(fields, at: entry.position)
      command.descriptor.handler = offset
      let objectID = command.descriptor.objectID
      if let line = commandLines.updateValue(cursor.line, forKey: objectID) {
        throw cursor.duplicate("the command", objectID, line)
      }
      pendingCommands.append(
        PendingCommand(command: command, label: label, cursor: cursor, position: position))
    }
  }

  private func handler(
    _ fields: MetadataFields, at position: Int
  ) throws(AssemblyError) -> (label: String?, offset: UInt32, position: Int) {
    guard let field = fields.member(["handler", "handler_offset"]) else { return (nil, 0, position) }
    if let number = MetadataFields.integer(field.member.value), let offset = UInt32(exactly: number) {
      return (nil, offset, field.member.position)
    }
    guard case .string(let bytes) = field.member.value else {
      throw fields.wrong(field, "a label or a code offset")
    }
    let label = MetadataFields.trimmed(String(decoding: bytes, as: UTF8.self))
    guard !label.isEmpty else { throw fields.wrong(field, "a label or a code offset") }
    return (label, 0, field.member.position)
  }

  /// The commands with their handlers found, and what is wrong with the others.
  func resolvedCommands(
    _ symbols: SymbolTable, codeLength: Int
  ) -> (commands: [ImageBuilder.Command], errors: [AssemblyError]) {
    var commands = [ImageBuilder.Command]()
    var errors = [AssemblyError]()
    for pending in pendingCommands {
      do throws(AssemblyError) {
        commands.append(try pending.resolved(symbols, codeLength: codeLength))
      } catch {
        errors.append(error)
      }
    }
    return (commands, errors)
  }

  /// Reads the rest of a `.mailbox` line: an object, an array of them, or a whole `{"mailboxes":[…]}`.
  mutating func mailboxes(_ cursor: inout Cursor) throws(AssemblyError) {
    for entry in try entries(&cursor, unwrapping: ["mailboxes", "entries"]) {
      let mailbox = try MailboxEntry(entry.members, cursor, at: entry.position)
      if let line = mailboxLines.updateValue(cursor.line, forKey: mailbox.target) {
        let target = String(decoding: mailbox.target, as: UTF8.self)
        throw cursor.error(.duplicateMailbox(target, firstLine: line), at: entry.position)
      }
      declaredMailboxes.append(ImageBuilder.Mailbox(target: mailbox.target, json: mailbox.json))
    }
  }

  /// The line that declares an object, for what only the whole section shows.
  func line(of objectID: UInt16, isCommand: Bool) -> Int {
    (isCommand ? commandLines[objectID] : valueLines[objectID]) ?? 0
  }

  /// The objects on the rest of the line, each with a place to point at.
  private func entries(
    _ cursor: inout Cursor, unwrapping wrappers: [String] = []
  ) throws(AssemblyError) -> [(members: [JSONValue.Member], position: Int)] {
    cursor.skipSpace()
    let position = cursor.position
    var value = try cursor.json()
    try cursor.expectEnd()
    if case .object(let members) = value, !wrappers.isEmpty {
      let fields = MetadataFields(members, cursor, at: position)
      if fields.member(["target", "name"]) == nil, let list = fields.member(wrappers) {
        if let version = fields.member(["version"]), MetadataFields.integer(version.member.value) != 1 {
          throw fields.wrong(version, "1")
        }
        value = list.member.value
      }
    }
    let elements: [JSONValue] = if case .array(let list) = value { list } else { [value] }
    guard !elements.isEmpty else {
      throw cursor.error(.unexpected(found: "an empty array", expected: "at least one entry"), at: position)
    }
    var entries = [(members: [JSONValue.Member], position: Int)]()
    for element in elements {
      guard case .object(let members) = element else {
        throw cursor.error(.unexpected(found: "another value", expected: "a JSON object"), at: position)
      }
      entries.append((members, position))
    }
    return entries
  }
}

extension MetadataDeclarations.PendingCommand {
  fileprivate func resolved(
    _ symbols: SymbolTable, codeLength: Int
  ) throws(AssemblyError) -> ImageBuilder.Command {
    var command = command
    if let label {
      guard let place = symbols.labels[label] else {
        throw cursor.error(.undefinedLabel(label), at: position)
      }
      guard place.section == .text else { throw cursor.error(.notACodeLabel(label), at: position) }
      command.descriptor.handler = UInt32(truncatingIfNeeded: place.offset)
    }
    let handler = Int64(command.descriptor.handler)
    guard handler < codeLength else {
      throw cursor.error(
        .outOfRange(what: "the handler", value: handler, allowed: 0...Int64(max(codeLength - 4, 0))),
        at: position)
    }
    guard handler % 4 == 0 else {
      throw cursor.error(.unaligned(what: "the handler", value: handler), at: position)
    }
    return command
  }
}

extension Cursor {
  fileprivate func duplicate(_ kind: String, _ objectID: UInt16, _ line: Int) -> AssemblyError {
    AssemblyError(
      line: self.line, column: 1,
      .duplicateObject(
        kind: kind, group: UInt8(objectID >> 8), id: UInt8(objectID & 0xFF), firstLine: line))
  }
}
