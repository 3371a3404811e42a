public import HSXMailbox
import HSXProvisioning
public import HSXRegistry

/// What tasks have declared, to look at. Changing it goes through the calls that also tell about it.
extension Executive where Memory: ~Copyable {
  /// Values and commands.
  public var objects: Registry { registries.objects }

  /// Mailboxes.
  public var mailboxes: MailboxTable { registries.mailboxes }

  /// Whether any task could run now.
  public var hasRunnableTask: Bool { tasks.contains { $0.isRunnable } }
}
