import ArgumentParser
import HSXHAL
import HSXPersistence
import HSXProvisioning
import HSXTranslation

struct StorageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "storage", abstract: "Make, check and look at a storage file or device, offline.",
    discussion: """
      None of these changes what it looks at, but format. A store that another process writes to is not looked at.

      EXAMPLES
        hsx storage format node.store
        hsx storage check node.store
        hsx storage dump --json node.store
        hsx storage wear --per-day 5000 --rated 100000 node.store
      """,
    subcommands: [
      StorageFormatCommand.self, StorageCheckCommand.self, StorageWearCommand.self, StorageDumpCommand.self,
    ])
}

struct StorageDumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump", abstract: "Show all that a store holds, and where.",
    discussion: "EXAMPLES\n  hsx storage dump node.store\n  hsx storage dump --json node.store")

  @Argument(help: "The storage file or device.")
  var file: String

  @Flag(help: "One JSON object.")
  var json = false

  func run() throws {
    try reportingFailure(json: json) {
      let survey = try StorageSurvey.read(file)
      if json { try printJSON(StorageReport(survey)) } else { try show(survey) }
      guard survey.store == nil else { return }
      var failure = Failure(file, .store(.noSoundPage))
      failure.isReported = true
      throw failure
    }
  }

  private func show(_ survey: StorageSurvey) throws {
    let map = StorageMap(survey: survey, screen: .standardOutput)
    try printLine(survey.headline)
    for line in map.pages { try printLine(line) }
    for line in map.slots { try printLine(line) }
    try printLine("values")
    for record in survey.values {
      let key = String(record.argument, radix: 16)
      try printLine(
        "  0x\(key)  \(Float16(bitPattern: record.value))  generation \(record.kind == .value0 ? 0 : 1)")
    }
    if survey.values.isEmpty { try printLine("  none") }
    for floor in survey.floors { try printLine("floor \(floor.number)  \(floor.counter)") }
    if let trust = survey.trust { try printLine("trust  version \(trust.version), \(trust.length) bytes") }
    try printLine("log  \(counted(survey.logged.count, "record"))")
    for finding in survey.findings { try printLine(finding.line) }
  }
}

struct StorageWearCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wear", abstract: "Show how often each page was erased, and how long the memory will last.",
    discussion: """
      EXAMPLES
        hsx storage wear node.store
        hsx storage wear --per-day 5000 --rated 100000 /dev/mtd0
      """)

  @Argument(help: "The storage file or device.")
  var file: String

  @Option(help: "Changes a day that the years left are worked out for.")
  var perDay: Double?

  @Option(help: "Cycles that the memory is rated for, if it does not tell.")
  var rated: UInt32?

  @Flag(help: "One JSON object.")
  var json = false

  func validate() throws {
    if let perDay, !(perDay > 0 && perDay <= 1e12) {
      throw ValidationError("--per-day must be more than 0, and not more than a million million.")
    }
  }

  func run() throws {
    try reportingFailure(json: json) {
      let survey = try StorageSurvey.read(file)
      let wear = StorageWear(survey, ratedCycles: rated, perDay: perDay)
      if json { return try printJSON(wear) }
      try printLine(survey.headline)
      for line in wear.lines(on: .standardOutput) { try printLine(line) }
    }
  }
}

extension StorageSurvey {
  /// What it is, in a line.
  var headline: String {
    let ring = layout.ring
    let unit = geometry.eraseUnit == 0 ? "no erase units" : "erase units of \(grouped(geometry.eraseUnit))"
    return "\(path): \(grouped(geometry.size)) bytes, \(unit); \(ring.pageCount) pages of "
      + "\(grouped(ring.pageSize)), \(layout.slotCount) slots of \(grouped(layout.slotSize))"
  }
}

extension StorageFinding {
  /// It as a line.
  var line: String {
    let place = offset.map { " at 0x\(String($0, radix: 16))" } ?? ""
    return "\(severity.rawValue)\(place): \(detail)"
  }
}
