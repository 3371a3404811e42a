import Foundation
import HSXHAL
import HSXPersistence
import HSXProtocol
import HSXTranslation

/// How worn the ring is, as far as its pages tell.
struct StorageWear: Encodable {
  var file: String
  /// Erases of each page, or fillings where nothing is erased; null where it is not known.
  var erases: [UInt32?]
  @Nullable var least: UInt32?
  @Nullable var most: UInt32?
  @Nullable var spread: UInt32?
  /// Cycles that a page is rated for; null if it does not wear.
  @Nullable var ratedCycles: UInt32?
  /// Changes that can be counted in the pages, and the bytes programmed for them.
  var changes: Int
  var bytesProgrammed: Int
  /// Bytes programmed for each change of a 2-byte value; null if there were none.
  @Nullable var bytesPerChange: Double?
  /// The same for each byte of the value.
  @Nullable var writeAmplification: Double?
  @Nullable var erasesPerChange: Double?
  /// Changes a day that the years are for.
  @Nullable var changesPerDay: Double?
  @Nullable var yearsLeft: Double?

  enum CodingKeys: String, CodingKey {
    case file, erases, least, most, spread, changes
    case ratedCycles = "rated_cycles"
    case bytesProgrammed = "bytes_programmed"
    case bytesPerChange = "bytes_per_change"
    case writeAmplification = "write_amplification"
    case erasesPerChange = "erases_per_change"
    case changesPerDay = "changes_per_day"
    case yearsLeft = "years_left"
  }

  init(_ survey: StorageSurvey, ratedCycles: UInt32?, perDay: Double?) {
    file = survey.path
    let pages = survey.pages
    erases = pages.map { $0.sequence == 0 ? nil : $0.erases }
    let known = erases.compactMap { $0 }
    let (least, most) = (known.min(), known.max())
    _least = Nullable(wrappedValue: least)
    _most = Nullable(wrappedValue: most)
    _spread = Nullable(wrappedValue: least.flatMap { low in most.map { $0 - low } })
    let rated = ratedCycles ?? survey.geometry.ratedCycles
    _ratedCycles = Nullable(wrappedValue: rated == 0 ? nil : rated)
    let cell = max(8, survey.geometry.writeUnit)
    let written = pages.filter { $0.sequence != 0 && $0.role != .blank }
    let changes = written.reduce(0) { $0 + $1.records }
    let bytes = written.reduce(0) { sum, page in
      sum + (2 + page.snapshot + (page.isCommitted ? 1 : 0) + page.records + page.ends + page.damaged) * cell
    }
    self.changes = changes
    bytesProgrammed = bytes
    let perChange = changes == 0 ? nil : Double(bytes) / Double(changes)
    _bytesPerChange = Nullable(wrappedValue: perChange)
    _writeAmplification = Nullable(wrappedValue: perChange.map { $0 / 2 })
    // Each page that was written cost one erase; the newest one's is not used up yet.
    let used = Double(written.reduce(0) { $0 + $1.cells - $1.free }) / Double(max(1, pages.first?.cells ?? 1))
    let erasesPerChange = changes == 0 ? nil : used / Double(changes)
    _erasesPerChange = Nullable(wrappedValue: erasesPerChange)
    _changesPerDay = Nullable(wrappedValue: perDay)
    let left = known.reduce(0.0) { $0 + max(0, Double(rated) - Double($1)) }
    let years = erasesPerChange.flatMap { each in perDay.map { left / (each * $0 * 365.25) } }
    _yearsLeft = Nullable(wrappedValue: rated == 0 || perDay == 0 ? nil : years)
  }

  /// The cycles of each page as a bar, and what they come to.
  func lines(on screen: Screen) -> [String] {
    let columns = max(10, screen.width - 24)
    let full = max(1, ratedCycles ?? most ?? 1)
    var lines: [String] = []
    for (page, erases) in erases.enumerated() {
      let number = "  " + column("\(page)", 4, isRight: true)
      guard let erases else {
        lines.append("\(number)  \(screen.paint("not known", .yellow))")
        continue
      }
      let color: Screen.Color =
        ratedCycles.map { erases >= $0 / 100 * 95 ? .red : erases >= $0 / 5 * 4 ? .yellow : .green } ?? .green
      let bar = screen.bar(
        [
          BarPiece(amount: Int(min(erases, full)), character: "█", color: color),
          BarPiece(amount: Int(full - min(erases, full)), character: "░", color: .gray),
        ], columns: columns)
      lines.append("\(number)  \(bar)  \(column(grouped(Int(erases)), 12, isRight: true))")
    }
    return lines + sums
  }

  private var sums: [String] {
    var lines: [String] = []
    if let least, let most, let spread {
      lines.append("cycles     \(grouped(Int(least))) to \(grouped(Int(most))) a page, spread \(spread)")
    }
    lines.append(
      ratedCycles.map { "rated      \(grouped(Int($0))) cycles a page" }
        ?? "rated      This memory names no number of cycles; give one with --rated.")
    if let bytesPerChange, let writeAmplification, let erasesPerChange {
      lines.append(
        String(
          format: "programmed %.2f bytes a change (%.1f for each byte of a value), %.5f page turns",
          bytesPerChange,
          writeAmplification, erasesPerChange))
      lines.append("counted    in the \(grouped(changes)) changes that the pages still hold")
    } else {
      lines.append("programmed not known: the pages hold no changes")
    }
    if let yearsLeft, let changesPerDay {
      lines.append(
        String(format: "left       %.1f years at %.0f changes a day", yearsLeft, changesPerDay))
    }
    return lines
  }
}
