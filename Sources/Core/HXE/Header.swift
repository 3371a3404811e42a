/// What an image may need of the machine it runs on. Bits without a name are kept: no target offers them.
public struct Capabilities: OptionSet, Equatable, Sendable {
  /// The bits as in the header's `req_caps`.
  public let rawValue: UInt32

  /// The set with these bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Mailboxes.
  public static var mailboxes: Capabilities { Capabilities(rawValue: 1 << 0) }
  /// Values and commands.
  public static var values: Capabilities { Capabilities(rawValue: 1 << 1) }
  /// Persistent storage.
  public static var storage: Capabilities { Capabilities(rawValue: 1 << 2) }
  /// A CAN link.
  public static var can: Capabilities { Capabilities(rawValue: 1 << 3) }
  /// A serial port.
  public static var uart: Capabilities { Capabilities(rawValue: 1 << 4) }
  /// Binary16 arithmetic.
  public static var binary16: Capabilities { Capabilities(rawValue: 1 << 5) }
  /// All that have a name.
  public static var all: Capabilities { Capabilities(rawValue: 0x3F) }
}

/// The header of an image, every field already checked against the rules of the format.
public struct Header: Equatable, Sendable {
  /// 1 or 2.
  public var version: UInt16
  /// The flags as written; bits without a meaning are kept.
  public var flags: UInt16
  /// The code offset of the first instruction: a multiple of 4 below `codeLength`.
  public var entry: UInt32
  /// Bytes of code, a multiple of 4.
  public var codeLength: UInt32
  /// Bytes of read-only data, any number.
  public var rodataLength: UInt32
  /// Bytes of zeroed memory behind the read-only data.
  public var bssSize: UInt32
  /// What the image says it needs.
  public var requiredCapabilities: Capabilities
  /// The CRC-32 that the file claims.
  public var crc32: UInt32
  /// The app's name without surrounding white space; empty in version 1 or when there is none.
  public var appName: ShortName
  /// The file offset of the section table; 0 if there is none.
  public var metadataOffset: UInt32
  /// The number of entries of the section table.
  public var metadataCount: UInt32

  /// A header with these fields. Nothing is checked here: `ImageParser` does that.
  public init(
    version: UInt16, flags: UInt16, entry: UInt32, codeLength: UInt32, rodataLength: UInt32,
    bssSize: UInt32, requiredCapabilities: Capabilities, crc32: UInt32, appName: ShortName,
    metadataOffset: UInt32, metadataCount: UInt32
  ) {
    self.version = version
    self.flags = flags
    self.entry = entry
    self.codeLength = codeLength
    self.rodataLength = rodataLength
    self.bssSize = bssSize
    self.requiredCapabilities = requiredCapabilities
    self.crc32 = crc32
    self.appName = appName
    self.metadataOffset = metadataOffset
    self.metadataCount = metadataCount
  }

  /// Bytes of the header itself: 32 in version 1, 96 in version 2.
  public var byteCount: UInt32 { version == 1 ? 32 : 96 }
  /// Whether a manifest follows.
  public var hasManifest: Bool { flags & 1 != 0 }
  /// Whether more than one task may run under this name; always so in version 1.
  public var allowsMultipleInstances: Bool { version == 1 || flags & 2 != 0 }
}

/// Where an image lies in the machine's memory.
public enum MemoryMap {
  /// The address of the first byte of read-only data.
  public static var rodataStart: UInt32 { 0x4000 }
  /// The first address past memory.
  public static var end: UInt32 { 0x1_0000 }

  /// The address of bss behind `rodataLength` bytes: the next multiple of 4.
  public static func bssStart(rodataLength: UInt32) -> UInt32 {
    rodataStart &+ ((rodataLength &+ 3) & ~3)
  }
}
