import HXE

/// One run of the assembler: statements in, code, data and declarations out.
struct Assembly {
  /// Where the program starts, as the source says.
  enum Entry {
    case offset(Int, Cursor)
    case expression(Expression, Cursor)
  }

  var layout = Layout()
  var symbols = SymbolTable()
  var metadata = MetadataDeclarations()
  var entry: Entry?
  /// Whether `_start` is exported, which makes it the entry before anything else.
  var startIsExported = false
  /// What `resolve` has put together.
  private(set) var builder = ImageBuilder()
  private(set) var errors: [AssemblyError] = []
  private(set) var isCutShort = false

  /// Reads every line, until there are too many errors or a section is full.
  mutating func read(_ source: [UInt8]) {
    var line = 0
    var start = source.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while start <= source.count && !isCutShort {
      line += 1
      var end = start
      while end < source.count, source[end] != 0x0A, source[end] != 0x0D { end += 1 }
      var cursor = Cursor(source, line: line, range: start..<end)
      do throws(AssemblyError) {
        try statement(&cursor)
      } catch {
        report(error)
      }
      let isPair = end + 1 < source.count && source[end] == 0x0D && source[end + 1] == 0x0A
      start = end + (isPair ? 2 : 1)
    }
  }

  mutating func report(_ error: AssemblyError) {
    guard errors.count < AssemblyFailure.maximumErrors else {
      isCutShort = true
      return
    }
    errors.append(error)
    // Everything behind a full section would only say so again.
    if case .sectionFull = error.problem { isCutShort = true }
  }

  /// Labels, then at most one directive or instruction.
  private mutating func statement(_ cursor: inout Cursor) throws(AssemblyError) {
    while !cursor.isAtEnd {
      let begin = cursor.position
      guard let name = cursor.identifier() else {
        throw cursor.unexpected("a label, an instruction or a directive")
      }
      if cursor.take(":") {
        try define(name, cursor, at: begin)
        continue
      }
      if name.utf8.first == UInt8(ascii: ".") {
        return try directive(name, &cursor, at: begin)
      }
      return try instruction(name, &cursor, at: begin)
    }
  }

  private mutating func define(_ name: String, _ cursor: Cursor, at position: Int) throws(AssemblyError) {
    let label = SymbolTable.Label(section: layout.section, offset: layout.position, line: cursor.line)
    if let firstLine = symbols.define(name, label) {
      throw cursor.error(.duplicateLabel(name, firstLine: firstLine), at: position)
    }
  }

  /// Fills in everything that waited for labels.
  mutating func resolve() {
    for error in layout.resolve(with: symbols) { report(error) }
    let resolved = metadata.resolvedCommands(symbols, codeLength: layout.position(in: .text))
    for error in resolved.errors { report(error) }
    builder.commands = resolved.commands
    builder.values = metadata.declaredValues
    builder.mailboxes = metadata.declaredMailboxes
    do throws(AssemblyError) {
      builder.entry = try resolvedEntry()
    } catch {
      // Code may be missing because of what has been reported already.
      if error.problem != .noCode || errors.isEmpty { report(error) }
    }
    builder.rodata = layout.rodata
    builder.code = layout.code.flatMap { word in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    }
  }

  /// The line to blame for what the whole image shows; 0 if there is none.
  func line(of error: ImageBuildError) -> Int {
    switch error {
    case .stringOutOfReach(let kind, let object), .stringInvalid(let kind, let object):
      // A name may be either's; the one that is declared is meant.
      max(
        kind == .unit ? 0 : metadata.line(of: object, isCommand: true),
        kind == .help ? 0 : metadata.line(of: object, isCommand: false))
    default: 0
    }
  }

  /// The entry: an exported `_start`, else what `.entry` says, else the start of the code.
  func resolvedEntry() throws(AssemblyError) -> UInt32 {
    if startIsExported, let start = symbols.labels["_start"], start.section == .text {
      return try checked(Int64(start.offset), line: start.line, column: 1)
    }
    switch entry {
    case nil: return try checked(0, line: 0, column: 0)
    case .offset(let offset, let cursor): return try checked(Int64(offset), line: cursor.line, column: 1)
    case .expression(let expression, let cursor):
      let value = try symbols.evaluate(expression, at: cursor)
      guard value.data == 0 else {
        throw cursor.error(.notACodeLabel(expression.symbol ?? "the entry"), at: expression.position)
      }
      let place = cursor.error(.noCode, at: expression.position)
      return try checked(value.number, line: place.line, column: place.column)
    }
  }

  private func checked(_ entry: Int64, line: Int, column: Int) throws(AssemblyError) -> UInt32 {
    let end = Int64(layout.position(in: .text))
    guard end > 0 else { throw AssemblyError(line: 0, column: 0, .noCode) }
    guard (0..<end).contains(entry) else {
      throw AssemblyError(
        line: line, column: column, .outOfRange(what: "the entry", value: entry, allowed: 0...(end - 4)))
    }
    guard entry % 4 == 0 else {
      throw AssemblyError(line: line, column: column, .unaligned(what: "the entry", value: entry))
    }
    return UInt32(entry)
  }
}
