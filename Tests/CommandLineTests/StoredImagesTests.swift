import Foundation
import Testing

@Suite("hsx persist, slots, activate, rollback, history")
struct StoredImagesTests {
  private let folder: TemporaryFolder
  private let store: String

  init() throws {
    folder = try TemporaryFolder()
    store = folder.path("node.store")
  }

  private func hsx(_ arguments: String...) throws -> Tool.Result {
    try Tool.run(arguments + ["--store", store])
  }

  /// A slot as a command tells it when it has ended well.
  private func slot(_ arguments: String...) throws -> [String: Any] {
    let result = try Tool.run(arguments + ["--json", "--store", store])
    #expect(result.status == 0, "\(result.errors)")
    return try #require(try result.object()["slot"] as? [String: Any])
  }

  private func slots() throws -> [[String: Any]] {
    try #require(try hsx("slots", "--json").object()["slots"] as? [[String: Any]])
  }

  /// An image of the odometer's name that stores under the same key, within 0 to `most`.
  private func successor(most: Int) throws -> String {
    let source = folder.path("next\(most).mvasm")
    let image = folder.path("next\(most).hxe")
    let text = """
      .value {"group":2,"id":1,"name":"trips","flags":"PERSIST","init":7.0,"min":0.0,"max":\(most).0,"persist_key":8193}
      .text
      .entry main
      main:
          LDI R0, 0
          RET
      """
    try Data(text.utf8).write(to: URL(filePath: source))
    let result = try Tool.run(["image", "build", source, "-o", image, "--app-name", "odometer"])
    #expect(result.status == 0, "\(result.errors)")
    return image
  }

  /// What is stored in the generation of the slot that is active.
  private func trips() throws -> Double? {
    let active = try #require(
      try slots().first { $0["active"] as? Bool == true && $0["app_name"] as? String == "odometer" })
    let report = try Tool.run(["storage", "dump", "--json", store]).object()
    let values = try #require(report["values"] as? [[String: Any]])
    return values.first { $0["generation"] as? Int == active["generation"] as? Int }?["value"] as? Double
  }

  @Test("an image is stored as its app's active one, byte for byte, and not written again")
  func persists() throws {
    let stored = try slot("persist", Tool.image("thermostat"))
    #expect(stored["app_name"] as? String == "thermostat")
    #expect(stored["state"] as? String == "trial")
    #expect(stored["active"] as? Bool == true)
    #expect(stored["attempts"] as? Int == 3)
    #expect(stored["source"] as? String == "file")
    let image = try Data(contentsOf: URL(filePath: Tool.image("thermostat")))
    let content = try Data(contentsOf: URL(filePath: store))
    #expect(content.range(of: image) != nil)
    #expect(stored["length"] as? Int == image.count)
    let again = try hsx("persist", "--json", Tool.image("thermostat")).object()
    #expect(again["changed"] as? Bool == false)
    #expect(try Data(contentsOf: URL(filePath: store)) == content)
    #expect(try Tool.run(["storage", "check", store]).status == 0)
  }

  @Test("a new image takes the values that it admits, and a rollback brings image and values back")
  func replacesAndRollsBack() throws {
    #expect(try slot("persist", "--confirm", Tool.image("odometer"))["state"] as? String == "confirmed")
    #expect(try hsx("run", Tool.image("odometer")).status == 0)
    #expect(try trips() == 100)
    let next = try slot("persist", try successor(most: 2000))
    #expect(next["revision"] as? Int == 2)
    #expect(try trips() == 100)
    #expect(try slots().contains { $0["fallback"] as? Bool == true && $0["revision"] as? Int == 1 })
    let back = try slot("rollback", "odometer")
    #expect(back["revision"] as? Int == 1)
    #expect(try trips() == 100)
    #expect(try slots().contains { $0["cause"] as? String == "request" && $0["revision"] as? Int == 2 })
    let narrow = try slot("persist", try successor(most: 50))
    #expect(narrow["revision"] as? Int == 3)
    #expect(try trips() == 7)
    _ = try slot("rollback")
    #expect(try trips() == 100)
    #expect(try Tool.run(["storage", "check", store]).status == 0)
  }

  @Test("a rejected image is not taken again until its slot is cleared")
  func rejected() throws {
    let next = try successor(most: 2000)
    _ = try slot("persist", "--confirm", Tool.image("odometer"))
    let number = try #require(try slot("persist", next)["slot"] as? Int)
    _ = try slot("rollback")
    let refused = try hsx("persist", "--json", next)
    #expect(refused.status == 1)
    #expect(try refused.object()["reason"] as? String == "hash_rejected")
    #expect(refused.errors.contains("--clear \(number)"))
    #expect(try hsx("slots", "--clear", "\(number)").status == 0)
    #expect(try slot("persist", next)["state"] as? String == "trial")
  }

  @Test("an image on trial is not replaced, but can be taken for proved")
  func trial() throws {
    _ = try slot("persist", Tool.image("odometer"))
    let next = try successor(most: 2000)
    let refused = try hsx("persist", next)
    #expect(refused.status == 1)
    #expect(refused.errors.contains("--confirm"))
    #expect(try slots().count { $0["state"] as? String != "empty" } == 1)
    #expect(try slot("activate", "--confirm", "odometer")["state"] as? String == "confirmed")
    #expect(try slot("persist", next)["revision"] as? Int == 2)
  }

  @Test(
    "what is not there is refused with its reason",
    arguments: [
      (["rollback"], "unknown_app"), (["rollback", "odometer"], "no_fallback"),
      (["rollback", "nobody"], "unknown_app"), (["activate", "nobody"], "unknown_app"),
      (["activate", "--slot", "9"], "unknown_slot"), (["history", "nobody"], "unknown_app"),
      (["slots", "--clear", "9"], "wrong_state"), (["slots", "--clear", "99"], "wrong_state"),
    ])
  func refusals(arguments: [String], reason: String) throws {
    _ = try Tool.run(["storage", "format", store])
    if arguments != ["rollback"] { _ = try slot("persist", Tool.image("odometer")) }
    let result = try Tool.run(arguments + ["--json", "--store", store])
    #expect(result.status == 1)
    #expect(try result.object()["reason"] as? String == reason)
    #expect(result.errors.split(separator: "\n").count == 2)
  }

  @Test("only persist makes a store that is missing")
  func missing() throws {
    for command in ["slots", "rollback", "history"] { #expect(try hsx(command).status == 1) }
    #expect(try hsx("activate", "odometer").status == 1)
    #expect(!FileManager.default.fileExists(atPath: store))
    #expect(try hsx("persist", Tool.image("fault")).status == 0)
    #expect(try hsx("activate").status == 2)
    #expect(try hsx("history").text.contains("fault revision 1"))
  }

  @Test("what is no image is refused and leaves no slot taken")
  func noImage() throws {
    let bad = folder.path("bad.hxe")
    var bytes = try Data(contentsOf: URL(filePath: Tool.image("odometer")))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: URL(filePath: bad))
    _ = try Tool.run(["storage", "format", store])
    #expect(try hsx("persist", bad).status == 1)
    #expect(try slots().allSatisfy { $0["state"] as? String == "empty" })
  }

  @Test("the audit log tells what happened to images, the newest first")
  func audits() throws {
    let next = try successor(most: 2000)
    _ = try slot("persist", "--confirm", Tool.image("odometer"))
    _ = try slot("persist", next)
    _ = try slot("rollback")
    _ = try hsx("persist", next)
    let report = try hsx("history", "--audit", "--json").object()
    let records = try #require(report["records"] as? [[String: Any]])
    #expect(
      records.compactMap { $0["event"] as? String } == [
        "refused", "rejected", "activated", "stored", "confirmed", "activated", "stored",
      ])
    #expect(records.compactMap { $0["revision"] as? Int } == [2, 2, 2, 2, 1, 1, 1])
    #expect(records.compactMap { $0["number"] as? Int } == Array((1...7).reversed()))
    #expect(records[1]["cause"] as? String == "request")
    #expect(try hsx("history", "--audit").text.contains("rejected: request, slot 1, revision 2"))
    let images = try #require(try hsx("history", "--json").object()["images"] as? [[String: Any]])
    #expect(images.compactMap { $0["revision"] as? Int } == [2, 1])
  }
}
