import ArgumentParser
import Foundation
import HSXClient
import HSXProtocol
import HSXTranslation
import Synchronization

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
        let done: Bool? = try await untilInterrupted {
          try await take()
          return true
        }
        if done == nil { throw interrupted }
      }
    }

    /// Takes the messages. An interruption does not cancel what is under way, whose message would be lost; it closes the
    /// handle, so that what waits comes back with a message or without.
    private func take() async throws {
      let ending = Ending()
      // While a receive waits no sign of life gets through, so that the session must outlast the wait.
      let heartbeat = max(5, timeout / 1000 + 10)
      let work = Task {
        try await client.withDaemon(heartbeat: heartbeat) { daemon in
          try await daemon.withMailbox(target, flags: 1, mayMake: timeout > 0) { handle in
            try await receive(daemon, handle, ending)
          }
        }
      }
      try await withTaskCancellationHandler {
        try await work.value
      } onCancel: {
        Task { await end(ending, work) }
      }
    }

    private func end(_ ending: Ending, _ work: Task<Void, any Error>) async {
      // Nothing is open yet, or nobody can be reached who would close it: there is no message to wait for.
      guard let open = ending.begin(), let other = try? await client.connect(session: open.session) else {
        return work.cancel()
      }
      var closing = MailboxRequest()
      closing.pid = 0
      closing.handle = open.handle
      if (try? await other.call(.mailboxClose(closing), as: MailboxAnswer.self, timeout: .seconds(1))) == nil
      {
        work.cancel()
      }
      await other.close()
    }

    private func receive(_ daemon: Daemon, _ handle: UInt32?, _ ending: Ending) async throws {
      ending.setOpen(handle, daemon.connection.session)
      var request = MailboxRequest()
      request.pid = 0
      request.handle = handle
      request.timeout = timeout
      var messages: [MessageRecord] = []
      var failure: Failure?
      while messages.count < count, failure == nil, !ending.hasBegun {
        do {
          let answer = try await daemon.ask(.mailboxReceive(request), as: MailboxAnswer.self, about: target)
          guard answer.status == 0, let message = answer.message else {
            throw Failure(target, mailboxStatus: answer.status)
          }
          messages.append(message)
          if !json { try printLine(hex ? message.dataHex : printable(message.text)) }
        } catch let caught as Failure {
          failure = caught
        }
      }
      // What is taken is gone from the mailbox, and is shown though it is less than was asked for.
      if json, failure == nil || !messages.isEmpty { try printJSON(MessagesAnswer(messages: messages)) }
      if var failure {
        failure.isReported = !messages.isEmpty
        throw failure
      }
    }
  }
}

/// What an interruption closes, and whether it has come.
private final class Ending: Sendable {
  private struct State {
    var hasBegun = false
    var open: (handle: UInt32?, session: SessionRecord?)?
  }

  private let state = Mutex(State())

  var hasBegun: Bool { state.withLock { $0.hasBegun } }

  func setOpen(_ handle: UInt32?, _ session: SessionRecord?) {
    state.withLock { $0.open = (handle, session) }
  }

  func begin() -> (handle: UInt32?, session: SessionRecord?)? {
    state.withLock { state in
      state.hasBegun = true
      return state.open
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
