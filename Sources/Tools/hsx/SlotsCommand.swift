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

extension StorageSurvey {
  /// The survey of a store that can be mounted.
  static func readMounted(_ path: String) throws -> StorageSurvey {
    let survey = try read(path)
    guard survey.store != nil else { throw Failure(path, .store(.noSoundPage)) }
    return survey
  }
}
