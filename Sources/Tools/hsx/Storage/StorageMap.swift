import HSXPersistence
import HSXTranslation

/// The store drawn: a line a page, a line a slot.
struct StorageMap {
  let survey: StorageSurvey
  let screen: Screen

  /// The pages: which count, how full each is, where the next turn goes, what is damaged.
  var pages: [String] {
    let head = "page  sequence   erased  "
    let columns = max(8, screen.width - head.count - 26)
    var lines = ["  " + head + column("", columns) + "  changes    free"]
    for page in survey.pages {
      let mark =
        page.role == .current
        ? screen.paint("▶", .green)
        : page.role == .counts ? screen.paint("▷", .green) : page.isNext ? screen.paint("→", .yellow) : " "
      let numbers =
        column("\(page.position)", 4, isRight: true) + "  "
        + column(page.sequence == 0 ? "–" : grouped(Int(page.sequence)), 8, isRight: true) + " "
        + column(page.sequence == 0 ? "–" : grouped(Int(page.erases)), 8, isRight: true) + "  "
      let tail =
        column(grouped(page.records), 9, isRight: true) + column(grouped(page.free), 8, isRight: true)
      lines.append("\(mark) \(numbers)\(bar(page, columns))\(tail) \(remark(page))")
    }
    lines.append(
      "  \(screen.paint("▓", .blue)) snapshot  \(screen.paint("█", .green)) changes  "
        + "\(screen.paint("✗", .red)) damaged  \(screen.paint("░", .gray)) free   "
        + "▶ newest  ▷ read with it  → next turn")
    return lines
  }

  private func bar(_ page: PageReport, _ columns: Int) -> String {
    guard page.role != .unreadable else {
      return screen.paint(String(repeating: "?", count: columns), .red)
    }
    let isRead = page.role == .current || page.role == .counts
    let written = page.snapshot + (page.isCommitted ? 1 : 0)
    let damage = page.damaged + page.stray
    return screen.bar(
      [
        BarPiece(amount: written, character: "▓", color: isRead ? .blue : .gray),
        BarPiece(amount: page.records + page.ends, character: "█", color: isRead ? .green : .gray),
        BarPiece(amount: damage, character: "✗", color: .red),
        BarPiece(amount: max(0, page.free), character: "░", color: .gray),
      ], columns: columns)
  }

  private func remark(_ page: PageReport) -> String {
    if page.isRetired { return screen.paint("retired", .red) }
    switch page.role {
    case .current: return page.damaged > 0 ? screen.paint("damaged", .red) : "newest"
    case .counts: return page.damaged > 0 ? screen.paint("damaged", .red) : "counts"
    case .unfinished: return screen.paint("unfinished", .yellow)
    case .unreadable: return screen.paint("unreadable", .red)
    case .blank, .old: return page.isNext ? "next" : ""
    }
  }

  /// The slots: whose image each holds, of which revision, in which state, how much of the slot it fills.
  var slots: [String] {
    guard !survey.slots.isEmpty else { return ["  This memory has no slots for images."] }
    let bars = max(6, screen.width - 78)
    var lines = ["  slot  state                  app               version   rev    bytes"]
    var firstEmpty: UInt16?
    func closeEmpty(before slot: Int) {
      guard let first = firstEmpty else { return }
      let range = Int(first) == slot - 1 ? "\(first)" : "\(first)–\(slot - 1)"
      lines.append("  " + column(range, 5, isRight: true) + " " + screen.paint("empty", .gray))
      firstEmpty = nil
    }
    for slot in survey.slots {
      if slot.state.phase == .empty {
        firstEmpty = firstEmpty ?? slot.number
        continue
      }
      closeEmpty(before: Int(slot.number))
      lines.append(line(slot, bars))
    }
    closeEmpty(before: survey.slots.count)
    return lines
  }

  private func line(_ slot: StorageSurvey.Slot, _ bars: Int) -> String {
    let state = slot.state
    let color: Screen.Color =
      slot.image == .damaged
      ? .red : state.isActive ? .green : state.phase == .rejected ? .yellow : .blue
    let descriptor = slot.descriptor
    let length = descriptor?.length ?? 0
    let room = max(1, survey.layout.slotSize)
    return [
      state.isActive ? screen.paint("▶", .green) : " ",
      column("\(slot.number)", 5, isRight: true),
      screen.paint(column(stateText(slot), 22), color),
      column(printable(descriptor?.name ?? "–"), 17),
      column(descriptor.map(\.versionText) ?? "–", 9),
      column(descriptor.map { "\($0.revision)" } ?? "–", 4),
      column(grouped(length), 8, isRight: true),
      screen.bar(
        [
          BarPiece(amount: length, character: "█", color: color),
          BarPiece(amount: max(0, room - length), character: "░", color: .gray),
        ], columns: bars),
    ].joined(separator: " ")
  }

  private func stateText(_ slot: StorageSurvey.Slot) -> String {
    let state = slot.state
    var text = state.phase.word
    switch state.phase {
    case .trial: text += ", \(state.tally) attempts left"
    case .confirmed:
      text = slot.isFallback ? "fallback" : "confirmed"
      if state.tally > 0 { text += ", failed \(state.tally)" }
    case .rejected: text += ": \(state.cause.word)"
    case .staging: text += ", \(state.steps) steps"
    case .empty, .verified, .retired: break
    }
    if state.isFactory { text = "factory " + text }
    return slot.image == .damaged ? "DAMAGED " + text : text
  }
}
