import HXE

extension ImageBuildError {
  /// Why the image cannot be written, in a sentence without its full stop.
  var sentence: String {
    switch self {
    case .unsupportedVersion(let version): "format version \(version) is not written; 1 and 2 are"
    case .notInVersion1(.appName): "version 1 has no place for an app name"
    case .notInVersion1(.singleInstance): "version 1 always allows multiple instances"
    case .notInVersion1(.sections): "version 1 has no place for values, commands and mailboxes"
    case .codeUnaligned(let count): "the code has \(count) bytes, not a multiple of 4"
    case .codeTooLarge(let count): "the code has \(count) bytes; at most 65536 fit"
    case .rodataTooLarge(let count): "the read-only data has \(count) bytes; at most 65536 fit"
    case .bssTooLarge(let size): "the bss has \(size) bytes; at most 65536 fit"
    case .memoryExceeded(let end): "read-only data and bss would end at \(end), past the memory's 65536"
    case .entryUnaligned(let entry): "the entry \(entry) is not a multiple of 4"
    case .entryOutOfRange(let entry, let length): "the entry \(entry) is not below the code's \(length) bytes"
    case .appNameTooLong(let count): "the app name has \(count) bytes; at most 31 fit"
    case .appNameNotASCII(let byte): "the app name holds the byte \(byte), which is not ASCII text"
    case .duplicateValue(let id): "the value \(Self.text(id)) is declared twice"
    case .duplicateCommand(let id): "the command \(Self.text(id)) is declared twice"
    case .duplicateMailbox: "a mailbox is declared twice"
    case .handlerOutOfRange(let id, let handler):
      "the handler \(handler) of command \(Self.text(id)) is no instruction of the code"
    case .stringInvalid(let kind, let id):
      "the \(kind.word) of \(Self.text(id)) is not UTF-8, or holds a NUL"
    case .stringOutOfReach(let kind, let id):
      "the \(kind.word) of \(Self.text(id)) would lie past 65535 bytes of its section; shorten the strings before it"
    case .mailboxTargetMissing: "a mailbox has no target"
    case .mailboxTargetTooLong(let count): "a mailbox target has \(count) bytes; at most 32 fit"
    case .mailboxTargetInvalid: "a mailbox target is not UTF-8"
    case .fileTooLarge: "the file would exceed 4 GiB"
    }
  }

  private static func text(_ id: UInt16) -> String { "\(id >> 8):\(id & 0xFF)" }
}

extension ImageBuildError.StringKind {
  fileprivate var word: String {
    switch self {
    case .name: "name"
    case .unit: "unit"
    case .help: "help"
    case .groupName: "group name"
    }
  }
}
