import ArgumentParser
import HSXExecutive
import HSXLinux
import HSXPersistence
import HSXProvisioning
import HSXProtocol
import HSXTranslation
import HXE

struct HistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show what became of the images of each app, the newest first.",
    discussion: """
      EXAMPLES
        hsx history thermostat
        hsx history --store node.store
        hsx history --store node.store thermostat
        hsx history --store node.store --audit --json
      """)

  @Argument(help: "The app's name; all if not told.", completion: .apps)
  var app: String?

  @OptionGroup var options: StoreOptions

  @Flag(help: "The audit log instead, the newest record first.")
  var audit = false

  @Flag(help: "One JSON object.")
  var json = false

  struct Report: Encodable {
    var images: [StorageReport.Slot]
  }

  struct AuditReport: Encodable {
    struct Entry: Encodable {
      var number: UInt32
      var boot: UInt16
      var seconds: UInt32
      var code: UInt16
      var peer: UInt32
      var subject: UInt32
      var detail: UInt32
      var count: UInt16
      var dropped: UInt16
      /// What happened, in a word; null for a code that this version does not know, as what follows.
      @Nullable var event: String?
      @Nullable var slot: UInt32?
      @Nullable var revision: UInt32?
      @Nullable var cause: String?

      init(_ record: AuditRecord) {
        number = record.sequence
        boot = record.boot
        seconds = record.seconds
        code = record.code
        peer = record.peer
        subject = record.subject
        detail = record.detail
        count = record.count
        dropped = record.dropped
        let known = AuditCode(rawValue: record.code)
        _event = Nullable(wrappedValue: known?.word)
        _slot = Nullable(wrappedValue: known.map { _ in record.subject })
        _revision = Nullable(wrappedValue: known.map { _ in record.detail & 0xFFFF })
        let cause = SlotState.Cause(rawValue: UInt8(truncatingIfNeeded: record.detail >> 16))
        _cause = Nullable(wrappedValue: known == .rejected ? cause?.word : nil)
      }

      /// It as a line.
      var line: String {
        var line = "\(number)  start \(boot) + \(seconds) s  "
        if let event, let slot, let revision {
          line += "\(event)\(cause.map { ": \($0)" } ?? ""), slot \(slot), revision \(revision)"
        } else {
          line += "event \(code) of \(peer): \(subject), \(detail)"
        }
        if count > 1 { line += ", \(count) times" }
        return dropped > 0 ? line + "; \(dropped) before it were too many to keep" : line
      }
    }

    var records: [Entry]
  }

  func run() async throws {
    try await reportingFailure(json: json) {
      guard let options = options.offline else { return try await showDaemons() }
      if audit { try showAudit(options) } else { try showImages(options) }
    }
  }

  private func showImages(_ options: OfflineStore) throws {
    let survey = try StorageSurvey.readMounted(options.store)
    let images = survey.slots.filter { slot in
      slot.descriptor.map { app == nil || $0.name == app } ?? false
    }.sorted { first, second in
      let names = (first.descriptor?.name ?? "", second.descriptor?.name ?? "")
      guard names.0 == names.1 else { return names.0 < names.1 }
      return (first.descriptor?.revision ?? 0) > (second.descriptor?.revision ?? 0)
    }
    if let app, images.isEmpty { throw Failure(app, .unknownApp(.init(app) ?? .init())) }
    if json { return try printJSON(Report(images: images.map(StorageReport.Slot.init))) }
    for image in images {
      let report = StorageReport.Slot(image)
      let what =
        report.cause.map { "rejected: \($0)" } ?? (image.isFallback ? "fallback" : report.state)
      try printLine(
        "\(printable(report.appName ?? "")) revision \(report.revision ?? 0), \(report.version ?? ""): "
          + "\(report.active ? "active, " : "")\(what), slot \(report.slot), \(grouped(report.length ?? 0)) bytes"
      )
    }
    if images.isEmpty { try printLine("No image is stored.") }
  }

  private func showAudit(_ options: OfflineStore) throws {
    var device = try StorageSurvey.openReading(options.store)
    let store: StateStore
    do throws(StoreError) {
      store = try StateStore(mounting: &device)
    } catch {
      throw Failure(options.store, .store(error))
    }
    var entries: [AuditReport.Entry] = []
    var cursor = AuditCursor()
    while let record = cursor.next(of: store.log, in: &device) { entries.append(AuditReport.Entry(record)) }
    if json { return try printJSON(AuditReport(records: entries)) }
    for entry in entries { try printLine(entry.line) }
    if entries.isEmpty { try printLine("The log is empty.") }
  }
}
