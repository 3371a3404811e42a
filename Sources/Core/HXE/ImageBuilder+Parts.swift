extension ImageBuilder {
  /// A value to declare: its numbers, and its strings in UTF-8.
  public struct Value: Equatable, Sendable {
    /// The numbers. Its `TextRange`s are not looked at.
    public var descriptor: ValueDescriptor
    /// Its name; nil for none, which differs from an empty one.
    public var name: [UInt8]?
    /// Its unit.
    public var unit: [UInt8]?
    /// Its group's name.
    public var groupName: [UInt8]?

    /// A value with these numbers and strings.
    public init(
      _ descriptor: ValueDescriptor, name: [UInt8]? = nil, unit: [UInt8]? = nil, groupName: [UInt8]? = nil
    ) {
      self.descriptor = descriptor
      self.name = name
      self.unit = unit
      self.groupName = groupName
    }
  }

  /// A command to declare: its numbers, and its strings in UTF-8.
  public struct Command: Equatable, Sendable {
    /// The numbers. Its `TextRange`s are not looked at.
    public var descriptor: CommandDescriptor
    /// The high half of the entry's last word, which has no meaning yet.
    public var reserved: UInt16 = 0
    /// Its name; nil for none, which differs from an empty one.
    public var name: [UInt8]?
    /// What it does.
    public var help: [UInt8]?
    /// Its group's name.
    public var groupName: [UInt8]?

    /// A command with these numbers and strings.
    public init(
      _ descriptor: CommandDescriptor, name: [UInt8]? = nil, help: [UInt8]? = nil, groupName: [UInt8]? = nil
    ) {
      self.descriptor = descriptor
      self.name = name
      self.help = help
      self.groupName = groupName
    }
  }

  /// A mailbox to declare.
  public struct Mailbox: Equatable, Sendable {
    /// Its target, UTF-8: the key it is sorted by.
    public var target: [UInt8]
    /// Its entry: a JSON object that holds the target too. It is written as it stands, so who makes it sees
    /// to its form: compact, keys sorted.
    public var json: [UInt8]

    /// The mailbox with this target, written as this object.
    public init(target: [UInt8], json: [UInt8]) {
      self.target = target
      self.json = json
    }

    /// The mailbox with this target, capacity in bytes (0: the default) and mode.
    ///
    /// - Throws: `mailboxTargetInvalid` if the target is not UTF-8.
    public init(
      target: [UInt8], capacity: UInt32, mode: MailboxMode
    ) throws(ImageBuildError) {
      self.target = target
      json = []
      JSONWriter.append("{\"capacity\":", to: &json)
      JSONWriter.append(capacity, to: &json)
      JSONWriter.append(",\"mode_mask\":", to: &json)
      JSONWriter.append(UInt32(mode.rawValue), to: &json)
      JSONWriter.append(",\"target\":", to: &json)
      guard JSONWriter.appendQuoted(target.span, to: &json) else { throw .mailboxTargetInvalid }
      json.append(UInt8(ascii: "}"))
    }
  }

  /// A section as bytes.
  public struct RawSection: Equatable, Sendable {
    /// The type in the section table.
    public var type: UInt32
    /// The number of entries in the section table.
    public var count: UInt32
    /// The section's bytes.
    public var bytes: [UInt8]

    /// A section of this type with these bytes.
    public init(type: UInt32, count: UInt32, bytes: [UInt8]) {
      self.type = type
      self.count = count
      self.bytes = bytes
    }
  }
}
