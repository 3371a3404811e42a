/// Why an image cannot be written: something asked for that the format has no room for, or that a loader
/// would refuse.
public enum ImageBuildError: Error, Equatable, Sendable {
  /// The parts of an image that version 1 cannot carry.
  public enum Part: UInt8, Equatable, Sendable {
    case appName, singleInstance, sections
  }

  /// The kinds of string that are addressed by 16 bits from their section's start.
  public enum StringKind: UInt8, Equatable, Sendable {
    case name, unit, help, groupName
  }

  /// The version is neither 1 nor 2.
  case unsupportedVersion(UInt16)
  /// Version 1 has no place for this part.
  case notInVersion1(Part)
  /// The code's length in bytes is not a multiple of 4.
  case codeUnaligned(Int)
  /// The code's length in bytes exceeds 0x10000.
  case codeTooLarge(Int)
  /// The read-only data's length in bytes exceeds 0x10000.
  case rodataTooLarge(Int)
  /// The bss size exceeds 0x10000.
  case bssTooLarge(UInt32)
  /// Read-only data and bss would end at this address, past the end of memory.
  case memoryExceeded(end: UInt32)
  /// The entry is not a multiple of 4.
  case entryUnaligned(UInt32)
  /// The entry is not below the code's length.
  case entryOutOfRange(UInt32, codeLength: UInt32)
  /// The app's name has this many bytes, more than 31.
  case appNameTooLong(Int)
  /// The app's name has this byte, which is not ASCII or is NUL.
  case appNameNotASCII(UInt8)
  /// Two values have this object id.
  case duplicateValue(UInt16)
  /// Two commands have this object id.
  case duplicateCommand(UInt16)
  /// Two mailboxes have this target.
  case duplicateMailbox(ShortName)
  /// The command's handler is not a multiple of 4 below the code's length.
  case handlerOutOfRange(command: UInt16, handler: UInt32)
  /// A string of this value or command is not UTF-8, or holds a NUL, which would end it early.
  case stringInvalid(StringKind, object: UInt16)
  /// A string of this value or command would lie more than 65,535 bytes into its section.
  case stringOutOfReach(StringKind, object: UInt16)
  /// A mailbox has no target.
  case mailboxTargetMissing
  /// A mailbox's target has this many bytes, more than 32.
  case mailboxTargetTooLong(Int)
  /// A mailbox's target is not UTF-8.
  case mailboxTargetInvalid
  /// The file would exceed what 32 bits can address.
  case fileTooLarge
}
