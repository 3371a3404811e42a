import Foundation
import Testing

@Suite("hsx mbox", .timeLimit(.minutes(2)))
struct MailboxCommandTests {
  private let daemon: RunningDaemon

  init() throws {
    daemon = try RunningDaemon()
    #expect(try daemon.hsx("load", Tool.image("thermostat")).status == 0)
  }

  @Test("mailboxes are listed, of all tasks or of one")
  func listing() throws {
    let all = try daemon.hsx("mbox", "list", "--json").object()
    let descriptors = try #require(all["descriptors"] as? [[String: Any]])
    let targets = descriptors.compactMap { $0["target"] as? String }
    #expect(targets.contains("app:telemetry") && targets.contains("svc:stdio.in@1"))
    let own = try daemon.hsx("mbox", "list", "--task", "thermostat").text
    #expect(own.contains("svc:stdio.in@1") && !own.contains("app:telemetry"))
  }

  @Test(
    "a message is sent and taken out again, as text or in hexadecimal, from an argument or the standard input"
  )
  func exchange() throws {
    let sent = try daemon.hsx("mbox", "send", "shared:alarms", "warm", "--channel", "7")
    #expect(sent.text == "shared:alarms: 4 bytes sent\n", "\(sent.errors)")
    #expect(try daemon.hsx("mbox", "send", "shared:alarms", "-", input: [1, 0xFF]).status == 0)
    #expect(try daemon.hsx("mbox", "send", "shared:alarms", "--hex", "00aB").status == 0)
    let first = try daemon.hsx("mbox", "recv", "shared:alarms", "--json").object()
    let message = try #require((first["messages"] as? [[String: Any]])?.first)
    #expect(message["text"] as? String == "warm" && message["channel"] as? Int == 7)
    #expect(try daemon.hsx("mbox", "recv", "shared:alarms", "--count", "2", "--hex").text == "01ff\n00ab\n")
  }

  @Test("a mailbox in which there is nothing, or that there is not, is told of")
  func refused() throws {
    #expect(try daemon.hsx("mbox", "recv", "shared:alarms").errors.contains("[ETIMEDOUT no_message]"))
    #expect(
      try daemon.hsx("mbox", "recv", "shared:alarms", "--timeout", "1").errors.contains(
        "[ETIMEDOUT no_message]"))
    for name in ["app:nobody", "shared:nobody"] {
      #expect(try daemon.hsx("mbox", "send", name, "x").errors.contains("[ESRCH unknown_mailbox]"))
    }
    let large = String(repeating: "x", count: 1000)
    #expect(
      try daemon.hsx("mbox", "send", "shared:alarms", large).errors.contains("[ENOSPC message_too_large]"))
    #expect(try !daemon.hsx("mbox", "list").text.contains("nobody"))
  }

  @Test("what came is shown though less came than was asked for")
  func fewer() throws {
    for text in ["one", "two"] { _ = try daemon.hsx("mbox", "send", "shared:alarms", text) }
    let result = try daemon.hsx("mbox", "recv", "shared:alarms", "--count", "3", "--json")
    let messages = try #require(try result.object()["messages"] as? [[String: Any]])
    #expect(messages.map { $0["text"] as? String } == ["one", "two"] && result.status == 1)
    #expect(result.errors.contains("[ETIMEDOUT no_message]"))
  }

  @Test("who is interrupted while it waits has shown what it took, and leaves nothing open")
  func interruption() throws {
    let before = try openHandles()
    let events = try daemon.start("events", "--follow", "--since", "1", "--category", "mailbox")
    let receiver = try daemon.start(
      "mbox", "recv", "shared:alarms", "--timeout", "60000", "--count", "2")
    _ = try daemon.hsx("mbox", "send", "shared:alarms", "first")
    #expect(try receiver.line(containing: "first") == "first")
    #expect(receiver.end(with: SIGINT) == 130)
    #expect(try openHandles() == before)
    _ = try daemon.hsx("mbox", "send", "shared:alarms", "second")
    #expect(try daemon.hsx("mbox", "recv", "shared:alarms").text == "second\n")
    #expect(events.end(with: SIGINT) == 130)
  }

  private func openHandles() throws -> Int {
    let stats = try daemon.hsx("mbox", "list", "--json").object()["stats"] as? [String: Any]
    return try #require(stats?["handles_total"] as? Int)
  }

  @Test("a task that there is not is told of in a sentence")
  func unknownTask() throws {
    #expect(try daemon.hsx("info", "99").errors.contains("99: No task has the pid 99. [ESRCH unknown_task]"))
  }

  @Test("a message that comes while it is waited for is taken")
  func waiting() throws {
    let events = try daemon.start("events", "--follow", "--since", "1", "--category", "mailbox")
    let receiver = try daemon.start("mbox", "recv", "shared:alarms", "--timeout", "60000")
    _ = try daemon.hsx("mbox", "send", "shared:alarms", "at last")
    #expect(try receiver.line(containing: "at last") == "at last")
    #expect(receiver.end(with: 0) == 0)
    #expect(events.end(with: SIGINT) == 130)
  }
}
