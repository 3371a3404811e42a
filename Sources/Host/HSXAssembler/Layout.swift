import HXE

/// The code and data of a source as they grow, with what remains to be filled in.
struct Layout {
  static let codeLimit = 0x1_0000
  /// Read-only data starts at 0x4000 and ends with memory.
  static let dataLimit = Int(MemoryMap.end - MemoryMap.rodataStart)

  private(set) var code: [UInt32] = []
  private(set) var rodata: [UInt8] = []
  private(set) var fixups: [Fixup] = []
  var section = Section.text

  /// Bytes in the present section.
  var position: Int { position(in: section) }

  func position(in section: Section) -> Int {
    switch section {
    case .text: 4 * code.count
    case .data: rodata.count
    }
  }

  /// Adds code words.
  mutating func append(words: [UInt32], at cursor: Cursor) throws(AssemblyError) {
    guard 4 * (code.count + words.count) <= Self.codeLimit else {
      throw cursor.error(.sectionFull(.text, limit: Self.codeLimit))
    }
    code += words
  }

  /// Adds read-only data.
  mutating func append(bytes: [UInt8], at cursor: Cursor) throws(AssemblyError) {
    try reserve(bytes.count, at: cursor)
    rodata += bytes
  }

  /// Fills the present section with zeros up to `end`; code is filled by whole words.
  mutating func fill(to end: Int64, at cursor: Cursor, _ position: Int) throws(AssemblyError) {
    let limit = section == .text ? Self.codeLimit : Self.dataLimit
    guard end <= limit else { throw cursor.error(.sectionFull(section, limit: limit), at: position) }
    switch section {
    case .text: while 4 * code.count < end { code.append(0) }
    case .data: while rodata.count < end { rodata.append(0) }
    }
  }

  /// Adds the number of `bytes` bytes that `expression` comes to, now or when all labels are known.
  mutating func append(
    data expression: Expression, bytes: Int, at cursor: Cursor
  ) throws(AssemblyError) {
    try reserve(bytes, at: cursor)
    let place = rodata.count
    for _ in 0..<bytes { rodata.append(0) }
    try resolveOrKeep(
      Fixup(kind: .data(bytes: bytes), place: place, expression: expression, cursor: cursor))
  }

  /// Adds the bits of `word` to the code word at `index`.
  mutating func merge(_ word: UInt32, at index: Int) { code[index] |= word }

  /// Has the last code word completed by `expression`.
  mutating func completeLastWord(
    _ kind: Fixup.Kind, with expression: Expression, at cursor: Cursor
  ) throws(AssemblyError) {
    try resolveOrKeep(
      Fixup(kind: kind, place: code.count - 1, expression: expression, cursor: cursor))
  }

  /// Fills in what waited for labels; the errors, in line order.
  mutating func resolve(with symbols: SymbolTable) -> [AssemblyError] {
    var errors = [AssemblyError]()
    for fixup in fixups {
      do throws(AssemblyError) {
        try fixup.apply(to: &code, &rodata, symbols: symbols)
      } catch {
        errors.append(error)
        if errors.count > AssemblyFailure.maximumErrors { break }
      }
    }
    fixups = []
    return errors
  }

  /// Plain numbers, most of a large table, do not wait.
  private mutating func resolveOrKeep(_ fixup: Fixup) throws(AssemblyError) {
    if fixup.expression.literal != nil {
      try fixup.apply(to: &code, &rodata, symbols: SymbolTable())
    } else {
      fixups.append(fixup)
    }
  }

  private func reserve(_ count: Int, at cursor: Cursor) throws(AssemblyError) {
    guard rodata.count + count <= Self.dataLimit else {
      throw cursor.error(.sectionFull(.data, limit: Self.dataLimit))
    }
  }
}
