/// A stretch of `Metadata.text`: a name, a unit or a help text.
public struct TextRange: Equatable, Sendable {
  /// The first byte.
  public var start: UInt32
  /// The number of bytes.
  public var count: UInt32

  /// The stretch of `count` bytes from `start`.
  public init(start: UInt32, count: UInt32) {
    self.start = start
    self.count = count
  }
}

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

/// The modes of a mailbox, as bits.
public struct MailboxMode: OptionSet, Equatable, Sendable {
  /// The bits as in the image; those without a name are kept and do nothing.
  public let rawValue: UInt16

  /// The set with these bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// It may be read.
  public static var read: MailboxMode { MailboxMode(rawValue: 1) }
  /// It may be written.
  public static var write: MailboxMode { MailboxMode(rawValue: 2) }
  /// It may be tapped.
  public static var tap: MailboxMode { MailboxMode(rawValue: 4) }
  /// Every reader sees every message.
  public static var fanOut: MailboxMode { MailboxMode(rawValue: 8) }
  /// Fan-out that discards the oldest message when full.
  public static var fanOutDrop: MailboxMode { MailboxMode(rawValue: 0x10) }
  /// Fan-out that refuses when full.
  public static var fanOutBlock: MailboxMode { MailboxMode(rawValue: 0x20) }

  /// Reading and writing, the default.
  public static var readWrite: MailboxMode { [.read, .write] }
}

/// A binding that a mailbox declares. It is kept and shown; nothing is done with it.
public struct MailboxBinding: Equatable, Sendable {
  /// The task it names.
  public var pid: Int64
  /// Its flags, if it has any.
  public var flags: Int64?

  /// A binding of `pid`.
  public init(pid: Int64, flags: Int64?) {
    self.pid = pid
    self.flags = flags
  }
}

/// A mailbox that an image declares.
public struct MailboxDescriptor: Equatable, Sendable {
  /// The target: `prefix:name[@owner]`.
  public var target = ShortName()
  /// Bytes of room; nil when absent or 0, which means 64.
  public var capacity: UInt32?
  /// The modes as written, or reading and writing.
  public var mode = MailboxMode.readWrite
  /// The owner that the image names, if any.
  public var ownerPID: Int64?
  /// The bindings, in order.
  public var bindings: [MailboxBinding] = []

  /// A mailbox with an empty target.
  public init() {}
}

/// What a manifest says that we use.
public struct Manifest: Equatable, Sendable {
  /// One of `fram_keys`.
  public struct StorageKey: Equatable, Sendable {
    /// How the key is used.
    public enum Mode: UInt8, Equatable, Sendable { case load, save, loadAndSave }
    /// The persist key.
    public var key: UInt16
    /// How it is used.
    public var mode: Mode
    /// Bytes.
    public var length: UInt32

    /// A key with this use.
    public init(key: UInt16, mode: Mode, length: UInt32) {
      self.key = key
      self.mode = mode
      self.length = length
    }
  }

  /// The JSON text as it stands in the file, unknown fields and all.
  public var json: [UInt8] = []
  /// `image_name`, decoded.
  public var imageName: [UInt8]?
  /// `version`, decoded.
  public var version: [UInt8]?
  /// `security_counter`.
  public var securityCounter: UInt32?
  /// `pid`: the pid it would like.
  public var preferredPID: UInt32?
  /// `required_caps`.
  public var requiredCapabilities: Capabilities?
  /// `stack_size` in bytes.
  public var stackSize: UInt32?
  /// `heap_size` in bytes.
  public var heapSize: UInt32?
  /// `fram_keys`, in order.
  public var storageKeys: [StorageKey] = []

  /// An empty manifest.
  public init() {}
}

/// What the signature section holds, unchecked: who checks it needs the whole file's hash.
public struct SignatureSection: Equatable, Sendable {
  /// The file offset of the section.
  public var fileOffset: UInt32
  /// The section's bytes.
  public var bytes: [UInt8]

  /// A section of these bytes.
  public init(fileOffset: UInt32, bytes: [UInt8]) {
    self.fileOffset = fileOffset
    self.bytes = bytes
  }
}

/// An entry of the section table.
public struct SectionEntry: Equatable, Sendable {
  /// The types that have a meaning here.
  public enum Kind: UInt8, Equatable, Sendable { case values, commands, mailboxes, signature }

  /// The type as written.
  public var type: UInt32
  /// The file offset of its first byte.
  public var offset: UInt32
  /// Its bytes.
  public var size: UInt32
  /// Its entries.
  public var count: UInt32

  /// An entry with these fields.
  public init(type: UInt32, offset: UInt32, size: UInt32, count: UInt32) {
    self.type = type
    self.offset = offset
    self.size = size
    self.count = count
  }

  /// What its type means; nil for one that is skipped.
  public var kind: Kind? {
    switch type {
    case 1: .values
    case 2: .commands
    case 3: .mailboxes
    case 0x5349_4721: .signature
    default: nil
    }
  }
}

/// Everything that an image declares beside its code and data, validated.
public struct Metadata: Equatable, Sendable {
  /// The section table, in its order.
  public var sections: [SectionEntry] = []
  /// The values, in file order.
  public var values: [ValueDescriptor] = []
  /// The commands, in file order.
  public var commands: [CommandDescriptor] = []
  /// The mailboxes, in file order.
  public var mailboxes: [MailboxDescriptor] = []
  /// The manifest, if there is one.
  public var manifest: Manifest?
  /// The signature section, if there is one.
  public var signature: SignatureSection?
  /// The strings of values and commands, UTF-8, each where a `TextRange` says.
  public var text: [UInt8] = []

  /// No metadata at all.
  public init() {}

  /// The bytes of a string, without copying them.
  @_lifetime(borrow self)
  public func text(_ range: TextRange) -> Span<UInt8> {
    text.span.extracting(Int(range.start)..<Int(range.start &+ range.count))
  }
}

/// The room that an image's metadata may take while it is read.
public struct ImageLimits: Equatable, Sendable {
  /// Bytes of one metadata section.
  public var sectionBytes: UInt32
  /// Bytes of the manifest.
  public var manifestBytes: UInt32
  /// Entries of the section table.
  public var sections: UInt32
  /// Values, and as many commands, in one image.
  public var objects: UInt32
  /// Mailboxes in one image.
  public var mailboxes: UInt32
  /// Bytes of strings kept.
  public var textBytes: UInt32

  /// Limits with these numbers.
  public init(
    sectionBytes: UInt32, manifestBytes: UInt32, sections: UInt32, objects: UInt32, mailboxes: UInt32,
    textBytes: UInt32
  ) {
    self.sectionBytes = sectionBytes
    self.manifestBytes = manifestBytes
    self.sections = sections
    self.objects = objects
    self.mailboxes = mailboxes
    self.textBytes = textBytes
  }

  /// The limits of a gateway or a workstation.
  public static var desktop: ImageLimits {
    ImageLimits(
      sectionBytes: 0x1_0000, manifestBytes: 0x4000, sections: 64, objects: 256, mailboxes: 256,
      textBytes: 0x1_0000)
  }

  /// The limits of a microcontroller.
  public static var embedded: ImageLimits {
    ImageLimits(
      sectionBytes: 4096, manifestBytes: 512, sections: 16, objects: 64, mailboxes: 16, textBytes: 2048)
  }
}
