import ArgumentParser
import Foundation
import HSXClient
import HSXProtocol
import HSXTranslation

struct MailboxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mbox", abstract: "List mailboxes, send to them and receive from them.",
    discussion: """
      A mailbox is named app:telemetry, shared:bus, svc:stdio.in@3.

      EXAMPLES
        hsx mbox list
        hsx mbox send app:control "on"
        hsx mbox recv app:telemetry --count 5 --timeout 2000
      """,
    subcommands: [List.self, Send.self, Receive.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the mailboxes there are.",
      discussion: "EXAMPLES\n  hsx mbox list\n  hsx mbox list --task thermostat\n  hsx mbox list --json")

    @Option(help: "Only those of that task (pid or name).", completion: .tasks)
    var task: String?

    @OptionGroup(title: "Connection") var client: ClientOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
      try await reportingFailure(json: json) {
        let answer = try await client.withDaemon { daemon in
          let pid: UInt32? = if let task { try await daemon.pid(of: task) } else { nil }
          var answer = try await daemon.ask(.mailboxSnapshot, as: SnapshotAnswer.self, about: "mbox list")
          if let pid { answer.descriptors.removeAll { $0.ownerPID != pid } }
          return answer
        }
        if json { return try printJSON(answer) }
        var table = Table(
          .init("ID", isRight: true), .init("TARGET"), .init("PID", isRight: true),
          .init("MESSAGES", isRight: true), .init("BYTES", isRight: true), .init("ROOM", isRight: true),
          .init("WAITING", isRight: true), .init("MODE"))
        for box in answer.descriptors {
          table.append(
            "\(box.descriptor)", box.target, box.ownerPID.map(String.init) ?? "", "\(box.depth)",
            "\(box.used)", "\(box.capacity)", "\(box.waiters)", box.modeWords)
        }
        if table.rows.isEmpty { return printError("There is no mailbox.") }
        try table.show()
      }
    }
  }

  struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send a message.",
      discussion: """
        EXAMPLES
          hsx mbox send app:control on
          hsx mbox send app:control --hex 01ff
          date | hsx mbox send svc:stdio.in@3 -
        """)

    @Argument(help: "The mailbox.", completion: .mailboxes)
    var target: String

    @Argument(help: "The message as text; - for the standard input.")
    var text: String?

    @Option(help: "The message in hexadecimal instead.")
    var hex: String?

    @Option(help: "The message's channel, a number.")
    var channel: UInt32?

    @OptionGroup(title: "Connection") var client: ClientOptions

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
      guard (text == nil) != (hex == nil) else {
        throw ValidationError("Give the message either as text or with --hex.")
      }
      if let hex, hex.count % 2 != 0 || !hex.allSatisfy(\.isHexDigit) {
        throw ValidationError("--hex takes pairs of hexadecimal digits.")
      }
    }

    func run() async throws {
      try await reportingFailure(json: json) {
        let bytes: [UInt8]? =
          text == "-" ? try readFile("-", limit: 65_536) : text.map { Array($0.utf8) }
        let data = bytes.map { $0.map { String(format: "%02x", $0) }.joined() } ?? hex ?? ""
        let answer = try await client.withDaemon { daemon in
          try await daemon.withMailbox(target, flags: 2, mayMake: false) { handle in
            var request = MailboxRequest()
            request.pid = 0
            request.handle = handle
            request.dataHex = data
            request.channel = channel.map(String.init)
            return try await daemon.ask(.mailboxSend(request), as: MailboxAnswer.self, about: target)
          }
        }
        if answer.status != 0 { throw Failure(target, mailboxStatus: answer.status) }
        if json { return try printJSON(answer) }
        try printLine("\(printable(target)): \(counted(Int(answer.length ?? 0), "byte")) sent")
      }
    }
  }
}

extension DescriptorRecord {
  fileprivate var modeWords: String {
    zip(["read", "write", "tap", "fan-out", "drop", "block"], 0..<6).filter { mode >> $0.1 & 1 == 1 }
      .map(\.0).joined(separator: ",")
  }
}
