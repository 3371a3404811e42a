import Foundation
import Testing

@Suite("hsx on a daemon's store", .enabled(if: try RunningDaemon.takes("--store")), .timeLimit(.minutes(2)))
struct DaemonStoreTests {
  private let folder: TemporaryFolder
  private let store: String

  init() throws {
    folder = try TemporaryFolder()
    store = folder.path("node.store")
    #expect(try Tool.run(["storage", "format", "--size", "4M", store]).status == 0)
  }

  @Test(
    "an image that is loaded to be stored is told with its place, and starts with the daemon's next start")
  func stored() throws {
    do {
      let daemon = try RunningDaemon("--store", store)
      let loaded = try daemon.hsx("load", Tool.image("odometer"), "--persist", "flash")
      #expect(loaded.text.hasSuffix(", stored in slot 0, revision 1\n"), "\(loaded.errors)")
      #expect(daemon.stop() == 0)
    }
    let daemon = try RunningDaemon("--store", store)
    #expect(try daemon.hsx("ps").text.contains("slot 0, revision 1"))
  }

  @Test("a task is stored by its name, shown among the slots, and not written twice")
  func persisting() throws {
    let daemon = try RunningDaemon("--store", store)
    _ = try daemon.hsx("load", Tool.image("thermostat"))
    #expect(try daemon.hsx("persist", "thermostat").text == "thermostat: slot 0, revision 1\n")
    #expect(try daemon.hsx("persist", "1").text == "1: slot 0, revision 1\n")
    let lines = try daemon.hsx("slots").text.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[1].contains("thermostat") && lines[1].contains("active, confirmed"))
    #expect(lines[2].hasPrefix("1–31") && lines[2].hasSuffix("empty"))
    #expect(try daemon.hsx("activate", "thermostat").text.hasSuffix("active (as it was)\n"))
    #expect(try daemon.hsx("history", "thermostat").text.contains("active, confirmed"))
    let audit = try daemon.hsx("history", "--audit", "--json").object()
    #expect(
      (audit["records"] as? [[String: Any]])?.map { $0["event"] as? String } == ["stored", "activated"])
  }

  @Test("what the store cannot do is refused as such")
  func refused() throws {
    let daemon = try RunningDaemon("--store", store)
    _ = try daemon.hsx("load", Tool.image("thermostat"), "--persist", "flash")
    #expect(try daemon.hsx("rollback", "thermostat").errors.contains("[ESRCH no_fallback]"))
    #expect(try daemon.hsx("rollback", "nobody").errors.contains("[ESRCH unknown_app]"))
    #expect(try daemon.hsx("activate", "--slot", "9").errors.contains("[ESRCH unknown_slot]"))
    #expect(try daemon.hsx("slots", "--clear", "0").errors.contains("[EBUSY wrong_state]"))
    #expect(try daemon.hsx("slots", "--clear", "999").errors.contains("[ESRCH unknown_slot]"))
    #expect(try daemon.hsx("slots", "--store", store).errors.contains("[EBUSY storage_in_use]"))
  }

  @Test("a stream that is to be stored and was cut short goes on after the daemon's restart")
  func resumed() throws {
    do {
      let daemon = try RunningDaemon("--store", store)
      let events = try daemon.start(
        "events", "--follow", "--since", "1", "--category", "provisioning", "--json")
      let stream = try daemon.start(
        "load", Tool.image("large"), "--stream", "--chunk", "4", "--persist", "flash", "--patience", "1")
      while true {
        let line = try #require(try events.line(containing: "provisioning.progress"))
        let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        if let data = event?["data"] as? [String: Any], (data["bytes_written"] as? Int ?? 0) >= 8192 { break }
      }
      stream.kill()
      #expect(try events.line(containing: "provisioning.aborted") != nil)
      events.kill()
    }
    let daemon = try RunningDaemon("--store", store)
    let again = try daemon.hsx("load", Tool.image("large"), "--stream", "--persist", "flash")
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.errors.contains(": went on at byte "))
    #expect(again.text.contains("stored in slot "))
  }
}
