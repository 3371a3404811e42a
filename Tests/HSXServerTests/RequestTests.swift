import HSXProtocol
import Testing

@testable import HSXServer

@Suite("Requests") struct RequestTests {
  @Test("an id comes back as it was sent, with an answer, a refusal, and when nothing else can be read")
  func identifiers() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      for id in ["7", #""x""#, "null", "[1,{\"a\":null}]", "2.5"] {
        let sent = try #require(JSONTree(text: Array(id.utf8)))
        #expect(try client.yes(#""cmd":"ping","id":\#(id)"#)["id"] == sent)
        #expect(try client.ask(#""cmd":"nonsense","id":\#(id)"#)["id"] == sent)
        #expect(try client.ask(#""cmd":"step","steps":"many","id":\#(id)"#)["id"] == sent)
        #expect(try client.ask(#""cmd":"ping","version":9,"id":\#(id)"#)["id"] == sent)
      }
      #expect(try !client.yes(#""cmd":"ping""#).names.contains("id"))
    }
  }

  @Test("another version does nothing, an unknown command is named, a debugger's is told as such")
  func strangers() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      try client.no(#""cmd":"shutdown","version":2"#, "unsupported_version:2", "ENOTSUP")
      _ = try client.yes(#""cmd":"ping","version":"1""#)
      _ = try client.yes(#""cmd":"ping","version":null,"extra":[1]"#)
      try client.no(#""cmd":"frobnicate""#, "unknown_cmd:frobnicate", "EINVAL")
      for name in ["bp.set", "bp", "watch.add", "stack.info", "sym.load", "disasm.read", "trace"] {
        try client.no(#""cmd":"\#(name)""#, "unsupported_cmd:\(name)", "ENOTSUP")
      }
      try client.no(#""version":1"#, "missing_field:cmd")
      let long = String(repeating: "x", count: 100_000)
      #expect(try client.ask(#""cmd":"\#(long)""#)["error"].text?.count ?? 9999 < 200)
    }
  }

  @Test("numbers may be strings, decimal or hexadecimal, and null is absent")
  func looseForms() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("thermostat")
      for pid in ["1", #""1""#, #""0x1""#, #"" 1 ""#, "null"] {
        #expect(try client.yes(#""cmd":"dumpregs","pid":\#(pid)"#)["registers"]["pc"] == .integer(0))
        #expect(
          try client.yes(#""cmd":"peek","pid":\#(pid),"addr":"0x10","length":"2""#)["data"].text?.count == 4)
        _ = try client.yes(#""cmd":"sched","pid":\#(pid),"priority":"0x5""#)
      }
      for (name, value) in [("R5", "5"), ("r5", "6"), ("5", "7"), ("0x5", "8")] {
        let set = try client.yes(#""cmd":"vm_reg_set","reg":"\#(name)","value":"\#(value)""#)
        #expect(set["reg"] == .integer(5))
        #expect(try client.yes(#""cmd":"vm_reg_get","reg":5"#)["value"].integer.map(String.init) == value)
      }
      #expect(try client.yes(#""cmd":"vm_reg_get","reg":"sp""#)["reg"] == .string("SP"))
      #expect(try client.yes(#""cmd":"vm_reg_get","reg":"PC""#)["value"] == .integer(0))
      #expect(try client.yes(#""cmd":"vm_reg_get","reg":"psw""#)["value"].integer != nil)
    }
  }

  @Test(
    "a member of a senseless type or value is named, and nothing else happens",
    arguments: [
      ("step", "steps", "[]"), ("step", "steps", "-1"), ("step", "steps", "4294967296"),
      ("step", "pid", "{}"),
      ("step", "pid", "1.5"), ("info", "pid", "true"), ("load", "path", "7"), ("load", "replace", "[]"),
      ("sched", "priority", "256"), ("sched", "quantum", "\"\""), ("peek", "addr", "\"0x\""),
      ("peek", "length", "\"--1\""), ("val.get", "oid", "[1]"), ("val.set", "f16", "65536"),
      ("mailbox_open", "target", "5"), ("mailbox_recv", "timeout", "\"soon\""),
      ("mailbox_tap", "enable", "7"),
      ("session.open", "heartbeat_s", "{}"), ("session.open", "pid_lock", "\"x\""),
      ("session.open", "capabilities", "[]"), ("events.subscribe", "filters", "3"),
      ("events.ack", "seq", "\"z\""),
      ("vm_load_begin", "crc32", "-1"), ("vm_load_write", "seq", "[0]"), ("provision.release", "slot", "300"),
      ("restart", "targets", "{}"), ("dmesg", "limit", "\"all\""), ("clock", "op", "7"),
    ])
  func senselessTypes(command: String, field: String, value: String) async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let reply = try client.ask(#""cmd":"\#(command)","\#(field)":\#(value)"#)
      #expect(reply["status"] == .string("error"))
      #expect(reply["code"] == .string("EINVAL"))
      #expect(reply["reason"] == .string("invalid_field"), "\(reply)")
      #expect(reply["error"].text?.hasPrefix("invalid_field:\(field)") == true, "\(reply)")
      _ = try client.yes(#""cmd":"ping""#)
    }
  }

  @Test("a member that is missing is named")
  func missingMembers() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("thermostat")
      for (members, field) in [
        (#""cmd":"load""#, "path"), (#""cmd":"exec""#, "path"), (#""cmd":"vm_reg_get""#, "reg"),
        (#""cmd":"vm_reg_set","reg":1"#, "value"), (#""cmd":"peek""#, "addr"),
        (#""cmd":"poke","addr":1"#, "data"),
        (#""cmd":"val.get""#, "oid"), (#""cmd":"val.set","oid":257"#, "value"), (#""cmd":"cmd.call""#, "oid"),
        (#""cmd":"mailbox_open""#, "target"), (#""cmd":"mailbox_bind""#, "target"),
        (#""cmd":"mailbox_send","handle":1"#, "data"), (#""cmd":"mailbox_send","data":"x""#, "handle"),
        (#""cmd":"mailbox_recv""#, "handle"), (#""cmd":"mailbox_peek""#, "handle"),
        (#""cmd":"mailbox_tap""#, "handle"), (#""cmd":"mailbox_close""#, "handle"),
        (#""cmd":"send","data":"x""#, "pid"), (#""cmd":"send","pid":1"#, "data"),
        (#""cmd":"session.terminate""#, "target"), (#""cmd":"events.ack""#, "seq"),
        (#""cmd":"vm_load_write","seq":0"#, "handle"), (#""cmd":"vm_load_end""#, "handle"),
        (#""cmd":"vm_load_abort""#, "handle"), (#""cmd":"provision.persist""#, "pid"),
        (#""cmd":"provision.activate""#, "pid"), (#""cmd":"provision.release""#, "slot"),
        (#""cmd":"clock","op":"rate""#, "rate"),
      ] {
        try client.no(members, "missing_field:\(field)", "EINVAL")
      }
    }
  }

  @Test("memory is looked at and changed within its bounds only")
  func memory() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      try client.no(#""cmd":"dumpregs""#, "no_task", "ESRCH")
      _ = try client.load("thermostat")
      _ = try client.yes(#""cmd":"poke","addr":4096,"data":"00AbFf""#)
      #expect(try client.yes(#""cmd":"peek","addr":4096,"length":4"#)["data"] == .string("00abff00"))
      #expect(try client.yes(#""cmd":"peek","addr":4096"#)["data"].text?.count == 128)
      #expect(try client.yes(#""cmd":"peek","addr":65535"#)["data"].text?.count == 2)
      #expect(try client.yes(#""cmd":"peek","addr":0,"length":65536"#)["data"].text?.count == 131_072)
      for members in [
        #""cmd":"peek","addr":65536,"length":1"#, #""cmd":"peek","addr":1,"length":65536"#,
        #""cmd":"peek","addr":4294967295,"length":4294967295"#, #""cmd":"poke","addr":65535,"data":"0000""#,
      ] {
        #expect(try client.ask(members)["code"] == .string("EINVAL"), "\(members)")
      }
      for data in ["0", "0g", "+1", "é"] {
        try client.no(#""cmd":"poke","addr":0,"data":"\#(data)""#, "invalid_field:data")
      }
      try client.no(#""cmd":"vm_reg_get","reg":"R16""#, "invalid_field:reg")
      try client.no(#""cmd":"vm_reg_set","reg":"PC","value":0"#, "invalid_field:reg")
      #expect(try client.ask(#""cmd":"peek","pid":9,"addr":0"#)["code"] == .string("ESRCH"))
    }
  }

  @Test("two lines without sense close a connection; half a line at the end is nobody's")
  func senselessLines() async throws {
    try await Daemon.with { daemon in
      let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
      let cases: [([UInt8], String)] = [
        (Array("{\n".utf8), "invalid_json"), (Array("17\n".utf8), "invalid_json"),
        ([0xFF, 0xFE, 0x00, 0x0A], "invalid_json"), (Array("\(deep)\n".utf8), "too_deep:64"),
        ([UInt8](repeating: 0x20, count: (1 << 20) + 1) + [0x0A], "line_too_long:1048576"),
      ]
      for (bytes, error) in cases {
        let client = try daemon.client()
        try client.send(bytes)
        #expect(try client.reply()["error"] == .string(error))
        _ = try client.yes(#""cmd":"ping""#)
        // A request that is merely wrong does not count.
        try client.no(#""cmd":"what""#, "unknown_cmd:what")
        try client.send(bytes)
        #expect(try client.reply()["error"] == .string(error))
        #expect(try client.isClosed())
      }
      let half = try daemon.client()
      try half.send(Array(#"{"cmd":"shutdown""#.utf8))
      half.hangUp()
      let other = try daemon.client()
      _ = try other.yes(#""cmd":"ping""#)
      // Empty lines and carriage returns are a telnet client's.
      try other.send(Array("\r\n\n{\"cmd\":\"ping\"}\r\n".utf8))
      #expect(try other.reply()["reply"] == .string("pong"))
    }
  }

  @Test("many requests in one go are answered in their order, those that wait among them")
  func pipelining() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("forever")
      var text = ""
      for number in 0..<200 {
        text +=
          number % 50 == 7
          ? "{\"cmd\":\"step\",\"steps\":5000,\"id\":\(number)}\n" : "{\"cmd\":\"ping\",\"id\":\(number)}\n"
      }
      try client.send(Array(text.utf8))
      for number in 0..<200 { #expect(try client.reply()["id"] == .integer(Int64(number))) }
    }
  }

  @Test("a long step holds up nobody else")
  func longStep() async throws {
    try await Daemon.with { daemon in
      let (stepper, other) = (try daemon.client(), try daemon.client())
      _ = try stepper.load("forever")
      try stepper.send(#"{"cmd":"step","steps":10000000}"#)
      // Each of these is answered while the step is under way, or the task would have retired all by then.
      var seen: [Int64] = []
      for _ in 0..<3 {
        _ = try other.yes(#""cmd":"ping""#)
        seen.append(try other.yes(#""cmd":"ps""#)["tasks"]["tasks"][0]["accounted_steps"].integer ?? -1)
      }
      let result = try stepper.reply()["result"]
      #expect(result["executed"] == .integer(10_000_000))
      #expect(seen.allSatisfy { $0 < 10_000_000 })
    }
  }

  @Test("the Unix socket speaks the same and is its owner's alone")
  func unixSocket() async throws {
    let folder = try TemporaryFolder()
    try await Daemon.with(at: .unix(path: folder.path("s"))) { daemon in
      let client = try LineClient(path: folder.path("s"))
      _ = try client.yes(#""cmd":"ping""#)
      #expect(try folder.permissions("s") == 0o600)
      #expect(try client.yes(#""cmd":"session.open""#)["session"]["role"] == .string("admin"))
    }
  }

  @Test("connections leave nothing behind")
  func connections() async throws {
    try await Daemon.with { daemon in
      for round in 0..<300 {
        let client = try daemon.client()
        if round % 3 == 0 { _ = try client.yes(#""cmd":"ping""#) }
        if round % 3 == 1 { try client.send(Array("{\"cmd\":".utf8)) }
      }
      // The end of a connection is noticed in the loop's own time; each request lets it turn once more.
      let client = try daemon.client()
      for _ in 0..<5000 {
        _ = try client.yes(#""cmd":"ping""#)
        if await daemon.look({ $0.connections.count }) == 1 { break }
      }
      #expect(await daemon.look { $0.connections.count } == 1)
      #expect(await daemon.look { $0.sessions.count } == 0)
    }
  }
}
