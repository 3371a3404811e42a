import HSXAssembler
import HSXExecutive
import HSXMailbox
import HSXProtocol
import Testing

@testable import HSXServer

@Suite("Mailboxes over the protocol") struct MailboxTests {
  /// Writes a line, then a piece of one, then ends.
  static let writer = """
    .text
    .entry main
    main:
        LDI32 R1, first
        LDI R2, 4
        SVC 0x101
        LDI32 R1, second
        LDI R2, 3
        SVC 0x101
        LDI R0, 0
        RET
    .data
    first:
        .asciz "one\\n"
    second:
        .asciz "two"
    """

  private func load(_ source: String, _ name: String, _ client: LineClient, _ folder: TemporaryFolder) throws
    -> Int64
  {
    let image = try Assembler.assemble(source, options: AssemblyOptions(appName: name))
    try folder.write(image, to: name + ".hxe")
    let path = folder.path(name + ".hxe")
    return try #require(try client.yes(#""cmd":"load","path":"\#(path)""#)["image"]["pid"].integer)
  }

  @Test("messages go through handles in their order, with flags, channel and sender")
  func messages() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let opened = try client.yes(#""cmd":"mailbox_open","target":"app:box""#)
      #expect(opened["target"] == .string("app:box") && opened["handle"] == .integer(1))
      #expect(try client.yes(#""cmd":"mailbox_recv","handle":1"#)["mbx_status"] == .integer(3))
      let sent = try client.yes(
        #""cmd":"mailbox_send","handle":"0x1","data":"grüße","flags":4,"channel":"9""#)
      #expect(sent["mbx_status"] == .integer(0) && sent["length"] == .integer(7))
      _ = try client.yes(#""cmd":"mailbox_send","handle":1,"data_hex":"00fF""#)
      let peeked = try client.yes(#""cmd":"mailbox_peek","handle":1"#)
      #expect(
        peeked["depth"] == .integer(2) && peeked["bytes_used"] == .integer(25)
          && peeked["next_len"] == .integer(7))
      let short = try client.yes(#""cmd":"mailbox_recv","handle":1,"max_len":3"#)
      #expect(short["mbx_status"] == .integer(4) && short["length"] == .integer(7))
      let first = try client.yes(#""cmd":"mailbox_recv","handle":1"#)["message"]
      #expect(
        first["text"] == .string("grüße") && first["flags"] == .integer(4) && first["channel"] == .integer(9))
      #expect(first["src_pid"] == .integer(0) && first["target"] == .string("app:box"))
      #expect(try client.yes(#""cmd":"mailbox_recv","handle":1"#)["message"]["data_hex"] == .string("00ff"))
      let long = String(repeating: "x", count: 57)
      #expect(
        try client.yes(#""cmd":"mailbox_send","handle":1,"data":"\#(long)""#)["mbx_status"] == .integer(4))
      let half = String(repeating: "x", count: 50)
      _ = try client.yes(#""cmd":"mailbox_send","handle":1,"data":"\#(half)""#)
      let full = try client.yes(#""cmd":"mailbox_send","handle":1,"data":"\#(half)""#)
      #expect(full["mbx_status"] == .integer(1) && full["length"] == .integer(0))
      #expect(try client.yes(#""cmd":"mailbox_close","handle":1"#)["mbx_status"] == .integer(0))
      #expect(try client.yes(#""cmd":"mailbox_close","handle":1"#)["mbx_status"] == .integer(2))
      #expect(try client.yes(#""cmd":"mailbox_open","target":"bad:box""#)["mbx_status"] == .integer(5))
      try client.no(#""cmd":"mailbox_bind","target":"app:x","mode":"sideways""#, "invalid_field:mode")
      try client.no(#""cmd":"mailbox_send","handle":1,"data_hex":"0""#, "invalid_field:data_hex")
      #expect(try client.ask(#""cmd":"mailbox_open","pid":9,"target":"app:x""#)["code"] == .string("ESRCH"))
      #expect(await daemon.look { $0.executive.mailboxes.statistics.activeDescriptors } == 0)
    }
  }

  @Test("a handle is a task's own: its first is 4, and it reads what its mode lets it")
  func asTask() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("forever")
      #expect(try client.yes(#""cmd":"mailbox_open","pid":1,"target":"app:own@1""#)["handle"] == .integer(4))
      let bound = try client.yes(
        #""cmd":"mailbox_bind","pid":1,"target":"app:own@1","capacity":200,"mode":"read|write,tap""#)
      #expect(bound["mbx_status"] == .integer(0))
      let listed = try client.yes(#""cmd":"list","pid":1"#)["channels"]["channels"].items
      let own = try #require(listed.first { $0["target"] == .string("app:own@1") })
      #expect(
        own["capacity"] == .integer(200) && own["mode_mask"] == .integer(7) && own["namespace"] == .integer(2)
      )
      #expect(listed.count == 5)
      _ = try client.yes(#""cmd":"kill","pid":1"#)
      #expect(try client.yes(#""cmd":"mailbox_snapshot""#)["descriptors"] == .array([]))
    }
  }

  @Test("a receive waits for its message, for the end of its time, or for the end of the box")
  func waiting() async throws {
    let time = Daemon.FakeTime()
    try await Daemon.with(time: time) { daemon in
      let (reader, writer) = (try daemon.client(), try daemon.client())
      _ = try reader.yes(#""cmd":"mailbox_open","target":"app:box""#)
      try reader.send(#"{"cmd":"mailbox_recv","handle":1,"timeout":65535,"id":1}"#)
      try reader.send(#"{"cmd":"ping","id":2}"#)
      _ = try writer.yes(#""cmd":"mailbox_send","handle":1,"data":"hello""#)
      let received = try reader.reply()
      #expect(received["id"] == .integer(1) && received["message"]["text"] == .string("hello"))
      #expect(try reader.reply()["id"] == .integer(2))
      try reader.send(#"{"cmd":"mailbox_recv","handle":1,"timeout":500}"#)
      try await waitForJobs(1, daemon, writer)
      await daemon.pass(seconds: 0.4)
      #expect(await daemon.look { $0.hasReceivingJob })
      await daemon.pass(seconds: 0.2)
      #expect(try reader.reply()["mbx_status"] == .integer(7))
      try reader.send(#"{"cmd":"mailbox_recv","handle":1,"timeout":65535}"#)
      try await waitForJobs(1, daemon, writer)
      _ = try writer.yes(#""cmd":"mailbox_close","handle":1"#)
      #expect(try reader.reply()["mbx_status"] == .integer(2))
    }
  }

  @Test("who goes away while it waits takes no message with it")
  func goneReader() async throws {
    try await Daemon.with { daemon in
      let (reader, writer) = (try daemon.client(), try daemon.client())
      _ = try writer.yes(#""cmd":"mailbox_open","target":"app:box""#)
      try reader.send(#"{"cmd":"mailbox_recv","handle":1,"timeout":65535}"#)
      try await waitForJobs(1, daemon, writer)
      reader.hangUp()
      try await waitForJobs(0, daemon, writer)
      _ = try writer.yes(#""cmd":"mailbox_send","handle":1,"data":"kept""#)
      #expect(try writer.yes(#""cmd":"mailbox_recv","handle":1"#)["message"]["text"] == .string("kept"))
    }
  }

  private func waitForJobs(_ count: Int, _ daemon: Daemon, _ client: LineClient) async throws {
    for _ in 0..<10_000 {
      _ = try client.yes(#""cmd":"ping""#)
      if await daemon.look({ $0.connections.values.filter { $0.job != nil }.count }) == count { return }
    }
    Issue.record("there are not \(count) jobs")
  }

  @Test("who listens hears what a task has written before and since, once")
  func listening() async throws {
    let folder = try TemporaryFolder()
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let pid = try load(Self.writer, "writer", client, folder)
      #expect(try client.yes(#""cmd":"listen","pid":\#(pid)"#)["messages"] == .array([]))
      _ = try client.yes(#""cmd":"step","steps":100"#)
      let messages = try client.yes(#""cmd":"listen""#)["messages"].items
      #expect(messages.compactMap { $0["text"].text }.joined() == "one\ntwo")
      let first = try #require(messages.first)
      #expect(first["target"] == .string("svc:stdio.out@\(pid)") && first["src_pid"] == .integer(pid))
      #expect(first["flags"] == .integer(1))
      #expect(try client.yes(#""cmd":"listen","pid":\#(pid)"#)["messages"] == .array([]))
      // What it sends to its stream as a message is heard too, and what is longer is cut for the eye only.
      _ = try client.yes(#""cmd":"send","pid":\#(pid),"channel":"err","data":"trouble""#)
      _ = try client.yes(#""cmd":"send","pid":\#(pid),"target":"svc:stdio.out","data":"three""#)
      let more = try client.yes(#""cmd":"listen","pid":\#(pid),"max_len":3"#)["messages"].items
      #expect(more.map { $0["text"] } == [.string("thr"), .string("tro")])
      #expect(more.map { $0["length"] } == [.integer(5), .integer(7)])
      try client.no(#""cmd":"listen","target":"app:none""#, "mailbox_not_found", "ESRCH")
      _ = try client.yes(#""cmd":"kill""#)
      #expect(await daemon.look { $0.executive.mailboxes.statistics.handlesTotal } == 0)
    }
  }

  @Test("what a step has written is there for the request behind it, in the same packet too")
  func pipelined() async throws {
    let folder = try TemporaryFolder()
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try load(Self.writer, "writer", client, folder)
      try client.send(#"{"cmd":"step","steps":100}"# + "\n" + #"{"cmd":"listen"}"#)
      _ = try client.reply()
      let messages = try client.reply()["messages"].items
      #expect(messages.compactMap { $0["text"].text }.joined() == "one\ntwo")
    }
  }

  @Test("a reader that holds up a stream keeps nothing from who listens")
  func heldUp() async throws {
    let folder = try TemporaryFolder()
    let text = String((0..<150).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })
    let source = Self.writer.replacing("LDI R2, 4", with: "LDI R2, 150").replacing(#"one\n"#, with: text)
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let pid = try load(source, "writer", client, folder)
      _ = try client.yes(#""cmd":"stdio_fanout","pid":\#(pid),"mode":"block""#)
      let handle =
        try client.yes(#""cmd":"mailbox_open","target":"svc:stdio.out@\#(pid)""#)["handle"].integer ?? 0
      _ = try client.yes(#""cmd":"step","steps":100"#)
      let heard = try client.yes(#""cmd":"listen","pid":\#(pid)"#)["messages"].items
      #expect(heard.compactMap { $0["text"].text }.joined() == text + "two")
      let read = try client.yes(#""cmd":"mailbox_recv","handle":\#(handle)"#)["message"]
      #expect(read["text"] == .string(String(text.prefix(56))))
    }
  }

  @Test("text that nobody hears is bounded, and its loss is said")
  func bounded() {
    var heard = HeardMessages()
    for number in 0..<100_000 {
      heard.append(text: Array("\(number)\n".utf8), source: 1, to: 5)
    }
    var bytes: [UInt8] = []
    var isFirst = true
    while let message = heard.next(of: 5) {
      #expect(message.flags.contains(.overrun) == isFirst)
      isFirst = false
      bytes += message.bytes
    }
    #expect(bytes.count <= 16 * 1024 && bytes.count > 14 * 1024)
    #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("99998\n99999\n"))
    #expect(heard.descriptors.isEmpty)
  }

  @Test("a stream that fans out is heard by each reader and by who listens")
  func fanOut() async throws {
    let folder = try TemporaryFolder()
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let set = try client.yes(#""cmd":"stdio_fanout","pid":"default","stream":"out","mode":"drop""#)[
        "config"]
      #expect(
        set["scope"] == .string("default") && set["mode"] == .string("drop")
          && set["applied"].items.count == 1)
      #expect(set["default"].items.map { $0["mode"] } == [.string("drop")])
      let pid = try load(Self.writer, "writer", client, folder)
      let shown = try client.yes(#""cmd":"stdio_fanout","pid":"\#(pid)""#)["config"]
      #expect(shown["streams"].items.map { $0["mode"].text } == ["off", "drop", "off"])
      #expect(shown["mode"] == .string("mixed"))
      let handle =
        try client.yes(#""cmd":"mailbox_open","target":"svc:stdio.out@\#(pid)","flags":1"#)["handle"].integer
        ?? 0
      _ = try client.yes(#""cmd":"step","steps":100"#)
      _ = try client.yes(#""cmd":"ping""#)
      #expect(
        try client.yes(#""cmd":"mailbox_recv","handle":\#(handle)"#)["message"]["text"] == .string("one\n"))
      #expect(
        try client.yes(#""cmd":"mailbox_recv","handle":\#(handle)"#)["message"]["text"] == .string("two"))
      let heard = try client.yes(#""cmd":"listen","pid":\#(pid)"#)["messages"].items
      #expect(heard.compactMap { $0["text"].text }.joined() == "one\ntwo")
      let off = try client.yes(#""cmd":"stdio_fanout","pid":\#(pid),"mode":"off""#)["config"]
      #expect(off["applied"].items.map { $0["stream"].text } == ["out", "err"])
      #expect(off["streams"].items.map { $0["mode"].text } == ["off", "off", "off"])
      #expect(await daemon.look { $0.taps.isEmpty })
      try client.no(#""cmd":"stdio_fanout","mode":"loud""#, "invalid_field:mode")
      try client.no(#""cmd":"stdio_fanout","stream":"side""#, "invalid_field:stream")
      #expect(try client.ask(#""cmd":"stdio_fanout","pid":77"#)["code"] == .string("ESRCH"))
    }
  }
}
