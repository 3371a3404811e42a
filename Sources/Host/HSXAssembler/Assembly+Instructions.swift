extension Assembly {
  /// Encodes the instruction whose name was just read.
  mutating func instruction(
    _ name: String, _ cursor: inout Cursor, at position: Int
  ) throws(AssemblyError) {
    guard let entry = InstructionSet.entry(named: name) else {
      throw cursor.error(.unknownInstruction(name), at: position)
    }
    guard layout.section == .text else {
      throw cursor.error(.wrongSection(statement: name, belongs: .text), at: position)
    }
    // The word goes in before its operands are known to be sound, so that after an error the
    // addresses of what follows, and the messages about them, are still right.
    let words: [UInt32] = entry.form == .destinationWord ? [0, 0] : [0]
    let index = layout.position / 4
    try layout.append(words: words, at: cursor)
    var word = UInt32(entry.opcode) << 24
    switch entry.form {
    case .none: break
    case .destination: word |= try cursor.register() << 20
    case .source: word |= try cursor.register() << 16
    case .destinationSource: word |= try cursor.registers([20, 16])
    case .destinationTwoSources: word |= try cursor.registers([20, 16, 12])
    case .twoSources: word |= try cursor.registers([16, 12])
    case .destinationImmediate:
      word |= try cursor.register() << 20
      try cursor.expect(",")
      try complete(.immediate(what: "the immediate"), &cursor)
    case .destinationWord:
      word |= try cursor.register() << 20
      try cursor.expect(",")
      try complete(.word, &cursor)
    case .load:
      word |= try cursor.register() << 20
      try cursor.expect(",")
      word |= try memoryOperand(&cursor)
    case .store:
      word |= try memoryOperand(&cursor)
      try cursor.expect(",")
      word |= try cursor.register() << 12
    case .jump: try complete(.jump, &cursor)
    case .call: try complete(.call, &cursor)
    case .service: try serviceOperands(&cursor)
    case .breakpoint: if !cursor.isAtEnd { try complete(.breakpoint, &cursor) }
    }
    try cursor.expectEnd()
    layout.merge(word, at: index)
  }

  private mutating func complete(_ kind: Fixup.Kind, _ cursor: inout Cursor) throws(AssemblyError) {
    let expression = try cursor.expression()
    try layout.completeLastWord(kind, with: expression, at: cursor)
  }

  /// `[Ra]`, `[Ra+imm]` or `[Ra-imm]`: the register's bits; the offset is filled in.
  private mutating func memoryOperand(_ cursor: inout Cursor) throws(AssemblyError) -> UInt32 {
    try cursor.expect("[")
    let base = try cursor.register() << 16
    cursor.skipSpace()
    if cursor.byte == UInt8(ascii: "-") || cursor.take("+") {
      try complete(.immediate(what: "the offset"), &cursor)
    }
    guard cursor.take("]") else { throw cursor.unexpected("`+`, `-` or `]`") }
    return base
  }

  /// `imm12`, or `MOD=m`, `FN=f` in either order, one of them if the other is 0.
  private mutating func serviceOperands(_ cursor: inout Cursor) throws(AssemblyError) {
    let begin = cursor.position
    guard let first = cursor.identifier()?.uppercased(), first == "MOD" || first == "FN", cursor.take("=")
    else {
      cursor.move(to: begin)
      return try complete(.service, &cursor)
    }
    try servicePart(first, &cursor)
    guard cursor.take(",") else { return }
    let other = first == "MOD" ? "FN" : "MOD"
    cursor.skipSpace()
    let second = cursor.position
    guard cursor.identifier()?.uppercased() == other else {
      cursor.move(to: second)
      throw cursor.unexpected("`\(other)=`")
    }
    try cursor.expect("=")
    try servicePart(other, &cursor)
  }

  private mutating func servicePart(_ name: String, _ cursor: inout Cursor) throws(AssemblyError) {
    let isModule = name == "MOD"
    try complete(
      .servicePart(what: name, bits: isModule ? 4 : 8, shift: isModule ? 8 : 0), &cursor)
  }
}

extension Cursor {
  /// Takes `R0` to `R15`, in either case.
  fileprivate mutating func register() throws(AssemblyError) -> UInt32 {
    skipSpace()
    let begin = position
    if let name = identifier(), let first = name.utf8.first, first | 0x20 == UInt8(ascii: "r") {
      let digits = name.dropFirst()
      if let number = UInt32(digits), number < 16, digits == String(number) { return number }
    }
    move(to: begin)
    throw unexpected("a register, R0 to R15")
  }

  /// Takes as many registers as there are shifts, each moved left by its own.
  fileprivate mutating func registers(_ shifts: [UInt32]) throws(AssemblyError) -> UInt32 {
    var word: UInt32 = 0
    for (index, shift) in shifts.enumerated() {
      if index > 0 { try expect(",") }
      word |= try register() << shift
    }
    return word
  }
}
