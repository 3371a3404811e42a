import ArgumentParser
import Foundation
import HSXClient
import HSXProtocol
import HSXTranslation

extension MailboxCommand {
  struct Receive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "recv", abstract: "Take messages out of a mailbox.",
      discussion: """
        What is taken out is gone for other readers, unless the mailbox fans out. Text is written as it came.

        EXAMPLES
          hsx mbox recv app:telemetry
          hsx mbox recv app:telemetry --timeout 5000 --count 10
          hsx mbox recv app:telemetry --hex
        """)

    @Argument(help: "The mailbox.", completion: .mailboxes)
    var target: String

    @Option(help: "Messages to take.")
    var count: UInt32 = 1

    @Option(help: "Milliseconds to wait for each, at most 65534; not at all if not told.")
    var timeout: UInt32 = 0

    @Flag(help: "Write messages in hexadecimal.")
    var hex = false

    @OptionGroup(title: "Connection") var client: ClientOptions

    @Flag(help: "One JSON object with all messages.")
    var json = false

    func validate() throws {
      guard count > 0 else { throw ValidationError("--count must be 1 or more.") }
      guard timeout <= 65_534 else { throw ValidationError("--timeout must be from 0 to 65534.") }
    }

    func run() async throws {
      try await reportingFailure(json: json) {
        let messages: [MessageRecord]? = try await untilInterrupted {
          try await client.withDaemon { daemon in
            try await daemon.withMailbox(target, flags: 1, mayMake: timeout > 0) {
              try await receive(daemon, $0)
            }
          }
        }
        guard let messages else { throw interrupted }
        if json { try printJSON(MessagesAnswer(messages: messages)) }
      }
    }

    private func receive(_ daemon: Daemon, _ handle: UInt32?) async throws -> [MessageRecord] {
      var request = MailboxRequest()
      request.pid = 0
      request.handle = handle
      request.timeout = timeout
      var messages: [MessageRecord] = []
      for _ in 0..<count {
        let answer = try await daemon.ask(.mailboxReceive(request), as: MailboxAnswer.self, about: target)
        guard answer.status == 0, let message = answer.message else {
          throw Failure(target, mailboxStatus: answer.status)
        }
        if json {
          messages.append(message)
        } else {
          try printLine(hex ? message.dataHex : printable(message.text))
        }
      }
      return messages
    }
  }
}

extension Daemon {
  /// Opens a mailbox for the daemon itself, does something with it, and closes it.
  ///
  /// - Parameter mayMake: whether one that there is not is made for it; else that is a failure, since a message to a
  ///   mistyped name would be lost without a word.
  func withMailbox<Result: Sendable>(
    _ target: String, flags: UInt32, mayMake: Bool,
    _ body: @Sendable (_ handle: UInt32?) async throws -> Result
  ) async throws -> Result {
    var request = MailboxRequest()
    request.pid = 0
    request.target = target
    request.flags = flags
    let before = try await ask(.mailboxSnapshot, as: SnapshotAnswer.self, about: target).descriptors
    let opened = try await ask(.mailboxOpen(request), as: MailboxAnswer.self, about: target)
    guard opened.status == 0 else { throw Failure(target, mailboxStatus: opened.status) }
    var closing = MailboxRequest()
    closing.pid = 0
    closing.handle = opened.handle
    do {
      guard mayMake || before.contains(where: { $0.descriptor == opened.descriptor }) else {
        throw Failure(target, .unknownMailbox, why: "There is no such mailbox.")
      }
      let result = try await body(opened.handle)
      _ = try await ask(.mailboxClose(closing), as: MailboxAnswer.self, about: target)
      return result
    } catch {
      // The failure is the first one; the handle that it leaves would stay open.
      _ = try? await connection.call(.mailboxClose(closing), as: MailboxAnswer.self, timeout: .seconds(1))
      throw error
    }
  }
}

extension Failure {
  /// What the status of a mailbox call means, other than 0.
  init(_ what: String, mailboxStatus status: UInt8) {
    switch status {
    case 1: self.init(what, .mailboxFull, why: "It has no room for the message now.")
    case 2: self.init(what, .unknownMailbox, why: "There is no such mailbox, or not for this use.")
    case 3, 7: self.init(what, .noMessage, why: "No message came.")
    case 4: self.init(what, .messageTooLarge, why: "The message is larger than the mailbox.")
    default: self.init(what, .unknownMailbox, why: "It was refused with the status \(status).")
    }
  }
}
