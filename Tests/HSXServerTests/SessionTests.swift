import HSXExecutive
import HSXProtocol
import HSXProvisioning
import Testing

@testable import HSXServer

@Suite("Sessions") struct SessionTests {
  @Test("what is asked for is given within bounds, and what is not given is said")
  func bounds() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let members =
        #""cmd":"session.open","client":"c","heartbeat_s":1,"capabilities":{"features":["events","teleport"],"max_events":9999}"#
      let session = try client.yes(members)["session"]
      #expect(session["heartbeat_s"] == .integer(5))
      #expect(session["max_events"] == .integer(2048))
      #expect(session["features"] == .array([.string("events")]))
      let warnings = session["warnings"].items.compactMap(\.text)
      #expect(warnings.contains("unsupported_feature:teleport") && warnings.count == 3)
      let usual = try client.yes(#""cmd":"session.open""#)["session"]
      #expect(usual["heartbeat_s"] == .integer(30) && usual["max_events"] == .integer(256))
      #expect(usual["warnings"] == .array([]))
      let long = try client.yes(#""cmd":"session.open","heartbeat_s":"301""#)["session"]
      #expect(long["heartbeat_s"] == .integer(300))
    }
  }

  @Test("a session outlives its connection, and ends by silence; then it can only look")
  func lapse() async throws {
    let time = Daemon.FakeTime()
    try await Daemon.with(time: time) { daemon in
      var client = try daemon.client()
      let session = try client.session(#""heartbeat_s":10"#)
      client = try daemon.client()
      _ = try client.yes(#""cmd":"session.current",\#(session)"#)
      await daemon.pass(seconds: 9)
      _ = try client.yes(#""cmd":"ping",\#(session)"#)
      await daemon.pass(seconds: 10)
      _ = try client.yes(#""cmd":"session.keepalive",\#(session)"#)
      await daemon.pass(seconds: 10.6)
      try client.no(#""cmd":"session.keepalive",\#(session)"#, "session_required", "EPERM")
      try client.no(#""cmd":"clock","op":"start",\#(session)"#, "session_required", "EPERM")
      _ = try client.yes(#""cmd":"clock",\#(session)"#)
      _ = try client.yes(#""cmd":"ps",\#(session)"#)
      #expect(try client.yes(#""cmd":"session.list""#)["sessions"] == .array([]))
    }
  }

  @Test("a lapsed session's subscriber is cut off, a client that closes its own session is not")
  func endOfSubscriptions() async throws {
    let time = Daemon.FakeTime()
    try await Daemon.with(time: time) { daemon in
      let silent = try daemon.client()
      _ = try silent.yes(#""cmd":"events.subscribe",\#(try silent.session(#""heartbeat_s":5"#))"#)
      let closing = try daemon.client()
      let session = try closing.session(#""heartbeat_s":300"#)
      _ = try closing.yes(#""cmd":"events.subscribe",\#(session)"#)
      _ = try closing.yes(#""cmd":"session.close",\#(session)"#)
      await daemon.pass(seconds: 6)
      #expect(try silent.isClosed())
      _ = try closing.yes(#""cmd":"ping""#)
      #expect(await daemon.look { $0.executive.events.subscriptionCount } == 0)
    }
  }

  @Test("a locked task is changed by its session alone, by whatever command")
  func locks() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("thermostat")
      let owner = try client.session(#""pid_lock":"1""#)
      let other = try client.session()
      for members in [
        #""cmd":"pause","pid":1"#, #""cmd":"pause""#, #""cmd":"resume","pid":1"#, #""cmd":"kill","pid":1"#,
        #""cmd":"reload","pid":1"#, #""cmd":"step","pid":1"#, #""cmd":"clock","op":"step","pid":1"#,
        #""cmd":"sched","pid":1,"priority":2"#, #""cmd":"vm_reg_set","reg":0,"value":0"#,
        #""cmd":"poke","pid":1,"addr":0,"data":"00""#, #""cmd":"val.set","oid":257,"value":20"#,
        #""cmd":"val.set","name":"setpoint","value":20"#, #""cmd":"cmd.call","oid":273"#,
        #""cmd":"mailbox_open","pid":1,"target":"app:x""#, #""cmd":"send","pid":1,"data":"x""#,
        #""cmd":"listen","pid":1"#, #""cmd":"stdio_fanout","pid":1,"mode":"drop""#,
        #""cmd":"provision.persist","pid":1"#, #""cmd":"provision.activate","app":"thermostat""#,
        #""cmd":"provision.rollback""#,
      ] {
        try client.no(members, "pid_locked:1", "EBUSY")
        try client.no(members + "," + other, "pid_locked:1", "EBUSY")
      }
      try client.no(#""cmd":"session.open","pid_lock":[1]"#, "pid_locked:1", "EBUSY")
      for members in [#""cmd":"ps""#, #""cmd":"dumpregs","pid":1"#, #""cmd":"val.get","oid":257"#] {
        _ = try client.yes(members + "," + other)
      }
      _ = try client.yes(#""cmd":"pause","pid":1,\#(owner)"#)
      _ = try client.yes(#""cmd":"session.close",\#(owner)"#)
      _ = try client.yes(#""cmd":"resume","pid":1,\#(other)"#)
    }
  }

  @Test("an id is shown to those alone who may act for it")
  func identifiers() async throws {
    try await Daemon.with(RoleTests.configuration) { daemon in
      let client = try daemon.client()
      let admin = try client.session(#""token":"admin-token""#)
      let observer = try client.session(#""token":"observer-token""#)
      let shown = try client.yes(#""cmd":"session.list",\#(observer)"#)["sessions"].items.compactMap {
        $0["id"].text
      }
      #expect(shown.filter { admin.contains($0) }.isEmpty)
      #expect(shown.filter { observer.contains($0) }.count == 1)
      let all = try client.yes(#""cmd":"session.list",\#(admin)"#)["sessions"].items.compactMap {
        $0["id"].text
      }
      #expect(all.count == 2 && all.allSatisfy { admin.contains($0) || observer.contains($0) })
      // Nor does the log tell it.
      let log = try client.yes(#""cmd":"dmesg",\#(observer)"#)["logs"].items.compactMap { $0["message"].text }
      #expect(log.allSatisfy { !$0.contains(all[0]) && !$0.contains(all[1]) })
    }
  }

  @Test("dmesg is cut to a number, a level and a session")
  func log() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let session = try client.session()
      let id = session.dropFirst(11).dropLast()
      _ = try client.session()
      _ = try client.yes(#""cmd":"start_auto""#)
      let all = try client.yes(#""cmd":"dmesg""#)["logs"].items
      #expect(try client.yes(#""cmd":"dmesg","limit":1"#)["logs"].items == [try #require(all.last)])
      #expect(try client.yes(#""cmd":"dmesg","limit":0"#)["logs"] == .array([]))
      #expect(try client.yes(#""cmd":"dmesg","min_level":"error""#)["logs"] == .array([]))
      let own = try client.yes(#""cmd":"dmesg","filter_session":"\#(id)""#)["logs"].items
      #expect(own.count == 1 && own[0]["message"].text?.hasPrefix("session opened") == true)
      try client.no(#""cmd":"dmesg","min_level":"loud""#, "invalid_field:min_level")
    }
  }
}
