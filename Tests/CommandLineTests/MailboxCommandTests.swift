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
