import Foundation
import HSXProtocol
import Testing

@testable import HSXServer

/// Requests as clients there are send them, and what these read of the answers: a member that is missing, null or of
/// another type ends them.
@Suite("Clients there are") struct ClientCompatibilityTests {
  // MARK: Streams

  @Test("a shell can show the streams of all tasks, of those to come, and of one")
  func streamsAreLists() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("hello")
      _ = try client.load("solo")
      let all = try client.yes(#""cmd":"stdio_fanout""#)["config"]
      #expect(all["scope"] == .string("all"))
      #expect(!all.names.contains("pid"))
      #expect(all["streams"] == .array([]))
      #expect(all["applied"] == .array([]))
      #expect(all["tasks"].items.map { $0["pid"].integer } == [1, 2])
      for streams in [all["default"]] + all["tasks"].items.map({ $0["streams"] }) {
        #expect(streams.items.map { $0["stream"].text } == ["in", "out", "err"])
        #expect(streams.items.map { $0["mode"].text } == ["off", "off", "off"])
        #expect(streams.items.map { $0["mode_mask"].integer } == [3, 3, 3])
      }
      for word in ["default", "global", "template"] {
        let usual = try client.yes(#""cmd":"stdio_fanout","pid":"\#(word)""#)["config"]
        #expect(usual["scope"] == .string("default"))
        #expect(usual["streams"] == all["default"])
        #expect(usual["tasks"] == .array([]))
      }
      let one = try client.yes(#""cmd":"stdio_fanout","pid":"2","stream":"stderr""#)["config"]
      #expect(one["scope"] == .string("pid"))
      #expect(one["pid"] == .integer(2))
      #expect(one["streams"].items.map { $0["stream"].text } == ["err"])
    }
  }

  @Test("a mode without a pid is set for all tasks and for those to come, with default for those only")
  func streamsAreSet() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("hello")
      func modes(_ pid: Int) throws -> [String?] {
        let streams = try client.yes(#""cmd":"stdio_fanout","pid":\#(pid)"#)["config"]["streams"]
        return streams.items.map { $0["mode"].text }
      }
      let set = try client.yes(#""cmd":"stdio_fanout","stream":"out","mode":"fanout""#)["config"]
      #expect(set["mode"] == .string("drop"))
      #expect(set["mode_mask"] == set["default"][0]["mode_mask"])
      #expect(set["applied"].items.map { $0["stream"].text } == ["out", "out"])
      #expect(set["applied"].items.map { $0["mbx_status"].integer } == [0, 0])
      #expect(set["applied"][0]["target"] == .string("svc:stdio.out@1"))
      #expect(!set["applied"][1].names.contains("target"))
      #expect(try modes(1) == ["off", "drop", "off"])
      _ = try client.load("solo")
      #expect(try modes(2) == ["off", "drop", "off"])

      let usual = #""cmd":"stdio_fanout","pid":"default","stream":"both","mode":"fanout_block""#
      #expect(try client.yes(usual)["config"]["applied"].items.count == 2)
      #expect(try modes(1) == ["off", "drop", "off"])
      _ = try client.load("gcd")
      #expect(try modes(3) == ["off", "block", "block"])

      _ = try client.yes(#""cmd":"stdio_fanout","pid":3,"stream":"any","mode":"none""#)
      #expect(try modes(3) == ["off", "off", "off"])
      try client.no(#""cmd":"stdio_fanout","pid":3,"stream":"out","mode":"loud""#, "invalid_field:mode")
      try client.no(#""cmd":"stdio_fanout","pid":"some""#, "invalid_field:pid")
    }
  }

  @Test("a mode for all tasks is refused while another session owns one of them")
  func streamsOfOwnedTasks() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("hello")
      let owner = try client.session(#""pid_lock":1"#)
      let request = #""cmd":"stdio_fanout","stream":"out","mode":"drop""#
      try client.no(request, "pid_locked:1")
      try client.no(request + #","pid":"1""#, "pid_locked:1")
      _ = try client.yes(request + #","pid":"default""#)
      _ = try client.yes(#""cmd":"stdio_fanout","pid":1"#)
      _ = try client.yes(request + "," + owner)
    }
  }

  // MARK: Messages

  @Test("what stands where a shell says the channel may be the name of a mailbox")
  func sendingByName() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("thermostat")
      let sent = try client.yes(#""cmd":"send","pid":"1","channel":"svc:stdio.in@1","data":"go""#)
      #expect(sent["mbx_status"] == .integer(0))
      #expect(sent["length"] == .integer(2))
      #expect(sent["target"] == .string("svc:stdio.in@1"))
      let other = try client.yes(#""cmd":"send","pid":"1","channel":"shared:alarms","data":"up""#)
      #expect(other["target"] == .string("shared:alarms"))
      let heard = try client.yes(#""cmd":"listen","target":"shared:alarms""#)
      #expect(heard["messages"][0]["text"] == .string("up"))
      #expect(heard["messages"][0]["channel"] == .integer(0))
      try client.no(#""cmd":"send","pid":"1","channel":"svc:nobody@1","data":"x""#, "mailbox_not_found")
      try client.no(#""cmd":"send","pid":"1","channel":"loud","data":"x""#, "invalid_field:channel")
    }
  }

  @Test("who listens to no task in particular hears all")
  func listeningToAll() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("thermostat")
      _ = try client.load("hello")
      _ = try client.load("hello", #""app_name":"again""#)
      _ = try client.yes(#""cmd":"step","steps":1000"#)
      let heard = try client.yes(#""cmd":"listen""#)["messages"].items
      #expect(heard.map { $0["target"].text } == ["svc:stdio.out@2", "svc:stdio.out@3"])
      #expect(heard.allSatisfy { $0["text"].text?.hasPrefix("hello") == true })
      #expect(try client.yes(#""cmd":"listen","limit":5,"max_len":512"#)["messages"] == .array([]))
    }
  }

  @Test("who listens to all takes nothing from a task that another session owns")
  func listeningToTheFree() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("hello")
      _ = try client.load("hello", #""app_name":"again""#)
      _ = try client.yes(#""cmd":"step","steps":1000"#)
      let owner = try client.session(#""pid_lock":1"#)
      let free = try client.yes(#""cmd":"listen""#)["messages"].items
      #expect(free.map { $0["target"].text } == ["svc:stdio.out@2"])
      let own = try client.yes(#""cmd":"listen",\#(owner)"#)["messages"].items
      #expect(own.map { $0["target"].text } == ["svc:stdio.out@1"])
    }
  }

  // MARK: The scheduler and tasks

  @Test("the counters of the scheduler are told by pid, its switches with their reason and time")
  func schedulerCounters() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let session = try client.session(#""capabilities":{"features":["events"],"max_events":256}"#)
      let events = try daemon.client()
      _ = try events.yes(
        #""cmd":"events.subscribe","version":1,\#(session),"filters":{"categories":["scheduler","stdout"]}"#)
      _ = try client.load("thermostat")
      _ = try client.load("hello")
      let steps = try client.yes(#""cmd":"step","steps":1000"#)["result"]["executed"].integer
      let scheduler = try client.yes(#""cmd":"sched""#)["scheduler"]
      #expect(scheduler["counters"].names == ["1", "2"])
      let counted = ["1", "2"].compactMap { scheduler["counters"][$0]["steps"].integer }
      #expect(counted.count == 2)
      #expect(counted.reduce(0, +) == steps)
      #expect(scheduler["totals"]["tasks"] == .integer(2))
      #expect(scheduler["totals"]["retired"].integer == steps)

      let trace = scheduler["trace"].items
      #expect(trace.map { $0["event"].text } == ["ended", "ended"])
      #expect(trace.map { $0["pid"].integer } == [1, 2])
      #expect(trace.allSatisfy { $0["ts"].number != nil })
      let last = try client.yes(#""cmd":"sched","limit":"1""#)["scheduler"]["trace"].items
      #expect(last.map { $0["pid"].integer } == [2])
      #expect(try client.yes(#""cmd":"sched","limit":0"#)["scheduler"]["trace"] == .array([]))
    }
  }

  @Test("a task that cannot run is stepped by nothing, which is no refusal")
  func steppingNothing() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let pid = try client.load("forever")
      _ = try client.yes(#""cmd":"step","steps":10,"pid":\#(pid)"#)
      _ = try client.yes(#""cmd":"pause","pid":\#(pid)"#)
      for step in [#""cmd":"step","source_only":true"#, #""cmd":"clock","op":"step","steps":5"#] {
        let result = try client.yes(step + #","pid":"\#(pid)""#)["result"]
        #expect(result["executed"] == .integer(0))
        #expect(result["paused"] == .bool(true))
        #expect(result["current_pid"] == .integer(pid))
        #expect(result["steps"] == .integer(10))
      }
      let done = try client.load("hello")
      _ = try client.yes(#""cmd":"step","steps":1000,"pid":\#(done)"#)
      let result = try client.yes(#""cmd":"step","pid":\#(done)"#)["result"]
      #expect(result["executed"] == .integer(0))
      #expect(result["current_pid"] == .integer(done))
      try client.no(#""cmd":"step","pid":99"#, "unknown_pid")
    }
  }

  @Test("info about a task has the task itself, and only then")
  func infoOfTask() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("thermostat")
      let info = try client.yes(#""cmd":"info","pid":"1""#)["info"]
      #expect(info["task"]["app_name"] == .string("thermostat"))
      #expect(info["task"]["metadata"]["values"] == .integer(3))
      #expect(info["selected_registers"]["regs"].items.count == 16)
      #expect(try !client.yes(#""cmd":"info""#)["info"].names.contains("task"))
      #expect(try !client.yes(#""cmd":"info","pid":9"#)["info"].names.contains("task"))
    }
  }

  @Test("the times of events are times of day, as those of the log are")
  func timesOfDay() async throws {
    let time = Daemon.FakeTime()
    try await Daemon.with(time: time) { daemon in
      let client = try daemon.client()
      let session = try client.session(#""capabilities":{"features":["events"]}"#)
      _ = try client.yes(#""cmd":"events.subscribe",\#(session)"#)
      let before = Date().timeIntervalSince1970
      _ = try client.load("hello")
      let event = try client.event()
      let after = Date().timeIntervalSince1970
      let shown = try #require(event["ts"].number)
      #expect(shown >= before - 0.001 && shown <= after + 0.001)

      // What is told late has the time at which it was.
      await daemon.pass(seconds: 20)
      let late = try daemon.client()
      let other = try late.session(#""capabilities":{"features":["events"]}"#)
      _ = try late.yes(#""cmd":"events.subscribe",\#(other),"filters":{"since_seq":1}"#)
      #expect(try late.event()["seq"] == event["seq"])
      let step = try client.yes(#""cmd":"step","steps":1"#)["result"]["events"][0]
      #expect(try #require(step["ts"].number) > after - 0.001)
      let again = try late.events(upTo: "task_state")
      #expect(again.allSatisfy { ($0["ts"].number ?? 0) > before - 30 })
    }
  }

  // MARK: Sessions

  @Test("the lock of a session is a number, a list of several, or null")
  func locks() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      for name in ["hello", "solo", "gcd"] { _ = try client.load(name) }
      func lock(_ asked: String) throws -> JSONTree {
        let opened = try client.yes(#""cmd":"session.open","client":"debugger","pid_lock":\#(asked)"#)
        let id = try #require(opened["session"]["id"].text)
        _ = try client.yes(#""cmd":"session.close","session":"\#(id)""#)
        return opened["session"]["pid_lock"]
      }
      #expect(try lock("null") == .null)
      #expect(try lock("[]") == .null)
      #expect(try lock("2") == .integer(2))
      #expect(try lock(#"["0x2"]"#) == .integer(2))
      #expect(try lock("[3,1,3]") == .array([.integer(1), .integer(3)]))
    }
  }

  @Test("a debugger is told of what is not here in the words that it turns a part off by")
  func debuggersCommands() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let opened = try client.yes(
        """
        "cmd":"session.open","client":"hsx-dbg","capabilities":{"features":["events","stack","symbols","memory",\
        "watch","disasm"],"max_events":512}
        """)["session"]
      #expect(opened["features"] == .array([.string("events")]))
      #expect(opened["warnings"].items.count == 5)
      #expect(opened["heartbeat_s"] == .integer(30))
      for name in [
        "stack", "symbols", "memory", "watch", "disasm.read", "disasm", "trace", "bp", "dbg", "sym",
      ] {
        try client.no(#""cmd":"\#(name)","pid":1,"op":"regions""#, "unsupported_cmd:\(name)")
      }
    }
  }
}
