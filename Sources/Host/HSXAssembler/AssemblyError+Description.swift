import HXE

extension AssemblyError: CustomStringConvertible {
  /// `line:column: what is wrong`, for people.
  public var description: String {
    switch (line, column) {
    case (0, _): problem.description
    case (_, 0): "\(line): \(problem)"
    default: "\(line):\(column): \(problem)"
    }
  }
}

extension AssemblyFailure: CustomStringConvertible {
  /// One line an error.
  public var description: String {
    let lines = errors.map(\.description) + (isCutShort ? ["there may be more errors behind these"] : [])
    return lines.joined(separator: "\n")
  }
}

extension AssemblyError.Problem: CustomStringConvertible {
  /// What is wrong, in a sentence without its full stop.
  public var description: String {
    switch self {
    case .unexpected(let found, let expected): "expected \(expected), found \(found)"
    case .unterminatedString: "the string has no closing quote on this line"
    case .invalidEscape(let text):
      "`\(text)` is no escape; there are \\n \\r \\t \\\\ \\0 \\xNN \\\" and \\'"
    case .characterTooLarge(let character):
      "`\(character)` is no single byte; write its bytes as \\xNN"
    case .invalidUTF8: "the text is not UTF-8"
    case .unknownInstruction(let name): "there is no instruction `\(name)`"
    case .unknownDirective(let name): "there is no directive `\(name)`"
    case .wrongSection(let statement, let section): "`\(statement)` belongs in \(section.rawValue)"
    case .duplicateLabel(let name, let line): "the label `\(name)` stands on line \(line) already"
    case .undefinedLabel(let name): "the label `\(name)` is nowhere in this source"
    case .labelNotYetDefined(let name): "the label `\(name)` must stand above the line that measures with it"
    case .unresolvedImport(let name):
      "`\(name)` is imported but not defined, and an image is assembled from one source"
    case .outOfRange(let what, let value, let allowed):
      "\(what) is \(value), outside \(allowed.lowerBound) to \(allowed.upperBound)"
    case .unaligned(let what, let value): "\(what) is \(value), not a multiple of 4"
    case .numberTooLarge: "the number does not fit 64 bits"
    case .notANumber(let what): "\(what) must be a number; this is an address"
    case .notACodeLabel(let name): "`\(name)` is a label in .data, not in .text"
    case .notADataLabel: "off16 takes an address in .data"
    case .originBehind(let origin, let position):
      ".org \(origin) would go back: the section has \(position) bytes already"
    case .sectionFull(let section, let limit): "\(section.rawValue) would exceed \(limit) bytes"
    case .noCode: "there is no instruction in .text"
    case .nestedTooDeep(let limit): "nested deeper than \(limit) levels"
    case .missingField(let name): "the entry has no `\(name)`"
    case .wrongField(let name, let expected): "`\(name)` must be \(expected)"
    case .duplicateObject(let kind, let group, let id, let line):
      "\(kind) \(group):\(id) is declared on line \(line) already"
    case .duplicateMailbox(let target, let line):
      "the mailbox `\(target)` is declared on line \(line) already"
    case .mailboxRefused:
      "no loader takes this mailbox: `owner_pid` and `pid` must be numbers, `bindings` an array of objects"
    case .manifestInvalid: "the manifest is not a JSON object, or a field that loaders read has a wrong form"
    case .sourceTooLarge(let count):
      "the source has \(count) bytes; at most \(Assembler.maximumSourceBytes) are read"
    case .image(let error): error.sentence
    }
  }
}
