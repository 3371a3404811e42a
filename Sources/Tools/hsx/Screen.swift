import Foundation

/// Where text is drawn: its width, and whether it may have colours.
struct Screen {
  /// Columns.
  var width: Int
  /// Whether escape sequences are understood and wanted.
  var isColored: Bool
  /// Columns that a table may have; nil for as many as it needs, as in a file or a pipe.
  var limit: Int?

  enum Color: Int {
    case red = 31
    case green = 32
    case yellow = 33
    case blue = 34
    case cyan = 36
    case gray = 90
  }

  /// The standard output: as wide as the terminal, or as `COLUMNS` says, or 80.
  static var standardOutput: Screen { Screen(of: STDOUT_FILENO) }

  /// The standard error, likewise.
  static var standardError: Screen { Screen(of: STDERR_FILENO) }

  private init(of descriptor: Int32) {
    let environment = ProcessInfo.processInfo.environment
    var size = winsize()
    let isTerminal = isatty(descriptor) == 1
    var width = environment["COLUMNS"].flatMap { Int($0) } ?? 80
    if isTerminal, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      width = Int(size.ws_col)
    }
    let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
    self.init(
      width: min(max(width, 40), 400), isColored: isTerminal && !isPlain,
      limit: isTerminal || environment["COLUMNS"] != nil ? min(max(width, 20), 1000) : nil)
  }

  /// One of these parts.
  init(width: Int, isColored: Bool, limit: Int? = nil) {
    self.width = width
    self.isColored = isColored
    self.limit = limit
  }

  func paint(_ text: String, _ color: Color) -> String {
    isColored && !text.isEmpty ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// A piece of a bar: so much of one kind.
struct BarPiece {
  var amount: Int
  var character: Character
  var color: Screen.Color
}

extension Screen {
  /// A bar of `columns`, cut into pieces in proportion; what there is of a piece is seen, however little it is.
  func bar(_ pieces: [BarPiece], columns: Int) -> String {
    let total = max(1, pieces.reduce(0) { $0 + $1.amount })
    var shares = pieces.map { $0.amount == 0 ? 0 : max(1, $0.amount * columns / total) }
    while shares.reduce(0, +) != columns {
      let excess = shares.reduce(0, +) - columns
      guard let largest = shares.indices.max(by: { pieces[$0].amount < pieces[$1].amount }) else { break }
      shares[largest] -= excess
      if shares[largest] >= 0 { break }
      shares[largest] = 0
    }
    return zip(pieces, shares).map { piece, share in
      paint(String(repeating: piece.character, count: max(0, share)), piece.color)
    }.joined()
  }
}

/// Text in a column of so many characters, filled with blanks or cut.
func column(_ text: String, _ width: Int, isRight: Bool = false) -> String {
  let text = text.count > width ? String(text.prefix(max(0, width - 1))) + "…" : text
  let blanks = String(repeating: " ", count: max(0, width - text.count))
  return isRight ? blanks + text : text + blanks
}

/// A number with commas between its thousands.
func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  var groups: [String] = []
  while digits.count > 3 {
    groups.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}

/// So many of something, in words.
func counted(_ number: Int, _ noun: String) -> String {
  "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
}
