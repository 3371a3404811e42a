extension Assembly {
  /// Carries out the directive whose name was just read.
  mutating func directive(
    _ name: String, _ cursor: inout Cursor, at position: Int
  ) throws(AssemblyError) {
    switch name.lowercased() {
    case ".text":
      layout.section = .text
      try cursor.expectEnd()
    case ".data":
      layout.section = .data
      try cursor.expectEnd()
    case ".entry": try entryDirective(&cursor, at: position)
    case ".import": for name in try names(&cursor) { symbols.declareImport(name) }
    case ".export": if try names(&cursor).contains("_start") { startIsExported = true }
    case ".extern":
      // Either side of a link: the name is another module's, or this one's for others.
      let names = try names(&cursor)
      if names.contains("_start") { startIsExported = true }
      for name in names { symbols.declareImport(name) }
    case ".org": try origin(&cursor)
    case ".value": try metadata.values(&cursor)
    case ".cmd": try metadata.commands(&cursor)
    case ".mailbox": try metadata.mailboxes(&cursor)
    case ".byte", ".half", ".hword", ".word", ".ascii", ".asciz", ".string", ".align", ".zero":
      guard layout.section == .data else {
        throw cursor.error(.wrongSection(statement: name, belongs: .data), at: position)
      }
      try dataDirective(name.lowercased(), &cursor)
    default: throw cursor.error(.unknownDirective(name), at: position)
    }
  }

  private mutating func dataDirective(_ name: String, _ cursor: inout Cursor) throws(AssemblyError) {
    switch name {
    case ".byte": try numbers(bytes: 1, &cursor)
    case ".half", ".hword": try numbers(bytes: 2, &cursor)
    case ".word": try numbers(bytes: 4, &cursor)
    case ".ascii": try strings(terminator: [], &cursor)
    case ".align":
      let (step, position) = try count("the alignment", 1...Int64(Layout.dataLimit), &cursor)
      let past = Int64(layout.position) % step
      if past > 0 { try layout.fill(to: Int64(layout.position) + step - past, at: cursor, position) }
    case ".zero":
      let (count, position) = try count("the number of bytes", 0...Int64(UInt32.max), &cursor)
      try layout.fill(to: Int64(layout.position) + count, at: cursor, position)
    default: try strings(terminator: [0], &cursor)
    }
  }

  /// Numbers separated by commas; among bytes, strings too.
  private mutating func numbers(bytes: Int, _ cursor: inout Cursor) throws(AssemblyError) {
    repeat {
      cursor.skipSpace()
      if bytes == 1, cursor.startsString {
        try layout.append(bytes: try cursor.quoted(), at: cursor)
      } else {
        let expression = try cursor.expression()
        try layout.append(data: expression, bytes: bytes, at: cursor)
      }
    } while cursor.take(",")
    try cursor.expectEnd()
  }

  private mutating func strings(terminator: [UInt8], _ cursor: inout Cursor) throws(AssemblyError) {
    repeat {
      try layout.append(bytes: try cursor.quoted() + terminator, at: cursor)
    } while cursor.take(",")
    try cursor.expectEnd()
  }

  private mutating func origin(_ cursor: inout Cursor) throws(AssemblyError) {
    let (origin, position) = try count("the origin", 0...Int64(UInt32.max), &cursor)
    guard origin >= layout.position else {
      throw cursor.error(.originBehind(origin, position: Int64(layout.position)), at: position)
    }
    try layout.fill(to: origin, at: cursor, position)
  }

  private mutating func entryDirective(_ cursor: inout Cursor, at position: Int) throws(AssemblyError) {
    if cursor.isAtEnd {
      guard layout.section == .text else {
        throw cursor.error(.wrongSection(statement: ".entry", belongs: .text), at: position)
      }
      entry = .offset(layout.position, cursor)
    } else {
      let expression = try cursor.expression()
      try cursor.expectEnd()
      entry = .expression(expression, cursor)
    }
  }

  /// A number that must be known now, as it decides where everything behind it lies.
  private func count(
    _ what: String, _ allowed: ClosedRange<Int64>, _ cursor: inout Cursor
  ) throws(AssemblyError) -> (Int64, position: Int) {
    let expression = try cursor.expression()
    try cursor.expectEnd()
    let value: Quantity
    do throws(AssemblyError) {
      value = try symbols.evaluate(expression, at: cursor)
    } catch {
      guard case .undefinedLabel(let name) = error.problem else { throw error }
      throw AssemblyError(line: error.line, column: error.column, .labelNotYetDefined(name))
    }
    guard value.isPlain else { throw cursor.error(.notANumber(what: what), at: expression.position) }
    guard allowed.contains(value.number) else {
      throw cursor.error(
        .outOfRange(what: what, value: value.number, allowed: allowed), at: expression.position)
    }
    return (value.number, expression.position)
  }

  private func names(_ cursor: inout Cursor) throws(AssemblyError) -> [String] {
    var names = [String]()
    repeat {
      guard let name = cursor.identifier() else { throw cursor.unexpected("a name") }
      names.append(name)
    } while cursor.take(",")
    try cursor.expectEnd()
    return names
  }
}

extension Cursor {
  /// Whether a string is here rather than a character that an expression starts with (`'a'+1`).
  fileprivate var startsString: Bool {
    guard let byte else { return false }
    guard byte == UInt8(ascii: "'") else { return byte == UInt8(ascii: "\"") }
    var ahead = self
    guard let bytes = try? ahead.quoted() else { return true }
    ahead.skipSpace()
    return bytes.count != 1 || (ahead.byte != UInt8(ascii: "+") && ahead.byte != UInt8(ascii: "-"))
  }
}
