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
