import ArgumentParser
import HSXExecutive
import HSXLinux
import HSXPersistence
import HSXProvisioning
import HSXTranslation
import HXE

struct SlotsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slots", abstract: "Show the stored images: whose each is, and what becomes of it.",
    discussion: """
      EXAMPLES
        hsx slots --store node.store
        hsx slots --store node.store --json
        hsx slots --store node.store --clear 3
      """)

  @OptionGroup var options: StoreOptions

  @Option(help: "First free that slot: one that is neither active, nor a fallback, nor the factory's.")
  var clear: UInt16?

  @Flag(help: "One JSON object.")
  var json = false

  struct Report: Encodable {
    var slots: [StorageReport.Slot]
    var condition: [String]
  }

  func run() throws {
    try reportingFailure(json: json) {
      if let clear { try free(clear) }
      let survey = try StorageSurvey.readMounted(options.store)
      if json {
        try printJSON(
          Report(
            slots: survey.slots.map(StorageReport.Slot.init), condition: survey.store?.condition.words ?? []))
      } else {
        for line in StorageMap(survey: survey, screen: .standardOutput).slots { try printLine(line) }
      }
    }
  }

  /// Frees a slot; its hash may come again.
  private func free(_ slot: UInt16) throws {
    var device = try StoreOptions.open(options.store)
    do throws(StoreError) {
      var store = try StateStore(mounting: &device)
      guard store.state(of: slot).phase != .empty else { throw .slotState(slot, .empty) }
      var batch = Batch<608>()
      try store.release(slot, into: &batch)
      try store.commit(batch, in: &device)
    } catch {
      throw Failure(offline: "slot \(slot)", .store(error))
    }
  }
}

struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show what became of the images of each app, the newest first.",
    discussion: """
      EXAMPLES
        hsx history --store node.store
        hsx history --store node.store thermostat
        hsx history --store node.store --audit --json
      """)

  @Argument(help: "The app's name; all if not told.")
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
    }

    var records: [Entry]
  }

  func run() throws {
    try reportingFailure(json: json) {
      if audit { try showAudit() } else { try showImages() }
    }
  }

  private func showImages() throws {
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

  private func showAudit() throws {
    var device = try StorageSurvey.openReading(options.store)
    let store: StateStore
    do throws(StoreError) {
      store = try StateStore(mounting: &device)
    } catch {
      throw Failure(options.store, .store(error))
    }
    var entries: [AuditReport.Entry] = []
    var cursor = AuditCursor()
    while let record = cursor.next(of: store.log, in: &device) {
      entries.append(
        AuditReport.Entry(
          number: record.sequence, boot: record.boot, seconds: record.seconds, code: record.code,
          peer: record.peer, subject: record.subject, detail: record.detail, count: record.count,
          dropped: record.dropped))
    }
    if json { return try printJSON(AuditReport(records: entries)) }
    for entry in entries {
      try printLine(
        "\(entry.number)  start \(entry.boot) + \(entry.seconds) s  event \(entry.code) of \(entry.peer): "
          + "\(entry.subject), \(entry.detail)" + (entry.count > 1 ? ", \(entry.count) times" : ""))
    }
    if entries.isEmpty { try printLine("The log is empty.") }
  }
}

extension StorageSurvey {
  /// The survey of a store that can be mounted.
  static func readMounted(_ path: String) throws -> StorageSurvey {
    let survey = try read(path)
    guard survey.store != nil else { throw Failure(path, .store(.noSoundPage)) }
    return survey
  }
}
