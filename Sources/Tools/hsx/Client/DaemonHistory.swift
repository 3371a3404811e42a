import HSXClient
import HSXProtocol
import HSXTranslation

// The history in the daemon's store.
extension HistoryCommand {
  func showDaemons() async throws {
    let answer = try await options.client.withDaemon { daemon in
      var request = StoreRequest()
      request.app = app
      request.isAudit = audit ? true : nil
      return try await daemon.ask(.provisionHistory(request), as: HistoryAnswer.self, about: app ?? "history")
    }
    if json { return try printJSON(answer) }
    if audit { try show(answer.records ?? []) } else { try show(answer.images ?? []) }
  }

  private func show(_ images: [SlotRecord]) throws {
    var table = Table(
      .init("APP"), .init("REV", isRight: true), .init("STATE"), .init("SLOT", isRight: true),
      .init("BYTES", isRight: true), .init("SOURCE"))
    for image in images {
      table.append(
        image.appName ?? "", image.revision.map(String.init) ?? "", image.stateWords, "\(image.slot)",
        image.length.map { grouped(Int($0)) } ?? "", image.source == .null ? "" : image.source.sourceText)
    }
    if table.rows.isEmpty { return printError("No image is stored.") }
    try table.show()
  }

  private func show(_ records: [AuditEntry]) throws {
    var table = Table(
      .init("#", isRight: true), .init("START", isRight: true), .init("SECONDS", isRight: true),
      .init("EVENT"), .init("SLOT", isRight: true), .init("REV", isRight: true), .init("CAUSE"),
      .init("TIMES", isRight: true))
    // As with --store, the newest comes first.
    for record in records.reversed() {
      table.append(
        "\(record.seq)", "\(record.boot)", "\(record.seconds)", record.event,
        record.slot.map(String.init) ?? "", record.revision.map(String.init) ?? "", record.cause ?? "",
        "\(record.count)")
    }
    if table.rows.isEmpty { return printError("The log is empty.") }
    try table.show()
  }
}
