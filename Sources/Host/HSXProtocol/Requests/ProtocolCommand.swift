/// What a client asks for: a command with what it takes.
public enum ProtocolCommand: Equatable, Sendable {
  case ping
  case info(TaskSelector)
  case attach, detach
  case load(LoadRequest)
  case exec(LoadRequest)
  case ps
  case clock(ClockRequest)
  case step(StepRequest)
  case startAuto, stopAuto
  case pause(TaskSelector)
  case resume(TaskSelector)
  case kill(TaskSelector)
  case reload(TaskSelector)
  case sched(ScheduleRequest)
  case dumpRegisters(TaskSelector)
  case registerGet(RegisterRequest)
  case registerSet(RegisterRequest)
  case peek(MemoryRequest)
  case poke(MemoryRequest)
  case valueList(ValueRequest)
  case valueGet(ValueRequest)
  case valueSet(ValueRequest)
  case valueStatistics
  case commandList(CommandRequest)
  case commandCall(CommandRequest)
  case commandStatistics
  case list(TaskSelector)
  case mailboxSnapshot
  case mailboxOpen(MailboxRequest)
  case mailboxClose(MailboxRequest)
  case mailboxBind(MailboxRequest)
  case mailboxSend(MailboxRequest)
  case mailboxReceive(MailboxRequest)
  case mailboxPeek(MailboxRequest)
  case mailboxTap(MailboxRequest)
  case stdioFanout(StdioRequest)
  case listen(MailboxRequest)
  case send(MailboxRequest)
  case dmesg(LogRequest)
  case sessionOpen(OpenRequest)
  case sessionKeepalive, sessionClose, sessionCurrent, sessionList
  case sessionTerminate(TerminateRequest)
  case eventsSubscribe(SubscribeRequest)
  case eventsAcknowledge(AcknowledgeRequest)
  case eventsUnsubscribe(UnsubscribeRequest)
  case loadBegin(BeginRequest)
  case loadWrite(WriteRequest)
  case loadEnd(TransferSelector)
  case loadAbort(TransferSelector)
  case provisionLoad(LoadRequest)
  case provisionStatus(TransferSelector)
  case provisionPersist(StoreRequest)
  case provisionActivate(StoreRequest)
  case provisionRollback(StoreRequest)
  case provisionRelease(StoreRequest)
  case provisionSlots
  case provisionHistory(StoreRequest)
  case restart(RestartRequest)
  case shutdown
}

extension ProtocolCommand {
  /// The role that a caller needs at least; nil if anybody may ask, even before a session is open.
  public var role: Role? { isLook ? name.role : name.roleToChange ?? name.role }

  /// Whether it changes anything, so that one who names a session that has lapsed is refused, and locks are asked.
  public var changes: Bool {
    switch name {
    case .sessionOpen, .sessionKeepalive, .sessionClose: false
    default: role.map { $0 > .observer } ?? false
    }
  }

  /// Whether a command that can look or change only looks.
  private var isLook: Bool {
    switch self {
    case .clock(let request): request.operation == nil || request.operation == "status"
    case .sched(let request): request.priority == nil && request.quantum == nil
    case .stdioFanout(let request): request.mode == nil
    default: true
    }
  }
}
