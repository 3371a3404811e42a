public import HXE

extension ImageError.Reason {
  /// What is wrong, in general: a sentence for `hsx explain`.
  public var cause: String {
    switch self {
    case .truncated: "The input ends before the end of the read-only data."
    case .badMagic: "The file does not start with the four bytes HSXE, so it is no image."
    case .unsupportedVersion: "The image is of a format version other than 1 and 2."
    case .codeUnaligned: "The code's length is not a multiple of 4, the size of an instruction word."
    case .codeTooLarge: "The code is longer than 64 KiB."
    case .rodataTooLarge: "The read-only data is longer than 64 KiB."
    case .bssTooLarge: "The bss is larger than 64 KiB."
    case .entryUnaligned: "The entry is not a multiple of 4, so it is no instruction's place."
    case .entryOutOfRange: "The entry lies behind the end of the code."
    case .appNameNotASCII: "The app name holds a byte that is not ASCII."
    case .appNameUnterminated: "The app name has no NUL within its 32 bytes."
    case .reservedNotZero: "A reserved byte of the header is not zero."
    case .metadataOverlapsImage: "The section table starts before the read-only data has ended."
    case .metadataOutOfBounds: "The section table reaches past the end of the file."
    case .sectionOutOfBounds:
      "A section starts inside the header or table, or reaches past the end of the file."
    case .sectionOverlap: "Two sections share bytes."
    case .sectionTruncated: "A section is too short for the entries it claims."
    case .stringOutOfRange: "A string's offset lies outside its section."
    case .stringUnterminated: "A string has no NUL before its section ends."
    case .stringNotUTF8: "A string is not UTF-8."
    case .duplicateValue: "Two values have the same group and id."
    case .duplicateCommand: "Two commands have the same group and id."
    case .duplicateMailbox: "Two mailboxes have the same target."
    case .handlerOutOfRange: "A command's handler is not an instruction of this image."
    case .mailboxJSONInvalid: "The mailbox section is not JSON of the expected form, or is nested too deep."
    case .mailboxVersionUnsupported: "The mailbox section is of a version other than 1."
    case .mailboxTargetMissing: "A mailbox has neither a target nor a name."
    case .mailboxTargetTooLong: "A mailbox's target is longer than 32 bytes."
    case .mailboxModeUnknown: "A mailbox's mode has a name that is none of the format's."
    case .manifestTruncated:
      "The manifest's length reaches past the end of the file, or there is no manifest."
    case .manifestInvalid: "The manifest is not a JSON object, or one of its known fields has a wrong form."
    case .crcMismatch: "The bytes have changed since the image was built."
    case .memoryExceeded: "Read-only data (from 0x4000) and bss together reach past the machine's 64 KiB."
    case .metadataBudgetExceeded: "Sections, strings or manifest are larger than this target allows."
    }
  }

  /// What to do about it: a sentence for the line below a failure.
  public var remedy: String {
    switch self {
    case .truncated, .manifestTruncated:
      "Copy or send the whole file again; compare its size with the original's."
    case .badMagic: "Give an HXE image; MVASM sources are built with `hsx image build`."
    case .unsupportedVersion, .mailboxVersionUnsupported:
      "Build the image with a toolchain that writes a version this one knows, or update this one."
    case .crcMismatch:
      "Copy or send the file again, or rebuild it; an edited image needs its CRC written anew."
    case .codeTooLarge, .rodataTooLarge, .bssTooLarge, .memoryExceeded:
      "Make code or data smaller, or split the app into several."
    case .metadataBudgetExceeded:
      "Declare less or shorten names and help, or raise the target's metadata budget."
    case .duplicateValue, .duplicateCommand, .duplicateMailbox:
      "Give each its own number or target in the source, and rebuild."
    case .handlerOutOfRange: "Name a label in .text as the handler, and rebuild."
    case .entryUnaligned, .entryOutOfRange: "Name a label in .text with `.entry`, and rebuild."
    case .appNameNotASCII, .appNameUnterminated:
      "Build with a name of at most 31 ASCII characters: `hsx image build --app-name`."
    case .mailboxJSONInvalid, .mailboxTargetMissing, .mailboxTargetTooLong, .mailboxModeUnknown:
      "Correct the `.mailbox` entry in the source, and rebuild."
    case .manifestInvalid: "Correct the manifest's JSON, and rebuild with `hsx image build --manifest`."
    case .codeUnaligned, .reservedNotZero, .metadataOverlapsImage, .metadataOutOfBounds, .sectionOutOfBounds,
      .sectionOverlap, .sectionTruncated, .stringOutOfRange, .stringUnterminated, .stringNotUTF8:
      "The file is damaged or its toolchain is at fault: rebuild it, and check it with `hsx image verify`."
    }
  }
}
