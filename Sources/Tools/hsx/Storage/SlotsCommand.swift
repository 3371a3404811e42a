import ArgumentParser
import HSXExecutive
import HSXLinux
import HSXPersistence
import HSXProvisioning
import HSXProtocol
import HSXTranslation
import HXE

struct SlotsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slots", abstract: "Show the stored images: whose each is, and what becomes of it.",
    discussion: """
      EXAMPLES
        hsx slots
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

  func run() async throws {
    try await reportingFailure(json: json) {
      guard let options = options.offline else { return try await showDaemons() }
      if let clear { try free(clear, in: options) }
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

  private func showDaemons() async throws {
    let answer = try await options.client.withDaemon { daemon in
      if let clear {
        var request = StoreRequest()
        guard let slot = UInt8(exactly: clear) else { throw Failure("slot \(clear)", .unknownSlot(.max)) }
        request.slot = slot
        _ = try await daemon.ask(.provisionRelease(request), as: JSONTree.self, about: "slot \(clear)")
      }
      return try await daemon.ask(.provisionSlots, as: SlotsAnswer.self, about: "slots")
    }
    if json { return try printJSON(answer) }
    var table = Table(
      .init("SLOT", isRight: true), .init("APP"), .init("REV", isRight: true), .init("STATE"),
      .init("BYTES", isRight: true), .init("CRC32"), .init("SOURCE"))
    var rest = answer.slots[...]
    while let slot = rest.first {
      // Empty ones in a row are one line, as many as they are.
      let isEmpty = slot.state == "EMPTY" && !slot.damaged
      let run = isEmpty ? rest.prefix { $0.state == "EMPTY" && !$0.damaged } : rest.prefix(1)
      rest = rest.dropFirst(run.count)
      let number = run.count > 1 ? "\(slot.slot)–\(run.last?.slot ?? slot.slot)" : "\(slot.slot)"
      table.append(
        number, slot.appName ?? "", slot.revision.map(String.init) ?? "", slot.stateWords,
        slot.length.map { grouped(Int($0)) } ?? "", slot.crc32.map { hexadecimal($0, 8) } ?? "",
        isEmpty || slot.source == .null ? "" : slot.source.sourceText)
    }
    if table.rows.isEmpty { return printError("The store has no slots.") }
    try table.show()
  }

  /// Frees a slot; its hash may come again.
  private func free(_ slot: UInt16, in options: OfflineStore) throws {
    var device = try OfflineStore.open(options.store)
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

extension SlotRecord {
  /// Its state in words.
  var stateWords: String {
    var words = [state.lowercased()]
    if let cause { words = ["rejected: \(cause)"] }
    if active { words.insert("active", at: 0) }
    if fallback { words.append("fallback") }
    if factory { words.append("factory") }
    if attempts > 0 { words.append(counted(Int(attempts), "failed start")) }
    if damaged { words.append("damaged") }
    return words.joined(separator: ", ")
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
