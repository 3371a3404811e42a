import HXE

/// What an expression comes to: a number, and how many times it counts the start of either section.
struct Quantity {
  var number: Int64
  /// 0 for a plain number, 1 for an address in code.
  var text = 0
  /// 0 for a plain number, 1 for an address in read-only data.
  var data = 0

  var isPlain: Bool { text == 0 && data == 0 }
}

/// The labels of a source.
struct SymbolTable {
  struct Label {
    var section: Section
    var offset: Int
    var line: Int
  }

  private(set) var labels: [String: Label] = [:]
  private var imports: Set<String> = []

  /// Defines a label; the line of the earlier one if there is one.
  mutating func define(_ name: String, _ label: Label) -> Int? {
    if let earlier = labels[name] { return earlier.line }
    labels[name] = label
    return nil
  }

  mutating func declareImport(_ name: String) { imports.insert(name) }

  /// The expression's worth, once all labels are known.
  func evaluate(_ expression: Expression, at cursor: Cursor) throws(AssemblyError) -> Quantity {
    var sum = Quantity(number: 0)
    for term in expression.terms {
      let value = try evaluate(term, at: cursor)
      let (number, over) =
        term.isNegative
        ? sum.number.subtractingReportingOverflow(value.number)
        : sum.number.addingReportingOverflow(value.number)
      guard !over else { throw cursor.error(.numberTooLarge, at: expression.position) }
      let sign = term.isNegative ? -1 : 1
      sum = Quantity(
        number: number, text: sum.text + sign * value.text, data: sum.data + sign * value.data)
    }
    return sum
  }

  private func evaluate(_ term: Expression.Term, at cursor: Cursor) throws(AssemblyError) -> Quantity {
    switch term.atom {
    case .number(let number): return Quantity(number: number)
    case .symbol(let name):
      guard let label = labels[name] else {
        throw cursor.error(
          imports.contains(name) ? .unresolvedImport(name) : .undefinedLabel(name), at: term.position)
      }
      return switch label.section {
      case .text: Quantity(number: Int64(label.offset), text: 1)
      case .data: Quantity(number: Int64(MemoryMap.rodataStart) + Int64(label.offset), data: 1)
      }
    case .function(let function, let argument):
      let value = try evaluate(argument, at: cursor)
      switch function {
      case .lo16: return Quantity(number: value.number & 0xFFFF)
      case .hi16: return Quantity(number: value.number >> 16 & 0xFFFF)
      case .off16:
        guard value.text == 0, value.data == 1 else {
          throw cursor.error(.notADataLabel, at: term.position)
        }
        return Quantity(number: (value.number - Int64(MemoryMap.rodataStart)) & 0xFFFF)
      }
    }
  }
}
