public import Foundation
public import HSXProtocol

/// What `hsx image info --json` shows: an image as it is declared, with the names of the wire.
public struct ImageSummary: Codable, Equatable, Sendable {
  /// The header.
  public struct Header: Codable, Equatable, Sendable {
    /// 1 or 2.
    public var version: UInt16
    /// The flags as written.
    public var flags: UInt16
    /// The code offset of the first instruction.
    public var entry: UInt32
    /// Bytes of code.
    public var codeLength: UInt32
    /// Bytes of read-only data.
    public var rodataLength: UInt32
    /// Bytes of bss.
    public var bssSize: UInt32
    /// The capability bits.
    public var requiredCapabilities: UInt32
    /// The CRC-32 that the header claims.
    public var crc32: UInt32
    /// The app's name; null if there is none.
    @Nullable public var appName: String?
    /// Whether more than one task may run under this name.
    public var allowMultiple: Bool
    /// Bytes of the file.
    public var size: Int

    enum CodingKeys: String, CodingKey {
      case version, flags, entry, crc32, size
      case codeLength = "code_len"
      case rodataLength = "ro_len"
      case bssSize = "bss_size"
      case requiredCapabilities = "req_caps"
      case appName = "app_name"
      case allowMultiple = "allow_multiple"
    }
  }

  /// An entry of the section table.
  public struct Section: Codable, Equatable, Sendable {
    /// The type as written.
    public var type: UInt32
    /// What the type is called; null if it is unknown.
    @Nullable public var name: String?
    /// The file offset of its first byte.
    public var offset: UInt32
    /// Its bytes.
    public var size: UInt32
    /// Its entries.
    public var count: UInt32
  }

  /// A declared value; numbers are binary16 bits.
  public struct Value: Codable, Equatable, Sendable {
    /// The high byte of the object id.
    public var groupID: UInt8
    /// The low byte of the object id.
    public var valueID: UInt8
    /// The flags as written.
    public var flags: UInt8
    /// 0 public, 1 user, 2 admin, 3 factory.
    public var authLevel: UInt8
    /// The starting value.
    public var initRaw: UInt16
    /// The least change that counts.
    public var epsilonRaw: UInt16
    /// The least value.
    public var minRaw: UInt16
    /// The greatest value.
    public var maxRaw: UInt16
    /// The key it is stored under; 0 if none.
    public var persistKey: UInt16
    /// Its name.
    @Nullable public var name: String?
    /// Its unit.
    @Nullable public var unit: String?
    /// Its group's name.
    @Nullable public var groupName: String?

    enum CodingKeys: String, CodingKey {
      case flags, name, unit
      case groupID = "group_id"
      case valueID = "value_id"
      case authLevel = "auth_level"
      case initRaw = "init_raw"
      case epsilonRaw = "epsilon_raw"
      case minRaw = "min_raw"
      case maxRaw = "max_raw"
      case persistKey = "persist_key"
      case groupName = "group_name"
    }
  }

  /// A declared command.
  public struct Command: Codable, Equatable, Sendable {
    /// The high byte of the object id.
    public var groupID: UInt8
    /// The low byte of the object id.
    public var commandID: UInt8
    /// The flags as written.
    public var flags: UInt8
    /// 0 public, 1 user, 2 admin, 3 factory.
    public var authLevel: UInt8
    /// The code offset of its handler.
    public var handlerOffset: UInt32
    /// Its name.
    @Nullable public var name: String?
    /// What it does.
    @Nullable public var help: String?
    /// Its group's name.
    @Nullable public var groupName: String?

    enum CodingKeys: String, CodingKey {
      case flags, name, help
      case groupID = "group_id"
      case commandID = "cmd_id"
      case authLevel = "auth_level"
      case handlerOffset = "handler_offset"
      case groupName = "group_name"
    }
  }

  /// A declared mailbox.
  public struct Mailbox: Codable, Equatable, Sendable {
    /// A binding, kept and shown.
    public struct Binding: Codable, Equatable, Sendable {
      /// The task it names.
      public var pid: Int64
      /// Its flags.
      @Nullable public var flags: Int64?
    }

    /// The target.
    public var target: String
    /// Bytes of room; null when absent or 0.
    @Nullable public var capacity: UInt32?
    /// The mode bits.
    public var modeMask: UInt16
    /// The owner the image names.
    @Nullable public var ownerPID: Int64?
    /// The bindings, in order.
    public var bindings: [Binding]

    enum CodingKeys: String, CodingKey {
      case target, capacity, bindings
      case modeMask = "mode_mask"
      case ownerPID = "owner_pid"
    }
  }

  /// Where the signature lies. Whether it holds is for `hsx image verify`.
  public struct Signature: Codable, Equatable, Sendable {
    /// The file offset of its section.
    public var offset: UInt32
    /// Bytes of its section.
    public var size: Int
  }

  /// The header.
  public var header: Header
  /// The section table, in its order.
  public var sections: [Section]
  /// The values, in file order.
  public var values: [Value]
  /// The commands, in file order.
  public var commands: [Command]
  /// The mailboxes, in file order.
  public var mailboxes: [Mailbox]
  /// The manifest, with the fields nobody knows; null if there is none.
  @Nullable public var manifest: JSONTree?
  /// The signature; null if there is none.
  @Nullable public var signature: Signature?

  /// The summary as one JSON object with its keys sorted, on one line or indented.
  public func json(indented: Bool = false) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if indented { encoder.outputFormatting.insert(.prettyPrinted) }
    return try encoder.encode(self)
  }
}
