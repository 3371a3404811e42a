/// Why a byte string is not an image, as facts: which rule, where, what was found and what was expected.
public struct ImageError: Error, Equatable, Sendable {
  /// The rule that is broken. The wire's word for it is this name in snake case.
  public enum Reason: UInt8, CaseIterable, Equatable, Sendable {
    case truncated, badMagic, unsupportedVersion
    case codeUnaligned, codeTooLarge, rodataTooLarge, bssTooLarge
    case entryUnaligned, entryOutOfRange
    case appNameNotASCII, appNameUnterminated, reservedNotZero
    case metadataOverlapsImage, metadataOutOfBounds
    case sectionOutOfBounds, sectionOverlap, sectionTruncated
    case stringOutOfRange, stringUnterminated, stringNotUTF8
    case duplicateValue, duplicateCommand, duplicateMailbox, handlerOutOfRange
    case mailboxJSONInvalid, mailboxVersionUnsupported
    case mailboxTargetMissing, mailboxTargetTooLong, mailboxModeUnknown
    case manifestTruncated, manifestInvalid
    case crcMismatch
    /// Rodata and bss together do not fit the machine's memory.
    case memoryExceeded
    /// A section, the manifest or the section table is larger than `ImageLimits` allows.
    case metadataBudgetExceeded
  }

  /// The rule that is broken.
  public var reason: Reason
  /// The file offset of the field that breaks it.
  public var offset: UInt32
  /// The offending number: the field's value, or the size needed.
  public var found: UInt32
  /// The number that `found` had to be, to stay below or to reach, as the reason defines.
  public var expected: UInt32

  /// A refusal of the field at `offset`.
  public init(_ reason: Reason, at offset: UInt32, found: UInt32 = 0, expected: UInt32 = 0) {
    self.reason = reason
    self.offset = offset
    self.found = found
    self.expected = expected
  }

  /// The code of the error model: `noSpace` for what would not fit, `badMessage` for all else.
  public var code: ErrorCode {
    switch reason {
    case .memoryExceeded, .metadataBudgetExceeded: .noSpace
    default: .badMessage
    }
  }
}
