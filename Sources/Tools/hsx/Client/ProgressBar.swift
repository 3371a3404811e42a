import Foundation
import HSXClient

/// How far a stream is, on one line of the standard error that is drawn again and again.
struct ProgressBar {
  private let title: String
  private let screen: Screen
  private let clock = ContinuousClock()
  private var began: (at: ContinuousClock.Instant, bytes: Int)?
  private var drawn: ContinuousClock.Instant?

  init(title: String) {
    self.title = title
    screen = .standardError
  }

  /// Draws it, but not more often than an eye can follow.
  mutating func draw(_ progress: ImageUpload.Progress) {
    let now = clock.now
    if began == nil { began = (now, progress.bytesWritten) }
    let isWhole = progress.bytesWritten == progress.totalBytes
    if let drawn, now < drawn.advanced(by: .milliseconds(100)), !isWhole { return }
    drawn = now
    put("\r" + line(progress, after: now) + "\u{1B}[K")
  }

  func erase() { put("\r\u{1B}[K") }

  private func line(_ progress: ImageUpload.Progress, after now: ContinuousClock.Instant) -> String {
    var elapsed = 0.0
    var bytes = 0
    if let began {
      elapsed = (now - began.at) / .seconds(1)
      bytes = progress.bytesWritten - began.bytes
    }
    return Self.text(
      title: title, written: progress.bytesWritten, total: progress.totalBytes,
      rate: elapsed > 0.2 ? Double(bytes) / elapsed : nil, reconnections: progress.reconnections, on: screen)
  }

  /// The line: as much of it as the screen is wide.
  static func text(
    title: String, written: Int, total: Int, rate: Double?, reconnections: Int, on screen: Screen
  ) -> String {
    let percent = total == 0 ? 100 : written * 100 / total
    var tail = "\(column("\(percent)", 3, isRight: true)) %  \(grouped(written)) of \(grouped(total)) bytes"
    if let rate {
      tail += "  \(grouped(Int(rate.rounded()))) bytes/s"
      if rate > 0 { tail += "  \(time(Double(total - written) / rate)) left" }
    }
    if reconnections > 0 {
      tail += "  (connection lost \(reconnections == 1 ? "once" : "\(reconnections) times"))"
    }
    let name = printable(String(title.split(separator: "/").last ?? ""))
    let room = screen.width - 1 - tail.count - 4 - name.count
    guard room >= 8 else { return String((name + "  " + tail).prefix(screen.width - 1)) }
    let columns = min(room, 40)
    let bar = screen.bar(
      [
        BarPiece(amount: written, character: "█", color: .green),
        BarPiece(amount: total - written, character: "░", color: .gray),
      ], columns: columns)
    return "\(name)  \(bar)  \(tail)"
  }

  /// Minutes and seconds.
  static func time(_ seconds: Double) -> String {
    let whole = Int(min(max(0, seconds), 359_999).rounded(.up))
    let clock = String(format: "%d:%02d", whole / 60 % 60, whole % 60)
    return whole >= 3600 ? String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60) : clock
  }

  private func put(_ text: String) {
    // What cannot be drawn is not missed.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
