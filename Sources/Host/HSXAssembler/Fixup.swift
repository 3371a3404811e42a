import HXE

/// A place in code or read-only data that takes the worth of an expression.
struct Fixup {
  enum Kind {
    /// 12 bits, signed, in the word at this index.
    case immediate(what: String)
    /// A code address in 12 bits, unsigned.
    case jump
    /// Words from the instruction itself, 12 bits, signed; a plain number is that distance itself.
    case call
    /// A system call: 12 bits, unsigned.
    case service
    /// One of the halves of a system call's number, moved left by `shift`.
    case servicePart(what: String, bits: Int, shift: Int)
    /// 8 bits, unsigned.
    case breakpoint
    /// The whole word.
    case word
    /// Bytes of read-only data, little-endian.
    case data(bytes: Int)
  }

  var kind: Kind
  /// The index of the code word, or the offset in read-only data.
  var place: Int
  var expression: Expression
  var cursor: Cursor

  /// Writes the expression's worth where it belongs.
  func apply(to code: inout [UInt32], _ rodata: inout [UInt8], symbols: SymbolTable) throws(AssemblyError) {
    let value = try symbols.evaluate(expression, at: cursor)
    switch kind {
    case .immediate(let what):
      code[place] |= try encoded(value, what, -2048...2047) & 0xFFF
    case .jump:
      try requireAlignment(value, "the jump's target")
      code[place] |= try encoded(value, "the jump's target", 0...4095)
    case .call:
      code[place] |= try encoded(distance(to: value), "the call's distance in words", -2048...2047) & 0xFFF
    case .service:
      code[place] |= try encoded(value, "the system call", 0...0xFFF)
    case .servicePart(let what, let bits, let shift):
      code[place] |= try encoded(value, what, 0...((1 << bits) - 1)) << UInt32(shift)
    case .breakpoint:
      code[place] |= try encoded(value, "the break's code", 0...0xFF)
    case .word:
      code[place] = try encoded(value, "the number", -0x8000_0000...0xFFFF_FFFF)
    case .data(let bytes):
      let bits = Int64(8 * bytes)
      let number = try encoded(
        value, "the \(bytes == 1 ? "byte" : bytes == 2 ? "half word" : "word")",
        -(1 << (bits - 1))...((1 << bits) - 1))
      for index in 0..<bytes {
        rodata[place + index] = UInt8(truncatingIfNeeded: number >> UInt32(8 * index))
      }
    }
  }

  private func encoded(
    _ value: Quantity, _ what: String, _ allowed: ClosedRange<Int64>
  ) throws(AssemblyError) -> UInt32 {
    guard allowed.contains(value.number) else {
      throw cursor.error(
        .outOfRange(what: what, value: value.number, allowed: allowed), at: expression.position)
    }
    return UInt32(truncatingIfNeeded: value.number)
  }

  private func requireAlignment(_ value: Quantity, _ what: String) throws(AssemblyError) {
    guard value.number & 3 == 0 else {
      throw cursor.error(.unaligned(what: what, value: value.number), at: expression.position)
    }
  }

  /// The distance of a call in words.
  private func distance(to value: Quantity) throws(AssemblyError) -> Quantity {
    guard !value.isPlain else { return value }
    guard value.text == 1, value.data == 0 else {
      throw cursor.error(
        .notACodeLabel(expression.symbol ?? "the call's target"), at: expression.position)
    }
    try requireAlignment(value, "the call's target")
    return Quantity(number: (value.number - Int64(4 * place)) / 4)
  }
}
