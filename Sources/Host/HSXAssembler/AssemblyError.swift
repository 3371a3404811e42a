public import HXE

/// The two parts of a source.
public enum Section: String, Equatable, Sendable {
  /// Code.
  case text = ".text"
  /// Read-only data.
  case data = ".data"
}

/// One thing that is wrong with a source, and where.
public struct AssemblyError: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Problem: Equatable, Sendable {
    /// Something else stands where `expected` should.
    case unexpected(found: String, expected: String)
    /// A string or character has no closing quote on its line.
    case unterminatedString
    /// A backslash is followed by this, which is no escape.
    case invalidEscape(String)
    /// A character that is no single byte (U+0100 and above) in a string.
    case characterTooLarge(String)
    /// The bytes are not UTF-8.
    case invalidUTF8
    /// No instruction has this name.
    case unknownInstruction(String)
    /// No directive has this name.
    case unknownDirective(String)
    /// The statement belongs to the other section.
    case wrongSection(statement: String, belongs: Section)
    /// The label stands on `firstLine` already.
    case duplicateLabel(String, firstLine: Int)
    /// The label is nowhere.
    case undefinedLabel(String)
    /// The label does not stand above, which it must where it decides how long something is.
    case labelNotYetDefined(String)
    /// The name is imported, and there is no other module to have it from.
    case unresolvedImport(String)
    /// The number does not fit its place.
    case outOfRange(what: String, value: Int64, allowed: ClosedRange<Int64>)
    /// The number is not a multiple of 4.
    case unaligned(what: String, value: Int64)
    /// The number does not fit 64 bits.
    case numberTooLarge
    /// A place that needs a number or a difference of labels has an address.
    case notANumber(what: String)
    /// The label is not one of code.
    case notACodeLabel(String)
    /// `off16` of something that is no place in `.data`.
    case notADataLabel
    /// `.org` would go back.
    case originBehind(Int64, position: Int64)
    /// The section would exceed this many bytes.
    case sectionFull(Section, limit: Int)
    /// There is no instruction at all.
    case noCode
    /// JSON or an expression is nested deeper than this.
    case nestedTooDeep(limit: Int)
    /// A metadata entry lacks this field.
    case missingField(String)
    /// A metadata field is not what it should be.
    case wrongField(String, expected: String)
    /// The same value or command is declared on `firstLine`.
    case duplicateObject(kind: String, group: UInt8, id: UInt8, firstLine: Int)
    /// The same mailbox is declared on `firstLine`.
    case duplicateMailbox(String, firstLine: Int)
    /// A loader refuses the mailbox, for this reason.
    case mailboxRefused(ImageError.Reason)
    /// The manifest is not a JSON object, or a field that loaders read has a wrong form.
    case manifestInvalid
    /// The source has more bytes than `Assembler.maximumSourceBytes`.
    case sourceTooLarge(Int)
    /// The image cannot hold what the source asks for.
    case image(ImageBuildError)
  }

  /// The line, from 1; 0 if no single line is to blame.
  public var line: Int
  /// The column in characters, from 1; 0 if the whole line or source is to blame.
  public var column: Int
  /// What is wrong.
  public var problem: Problem

  /// An error at this place.
  public init(line: Int, column: Int, _ problem: Problem) {
    self.line = line
    self.column = column
    self.problem = problem
  }
}

/// Why a source was not assembled: its errors, in line order.
public struct AssemblyFailure: Error, Equatable, Sendable {
  /// The most errors that are collected.
  public static let maximumErrors = 20

  /// The errors: at least one, at most `maximumErrors`.
  public var errors: [AssemblyError]
  /// Whether the assembler gave up at `maximumErrors`, or where going on made no sense.
  public var isCutShort: Bool

  /// A failure for these reasons.
  public init(errors: [AssemblyError], isCutShort: Bool = false) {
    self.errors = errors
    self.isCutShort = isCutShort
  }
}
