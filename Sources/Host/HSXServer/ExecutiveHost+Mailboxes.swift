import HSXHAL
import HSXProtocol
import HSXProvisioning

/// Mailboxes over the protocol.
extension ExecutiveHost {
  /// Looks for the message that is waited for; the reply when it has come or the time is over.
  func progress(_ job: ReceiveJob, now: Instant) -> Result<MailboxAnswer, Refusal>? { nil }
}

/// How the streams of tasks still to come fan out.
struct StdioModes {
}
