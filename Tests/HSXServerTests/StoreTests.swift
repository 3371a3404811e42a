import HSXAssembler
import HSXProtocol
import Testing

@testable import HSXServer

@Suite("Stored images over the protocol") struct StoreTests {
  @Test("without a store every command that needs one says so")
  func noStore() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let pid = try client.load("hello")
      for members in [
        #""cmd":"provision.slots""#, #""cmd":"provision.history""#,
        #""cmd":"provision.history","audit":true"#,
        #""cmd":"provision.persist","pid":\#(pid),"target":"flash""#, #""cmd":"provision.release","slot":0"#,
        #""cmd":"provision.activate","slot":0"#, #""cmd":"provision.activate","app":"hello""#,
        #""cmd":"provision.rollback","app":"hello""#,
      ] {
        try client.no(members, "no_store", "ENOTSUP")
      }
      try client.no(#""cmd":"provision.persist","pid":1,"target":"paper""#, "invalid_field:target")
    }
  }

  @Test("what is stored boots by itself, with its values, and can be looked at and taken away")
  func boots() async throws {
    let folder = try TemporaryFolder()
    let store = folder.path("node.store")
    try await Daemon.with(store: store) { daemon in
      let client = try daemon.client()
      let pid = try client.load("odometer")
      let image = try client.yes(#""cmd":"provision.persist","pid":"\#(pid)","target":"flash""#)["image"]
      #expect(
        image["revision"] == .integer(1) && image["pid"] == .integer(pid) && image["crc32"].integer != nil)
      let faults = Shape(
        """
        slots.0.slot:i slots.0.state:s slots.0.active:b slots.0.fallback:b slots.0.factory:b slots.0.app_name:s?
        slots.0.revision:i? slots.0.length:i? slots.0.crc32:i? slots.0.attempts:i slots.0.cause:s? slots.0.damaged:b
        slots.0.source:o?
        """
      ).faults(of: try client.ask(#""cmd":"provision.slots""#))
      #expect(faults.isEmpty)
    }
    try await Daemon.with(store: store) { daemon in
      let client = try daemon.client()
      let tasks = try client.yes(#""cmd":"ps""#)["tasks"]["tasks"].items
      #expect(tasks.count == 1 && tasks[0]["app_name"] == .string("odometer"))
      #expect(tasks[0]["source"]["kind"] == .string("store"))
      let history = try client.yes(#""cmd":"provision.history","app":"odometer""#)["images"].items
      #expect(
        history.count == 1 && history[0]["active"] == .bool(true)
          && history[0]["source"]["kind"] == .string("file"))
      #expect(try client.yes(#""cmd":"provision.history""#)["images"].items == history)
      let trail = try client.yes(#""cmd":"provision.history","audit":true"#)["records"].items
      #expect(trail.compactMap { $0["event"].text }.contains("stored"))
      #expect(trail.compactMap { $0["seq"].integer } == trail.compactMap { $0["seq"].integer }.sorted())
      let shape = Shape(
        "records.0.seq:i records.0.boot:i records.0.seconds:i records.0.event:s records.0.slot:i? "
          + "records.0.revision:i? records.0.cause:s? records.0.count:i")
      #expect(shape.faults(of: try client.ask(#""cmd":"provision.history","audit":true"#)).isEmpty)
      let log = try client.yes(#""cmd":"dmesg""#)["logs"].items.compactMap { $0["message"].text }
      #expect(log.contains { $0.hasPrefix("stored image started") })
      // An active image is not given up, an unknown one cannot be.
      #expect(try client.ask(#""cmd":"provision.release","slot":0"#)["code"] == .string("EBUSY"))
      #expect(try client.ask(#""cmd":"provision.release","slot":31"#)["code"] == .string("ESRCH"))
      #expect(try client.ask(#""cmd":"provision.history","app":"nobody""#)["code"] == .string("ESRCH"))
      #expect(try client.ask(#""cmd":"provision.rollback","app":"odometer""#)["status"] == .string("error"))
      _ = try client.yes(#""cmd":"kill""#)
      let again = try client.yes(#""cmd":"provision.activate","app":"odometer""#)["image"]
      #expect(again["app_name"] == .string("odometer") && again["source"]["kind"] == .string("store"))
    }
  }

  @Test(
    "an app goes back to the image before, named or alone in the store, but not past another session's lock")
  func rollsBack() async throws {
    let folder = try TemporaryFolder()
    try await Daemon.with(store: folder.path("node.store")) { daemon in
      let client = try daemon.client()
      try client.no(#""cmd":"provision.rollback""#, "missing_field:app")
      for number in [1, 2] {
        let source = ".text\n.entry main\nmain:\nLDI R0, \(number)\nRET\n"
        let image = try Assembler.assemble(source, options: AssemblyOptions(appName: "roller"))
        try folder.write(image, to: "\(number).hxe")
        let path = folder.path("\(number).hxe")
        let loaded = try client.yes(#""cmd":"load","path":"\#(path)","replace":true,"probation_ms":0"#)[
          "image"]
        _ = try client.yes(#""cmd":"provision.persist","pid":\#(loaded["pid"].integer ?? 0)"#)
      }
      let pid = try client.yes(#""cmd":"ps""#)["tasks"]["current_pid"].integer ?? 0
      let owner = try client.session(#""pid_lock":\#(pid)"#)
      for how in ["", #","app":"roller""#, #","pid":\#(pid)"#] {
        try client.no(#""cmd":"provision.rollback""# + how, "pid_locked:\(pid)", "EBUSY")
      }
      let back = try client.yes(#""cmd":"provision.rollback",\#(owner)"#)["image"]
      #expect(back["app_name"] == .string("roller") && back["source"]["revision"] == .integer(1))
      _ = try client.yes(#""cmd":"step","steps":10"#)
      let tasks = try client.yes(#""cmd":"ps""#)["tasks"]["tasks"].items
      #expect(tasks.map { $0["exit_status"] } == [.integer(1)])
      let rejected = try client.yes(#""cmd":"provision.slots""#)["slots"].items.filter {
        $0["cause"] != .null
      }
      #expect(rejected.map { $0["state"] } == [.string("REJECTED")])
    }
  }
}
