public import HXE

extension ImageError {
  /// What was found, what was expected, and where: one sentence for people.
  public var detail: String { "\(finding), at file offset \(Self.hex(offset))." }

  private var finding: String {
    switch reason {
    case .truncated: "The file ends after \(found) bytes and needs at least \(expected)"
    case .badMagic: "The file starts with \(Self.hex(found, digits: 8)), not with \"HSXE\" (0x48535845)"
    case .unsupportedVersion: "The format version is \(found); 1 and 2 are known"
    case .codeUnaligned: "The code has \(found) bytes, not a multiple of 4"
    case .codeTooLarge: "The code has \(found) bytes; at most \(expected) are allowed"
    case .rodataTooLarge: "The read-only data has \(found) bytes; at most \(expected) are allowed"
    case .bssTooLarge: "The bss has \(found) bytes; at most \(expected) are allowed"
    case .entryUnaligned: "The entry is \(Self.hex(found)), not a multiple of 4"
    case .entryOutOfRange: "The entry is \(Self.hex(found)), but the code ends at \(Self.hex(expected))"
    case .appNameNotASCII: "The app name holds the byte \(Self.hex(found, digits: 2)), which is not ASCII"
    case .appNameUnterminated: "The app name fills all 32 bytes; at most 31 and a NUL are allowed"
    case .reservedNotZero: "A reserved byte of the header is \(Self.hex(found, digits: 2)), not zero"
    case .metadataOverlapsImage:
      "The section table starts at \(Self.hex(found)), before the end of the read-only data at \(Self.hex(expected))"
    case .metadataOutOfBounds:
      "The section table reaches to \(Self.hex(found)), past the end of the file at \(Self.hex(expected))"
    case .sectionOutOfBounds:
      found < expected
        ? "A section starts at \(Self.hex(found)), before the end of the section table at \(Self.hex(expected))"
        : "A section reaches to \(Self.hex(found)), past the end of the file at \(Self.hex(expected))"
    case .sectionOverlap: "A section reaches into another: \(Self.hex(found)) meets \(Self.hex(expected))"
    case .sectionTruncated: "The section has \(found) bytes, but its entries need \(expected)"
    case .stringOutOfRange: "A string starts at \(found) in a section of \(expected) bytes"
    case .stringUnterminated: "The string at \(found) has no NUL before the section's end at \(expected)"
    case .stringNotUTF8: "The string is not UTF-8 from byte \(found) of its section on"
    case .duplicateValue: "The value \(Self.objectID(found)) is declared twice"
    case .duplicateCommand: "The command \(Self.objectID(found)) is declared twice"
    case .duplicateMailbox: "A mailbox target is declared twice"
    case .handlerOutOfRange:
      found % 4 == 0
        ? "The handler is \(Self.hex(found)), but the code ends at \(Self.hex(expected))"
        : "The handler is \(Self.hex(found)), not a multiple of 4"
    case .mailboxJSONInvalid: "The mailboxes are not the JSON they should be"
    case .mailboxVersionUnsupported: "The mailboxes' version is \(found); \(expected) is known"
    case .mailboxTargetMissing: "A mailbox has no target"
    case .mailboxTargetTooLong: "A mailbox target has \(found) bytes; at most \(expected) are allowed"
    case .mailboxModeUnknown: "A mailbox mode names something unknown"
    case .manifestTruncated: "The manifest needs \(expected) bytes of file, which has \(found)"
    case .manifestInvalid: "The manifest is not the JSON it should be"
    case .crcMismatch:
      "The bytes have the CRC-32 \(Self.hex(found, digits: 8)), but the header says \(Self.hex(expected, digits: 8))"
    case .memoryExceeded:
      "Read-only data and bss would end at \(Self.hex(found)), past the end of memory at \(Self.hex(expected))"
    case .metadataBudgetExceeded: "The metadata needs \(found) where \(expected) are allowed"
    }
  }

  private static func hex(_ number: UInt32, digits: Int = 1) -> String {
    let text = String(number, radix: 16, uppercase: true)
    return "0x" + String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  private static func objectID(_ number: UInt32) -> String { "\(number >> 8):\(number & 0xFF)" }
}
