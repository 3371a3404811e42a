import HSXClient
import HSXProtocol
import HSXTranslation

// What changes the daemon's store.
extension ClientOptions {
  /// Makes a stored image active: of an app the newest that waits, or the one in a slot. One that is active stays so.
  func activate(app: String?, slot: UInt8?, json: Bool) async throws {
    let what = app ?? "slot \(slot ?? 0)"
    let slots = try await withDaemon { daemon in
      try await daemon.ask(.provisionSlots, as: SlotsAnswer.self, about: what).slots
    }
    let images = slots.filter { image in slot.map { $0 == image.slot } ?? (image.appName == app) }
    let waiting = images.filter { $0.state == "VERIFIED" }.max { ($0.revision ?? 0) < ($1.revision ?? 0) }
    if waiting == nil, let active = images.first(where: { $0.active }) {
      let image = StoredRecord(
        slot: active.slot, revision: active.revision ?? 0, crc32: active.crc32 ?? 0)
      return try show(image, of: what, json: json, note: " (as it was)")
    }
    var request = StoreRequest()
    request.app = app
    request.slot = slot
    try await change(.provisionActivate(request), about: what, json: json)
  }

  /// Changes which image of an app is active.
  func change(_ command: ProtocolCommand, about what: String, json: Bool) async throws {
    let answer = try await withDaemon { try await $0.ask(command, as: PersistAnswer.self, about: what) }
    try show(answer.image, of: what, json: json)
  }

  private func show(_ image: StoredRecord, of what: String, json: Bool, note: String = "") throws {
    if json { return try printJSON(PersistAnswer(image: image)) }
    let task = image.pid.map { ", runs as pid \($0)" } ?? ""
    try printLine("\(printable(what)): slot \(image.slot), revision \(image.revision), active\(task)\(note)")
  }

  /// Where an app's active image is stored, in words.
  func storedPlace(of app: String) async throws -> String {
    let slots = try await withDaemon { daemon in
      try await daemon.ask(.provisionSlots, as: SlotsAnswer.self, about: app).slots
    }
    guard let active = slots.first(where: { $0.active && $0.appName == app }) else { return "not stored" }
    return "stored in slot \(active.slot), revision \(active.revision ?? 0)"
  }
}
