/// A number that may depend on labels: terms added and subtracted.
struct Expression {
  enum Function: String, CaseIterable { case lo16, hi16, off16 }

  indirect enum Atom {
    case number(Int64)
    case symbol(String)
    case function(Function, Expression)
  }

  struct Term {
    var isNegative: Bool
    var atom: Atom
    /// Where it stands in the source.
    var position: Int
  }

  var terms: [Term]
  /// Where it starts in the source.
  var position: Int

  /// The number, if no label has a part in it and nothing is added.
  var literal: Int64? {
    guard terms.count == 1, case .number(let number) = terms[0].atom else { return nil }
    return terms[0].isNegative ? -number : number
  }

  /// The label, if the expression is just that.
  var symbol: String? {
    guard terms.count == 1, !terms[0].isNegative, case .symbol(let name) = terms[0].atom else { return nil }
    return name
  }
}

extension Cursor {
  static let maximumNesting = 16

  /// Takes an expression after white space.
  mutating func expression(depth: Int = 0) throws(AssemblyError) -> Expression {
    skipSpace()
    guard depth <= Self.maximumNesting else { throw error(.nestedTooDeep(limit: Self.maximumNesting)) }
    var result = Expression(terms: [], position: position)
    var isNegative = false
    repeat {
      // The sign of the first term, or a second one as in `[R1+-4]`.
      if take("-") { isNegative.toggle() } else { _ = take("+") }
      skipSpace()
      let position = position
      let atom = try self.atom(depth: depth)
      result.terms.append(Expression.Term(isNegative: isNegative, atom: atom, position: position))
      skipSpace()
      isNegative = byte == UInt8(ascii: "-")
    } while take("+") || take("-")
    return result
  }

  private mutating func atom(depth: Int) throws(AssemblyError) -> Expression.Atom {
    let begin = position
    if let byte, Self.isDigit(byte) { return .number(try number()) }
    if byte == UInt8(ascii: "'") {
      let bytes = try quoted()
      guard bytes.count == 1, let byte = bytes.first else {
        throw error(.unexpected(found: "\(bytes.count)", expected: "one character between quotes"), at: begin)
      }
      return .number(Int64(byte))
    }
    guard let name = identifier() else { throw unexpected("a number or a label") }
    skipSpace()
    guard byte == UInt8(ascii: "(") else { return .symbol(name) }
    guard let function = Expression.Function(rawValue: name.lowercased()) else {
      throw error(.unexpected(found: "`\(name)(`", expected: "lo16, hi16 or off16"), at: begin)
    }
    advance()
    let argument = try expression(depth: depth + 1)
    try expect(")")
    return .function(function, argument)
  }
}
