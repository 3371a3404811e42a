public import HSXProvisioning

extension EventTypes {
  /// The types that a category names: one type, or the family before a type's first `.` or `_`; nil if it names none.
  public init?(category: String) {
    guard let types = Self.byCategory[category] else { return nil }
    self = types
  }

  private static let byCategory: [String: EventTypes] = {
    var found: [String: EventTypes] = [:]
    for (name, type) in named {
      found[name] = type
      found[String(name.prefix { $0 != "." && $0 != "_" }), default: []].formUnion(type)
    }
    return found
  }()

  private static let named: [(String, EventTypes)] = [
    ("task_state", .taskState), ("scheduler", .scheduler), ("mailbox_send", .mailboxSend),
    ("mailbox_recv", .mailboxReceive), ("mailbox_wait", .mailboxWait), ("mailbox_wake", .mailboxWake),
    ("mailbox_timeout", .mailboxTimeout), ("mailbox_overrun", .mailboxOverrun),
    ("mailbox_exhausted", .mailboxExhausted), ("mailbox_backpressure", .mailboxBackpressure),
    ("mailbox_error", .mailboxError), ("value_registered", .valueRegistered),
    ("value_changed", .valueChanged), ("value_stored", .valueStored), ("cmd_invoked", .commandInvoked),
    ("cmd_completed", .commandCompleted), ("stdout", .standardOutput), ("stderr", .standardError),
    ("warning", .warning), ("provisioning.state", .transferState),
    ("provisioning.started", .transferStarted), ("provisioning.progress", .transferProgress),
    ("provisioning.complete", .transferComplete), ("provisioning.error", .transferError),
    ("provisioning.aborted", .transferAborted), ("provisioning.persisted", .persisted),
    ("provisioning.rollback", .rollback),
  ]
}
