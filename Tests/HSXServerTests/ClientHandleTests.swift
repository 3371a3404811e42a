import HSXExecutive
import HSXMailbox
import HSXProtocol
import Testing

@testable import HSXServer

@Suite("What clients leave open in the daemon") struct ClientHandleTests {
  private func handles(_ daemon: Daemon) async -> Int {
    await daemon.look { $0.executive.mailboxes.statistics.handlesTotal }
  }

  @Test("of the handles that no session owns the oldest goes when there are too many")
  func sessionless() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      for _ in 0..<300 {
        #expect(try client.yes(#""cmd":"mailbox_open","target":"app:box""#)["mbx_status"] == .integer(0))
      }
      #expect(await handles(daemon) == 64)
      #expect(try client.yes(#""cmd":"mailbox_recv","handle":236"#)["mbx_status"] == .integer(2))
      #expect(try client.yes(#""cmd":"mailbox_recv","handle":237"#)["mbx_status"] == .integer(3))
      // One that is closed makes room for another.
      _ = try client.yes(#""cmd":"mailbox_close","handle":300"#)
      _ = try client.yes(#""cmd":"mailbox_open","target":"app:box""#)
      #expect(try client.yes(#""cmd":"mailbox_recv","handle":237"#)["mbx_status"] == .integer(3))
    }
  }

  @Test("the handles of a session are its own, and go together")
  func ofSession() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      let id = try #require(try client.yes(#""cmd":"session.open""#)["session"]["id"].text)
      for _ in 0..<3 { _ = try client.yes(#""cmd":"mailbox_open","target":"app:box","session":"\#(id)""#) }
      for _ in 0..<70 { _ = try client.yes(#""cmd":"mailbox_open","target":"app:box""#) }
      #expect(await handles(daemon) == 67)
      await daemon.look { $0.closeHandles(of: id) }
      #expect(await handles(daemon) == 64)
      #expect(try client.yes(#""cmd":"mailbox_recv","handle":1"#)["mbx_status"] == .integer(2))
    }
  }

  @Test("messages of a mailbox that fans out are heard one by one, an empty one too")
  func separate() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.yes(#""cmd":"mailbox_bind","target":"app:fan","mode":"read,write,tap,fanout""#)
      #expect(try client.yes(#""cmd":"listen","target":"app:fan""#)["messages"].items.isEmpty)
      for text in ["one", "", "two", "three"] {
        _ = try client.yes(#""cmd":"send","target":"app:fan","data":"\#(text)""#)
      }
      let messages = try client.yes(#""cmd":"listen","target":"app:fan""#)["messages"].items
      #expect(messages.map { $0["text"].text } == ["one", "", "two", "three"])
    }
  }

  @Test("text is joined to text alone, not to a message before it")
  func text() {
    var heard = HeardMessages()
    heard.append(text: Array("a".utf8), source: 1, to: 5)
    heard.append(text: Array("b".utf8), source: 1, to: 5)
    let message = Message(
      bytes: Array("c".utf8), flags: .standardOutput, channel: 0, source: 1, sequence: 0)
    heard.append(message, to: 5)
    heard.append(message, to: 5)
    heard.append(text: Array("d".utf8), source: 1, to: 5)
    var texts: [String] = []
    while let message = heard.next(of: 5) { texts.append(String(decoding: message.bytes, as: UTF8.self)) }
    #expect(texts == ["ab", "c", "c", "d"])
  }

  @Test("the taps of those who listened are bounded")
  func taps() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      for number in 0..<40 {
        _ = try client.yes(
          #""cmd":"mailbox_bind","target":"app:fan\#(number)","mode":"read,write,tap,fanout""#)
        _ = try client.yes(#""cmd":"listen","target":"app:fan\#(number)""#)
      }
      #expect(await daemon.look { $0.taps.count } == 32)
      #expect(await handles(daemon) == 32)
    }
  }
}
