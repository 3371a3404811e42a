public import HXE

extension ImageError.Reason {
  /// The reason's word: stable, for the wire and for messages.
  public var word: String {
    switch self {
    case .truncated: "truncated"
    case .badMagic: "bad_magic"
    case .unsupportedVersion: "unsupported_version"
    case .codeUnaligned: "code_unaligned"
    case .codeTooLarge: "code_too_large"
    case .rodataTooLarge: "rodata_too_large"
    case .bssTooLarge: "bss_too_large"
    case .entryUnaligned: "entry_unaligned"
    case .entryOutOfRange: "entry_out_of_range"
    case .appNameNotASCII: "app_name_not_ascii"
    case .appNameUnterminated: "app_name_unterminated"
    case .reservedNotZero: "reserved_not_zero"
    case .metadataOverlapsImage: "metadata_overlaps_image"
    case .metadataOutOfBounds: "metadata_out_of_bounds"
    case .sectionOutOfBounds: "section_out_of_bounds"
    case .sectionOverlap: "section_overlap"
    case .sectionTruncated: "section_truncated"
    case .stringOutOfRange: "string_out_of_range"
    case .stringUnterminated: "string_unterminated"
    case .stringNotUTF8: "string_not_utf8"
    case .duplicateValue: "duplicate_value"
    case .duplicateCommand: "duplicate_command"
    case .duplicateMailbox: "duplicate_mailbox"
    case .handlerOutOfRange: "handler_out_of_range"
    case .mailboxJSONInvalid: "mailbox_json_invalid"
    case .mailboxVersionUnsupported: "mailbox_version_unsupported"
    case .mailboxTargetMissing: "mailbox_target_missing"
    case .mailboxTargetTooLong: "mailbox_target_too_long"
    case .mailboxModeUnknown: "mailbox_mode_unknown"
    case .manifestTruncated: "manifest_truncated"
    case .manifestInvalid: "manifest_invalid"
    case .crcMismatch: "crc_mismatch"
    case .memoryExceeded: "memory_exceeded"
    case .metadataBudgetExceeded: "metadata_exceeded"
    }
  }

  /// The reason of this word; nil if there is none.
  public init?(word: String) {
    guard let reason = Self.allCases.first(where: { $0.word == word }) else { return nil }
    self = reason
  }

  /// The code that goes with the reason.
  public var code: ErrorCode { ImageError(self, at: 0).code }
}

extension ImageError {
  /// What the `error` field of a reply says: the reason's word, with the version that was found behind
  /// `unsupported_version`.
  public var wireText: String {
    reason == .unsupportedVersion ? "\(reason.word):\(found)" : reason.word
  }
}
