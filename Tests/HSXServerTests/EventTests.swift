import HSXExecutive
import HSXProtocol
import HSXProvisioning
import Testing

@testable import HSXServer

@Suite("Events over the protocol") struct EventTests {
  private func subscribe(_ client: LineClient, _ more: String = "", events: Int = 256) throws -> String {
    let session = try client.session(#""capabilities":{"max_events":\#(events)}"#)
    _ = try client.yes(#""cmd":"events.subscribe",\#(session)"# + (more.isEmpty ? "" : "," + more))
    return session
  }

  @Test("events come in their order, without gaps, and requests are answered between them")
  func order() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try subscribe(client)
      _ = try client.load("hello")
      _ = try client.yes(#""cmd":"step","steps":100"#)
      _ = try client.yes(#""cmd":"kill""#)
      let events = try client.events(upTo: "task_state") + client.events(upTo: "stdout")
      let numbers = events.compactMap { $0["seq"].integer }
      #expect(numbers == Array(numbers[0]..<numbers[0] + Int64(numbers.count)))
      #expect(events.allSatisfy { $0["status"] == .null && $0["ts"].number != nil && $0["data"] != .null })
      #expect(events.contains { $0["type"] == .string("provisioning.complete") && $0["pid"] == .integer(1) })
      #expect(events.last?["data"]["text"].text?.isEmpty == false)
    }
  }

  @Test("a filter lets through its tasks and its families only")
  func filters() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try subscribe(client, #""filters":{"pid":"2","categories":["value","provisioning.complete"]}"#)
      _ = try client.load("forever")
      _ = try client.load("thermostat")
      _ = try client.yes(#""cmd":"pause","pid":2"#)
      _ = try client.yes(#""cmd":"val.set","oid":257,"value":30"#)
      let events = try client.events(upTo: "value_changed")
      #expect(events.allSatisfy { $0["pid"] == .integer(2) })
      #expect(
        events.compactMap { $0["type"].text }
          == [String](repeating: "value_registered", count: 3) + ["provisioning.complete", "value_changed"])
      #expect(
        events.last?["data"]["new_value"].number == 30 && events.last?["data"]["old_value"].number == 21.5)
    }
  }

  @Test("a new subscription ends the one before it and closes the connection that carried that")
  func replacement() async throws {
    try await Daemon.with { daemon in
      let (old, new) = (try daemon.client(), try daemon.client())
      let session = try subscribe(old)
      _ = try new.yes(#""cmd":"events.subscribe",\#(session)"#)
      #expect(try old.isClosed())
      _ = try new.yes(#""cmd":"events.subscribe",\#(session)"#)
      _ = try new.load("hello")
      _ = try new.events(upTo: "task_state")
      #expect(try new.yes(#""cmd":"events.unsubscribe",\#(session)"#)["unsubscribed"] == .bool(true))
      #expect(try new.yes(#""cmd":"events.unsubscribe",\#(session)"#)["unsubscribed"] == .bool(false))
      _ = try new.yes(#""cmd":"ping""#)
      #expect(await daemon.look { $0.executive.events.subscriptionCount } == 0)
    }
  }

  @Test("with acknowledgements no more than the window comes before one")
  func acknowledgements() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let session = try subscribe(client, #""ack":true,"filters":{"categories":["task_state"]}"#, events: 2)
      _ = try client.load("forever")
      for _ in 0..<3 {
        _ = try client.yes(#""cmd":"pause""#)
        _ = try client.yes(#""cmd":"resume""#)
      }
      _ = try client.yes(#""cmd":"ping""#)
      #expect(client.events.count == 2)
      let last = try #require(client.events.last?["seq"].integer)
      let answer = try client.yes(#""cmd":"events.ack","seq":\#(last),\#(session)"#)["events"]
      #expect(answer["last_ack"] == .integer(last))
      for _ in 0..<4 { _ = try client.event() }
      try client.no(#""cmd":"events.ack","seq":1"#, "session_required")
    }
  }

  @Test("events from before are given as far as they are kept, and what is gone is said")
  func history() async throws {
    var configuration = ServerConfiguration()
    configuration.policy.budget.events = 128
    try await Daemon.with(configuration) { daemon in
      let client = try daemon.client()
      _ = try client.load("thermostat")
      let session = try client.session()
      _ = try client.yes(#""cmd":"events.subscribe","filters":{"since_seq":1},\#(session)"#)
      #expect(try client.event()["seq"] == .integer(1))
      for number in 0..<200 {
        try client.send(#"{"cmd":"val.set","oid":257,"value":\#(10 + number % 2 * 5)}"#)
        if number % 100 == 99 { for _ in 0..<100 { _ = try client.reply() } }
      }
      let other = try daemon.client()
      let reply = try other.ask(
        #""cmd":"events.subscribe","filters":{"since_seq":1},\#(try other.session())"#)
      #expect(reply["reason"] == .string("seq_evicted") && reply["code"] == .string("ESRCH"))
    }
  }

  @Test("a subscriber that does not read is told, then dropped; nobody else notices")
  func slowSubscriber() async throws {
    try await Daemon.with { daemon in
      let (slow, worker, quick) = (try daemon.client(), try daemon.client(), try daemon.client())
      let session = try slow.session(#""capabilities":{"max_events":16}"#)
      _ = try slow.yes(#""cmd":"events.subscribe","ack":true,\#(session)"#)
      let other = try quick.session()
      _ = try quick.yes(#""cmd":"events.subscribe",\#(other)"#)
      _ = try worker.load("thermostat")
      var count = 0
      for number in 0..<400 {
        let value = 10 + number % 2 * 5
        #expect(
          try worker.yes(#""cmd":"val.set","oid":257,"value":\#(value)"#)["value"]["status"] == .integer(0))
        while try quick.event()["type"] != .string("value_changed") {}
        count += 1
      }
      #expect(count == 400)
      #expect(try slow.isClosed())
      let notices = slow.events.filter { $0["data"]["reason"].text?.hasPrefix("slow_consumer") == true }
      #expect(
        notices.map { $0["data"]["reason"] } == [.string("slow_consumer"), .string("slow_consumer_drop")])
      #expect(notices.allSatisfy { ($0["data"]["pending"].integer ?? 0) >= 64 })
      #expect(slow.events.filter { $0["type"] == .string("value_changed") }.count <= 16)
      #expect(await daemon.look { $0.executive.events.subscriptionCount } == 1)
    }
  }
}
