/// Rows of text in columns that are as wide as they need to be, and no wider than the terminal.
struct Table {
  struct Column {
    var title: String
    var isRight = false

    init(_ title: String, isRight: Bool = false) {
      self.title = title
      self.isRight = isRight
    }
  }

  var columns: [Column]
  var rows: [[String]] = []

  init(_ columns: Column...) { self.columns = columns }

  mutating func append(_ cells: String...) { rows.append(cells.map(printable)) }

  /// Its lines, the titles first. On a terminal the widest columns give way until all fit.
  func lines(on screen: Screen) -> [String] {
    var widths = columns.indices.map { index in
      ([columns[index].title] + rows.map { $0[index] }).map(\.count).max() ?? 0
    }
    if let limit = screen.limit {
      while widths.reduce(0, +) + 2 * (widths.count - 1) > limit,
        let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > 4
      {
        widths[widest] -= 1
      }
    }
    let titles = line(columns.map(\.title), widths)
    return [screen.paint(titles, .gray)] + rows.map { line($0, widths) }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let text = cells.indices.map { index in
      column(cells[index], widths[index], isRight: columns[index].isRight)
    }.joined(separator: "  ")
    return String(text.reversed().drop { $0 == " " }.reversed())
  }

  func show(on screen: Screen = .standardOutput) throws {
    for line in lines(on: screen) { try printLine(line) }
  }
}

/// Facts, one a line, their names in a column of their own.
struct Facts {
  private var rows: [(name: String, fact: String)] = []

  mutating func append(_ name: String, _ fact: String) { rows.append((name, printable(fact))) }

  func show(on screen: Screen = .standardOutput) throws {
    let width = rows.map(\.name.count).max() ?? 0
    for row in rows { try printLine(screen.paint(column(row.name, width), .gray) + "  " + row.fact) }
  }
}
