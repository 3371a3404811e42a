extension ProtocolCommand {
  /// The command's name.
  public var name: CommandName {
    switch self {
    case .ping: .ping
    case .info: .info
    case .attach: .attach
    case .detach: .detach
    case .load: .load
    case .exec: .exec
    case .ps: .ps
    case .clock: .clock
    case .step: .step
    case .startAuto: .startAuto
    case .stopAuto: .stopAuto
    case .pause: .pause
    case .resume: .resume
    case .kill: .kill
    case .reload: .reload
    case .sched: .sched
    case .dumpRegisters: .dumpRegisters
    case .registerGet: .registerGet
    case .registerSet: .registerSet
    case .peek: .peek
    case .poke: .poke
    case .valueList: .valueList
    case .valueGet: .valueGet
    case .valueSet: .valueSet
    case .valueStatistics: .valueStatistics
    case .commandList: .commandList
    case .commandCall: .commandCall
    case .commandStatistics: .commandStatistics
    case .list: .list
    case .mailboxSnapshot: .mailboxSnapshot
    case .mailboxOpen: .mailboxOpen
    case .mailboxClose: .mailboxClose
    case .mailboxBind: .mailboxBind
    case .mailboxSend: .mailboxSend
    case .mailboxReceive: .mailboxReceive
    case .mailboxPeek: .mailboxPeek
    case .mailboxTap: .mailboxTap
    case .stdioFanout: .stdioFanout
    case .listen: .listen
    case .send: .send
    case .dmesg: .dmesg
    case .sessionOpen: .sessionOpen
    case .sessionKeepalive: .sessionKeepalive
    case .sessionClose: .sessionClose
    case .sessionCurrent: .sessionCurrent
    case .sessionList: .sessionList
    case .sessionTerminate: .sessionTerminate
    case .eventsSubscribe: .eventsSubscribe
    case .eventsAcknowledge: .eventsAcknowledge
    case .eventsUnsubscribe: .eventsUnsubscribe
    case .loadBegin: .loadBegin
    case .loadWrite: .loadWrite
    case .loadEnd: .loadEnd
    case .loadAbort: .loadAbort
    case .provisionLoad: .provisionLoad
    case .provisionStatus: .provisionStatus
    case .provisionPersist: .provisionPersist
    case .provisionActivate: .provisionActivate
    case .provisionRollback: .provisionRollback
    case .provisionRelease: .provisionRelease
    case .provisionSlots: .provisionSlots
    case .provisionHistory: .provisionHistory
    case .restart: .restart
    case .shutdown: .shutdown
    }
  }

  /// The command of this name, with what `decoder` holds for it.
  ///
  /// - Throws: `DecodingError` if a member has a senseless type.
  init(_ name: CommandName, from decoder: any Decoder) throws {
    self =
      switch name {
      case .ping: .ping
      case .info: .info(try TaskSelector(from: decoder))
      case .attach: .attach
      case .detach: .detach
      case .load: .load(try LoadRequest(from: decoder))
      case .exec: .exec(try LoadRequest(from: decoder))
      case .ps: .ps
      case .clock: .clock(try ClockRequest(from: decoder))
      case .step: .step(try StepRequest(from: decoder))
      case .startAuto: .startAuto
      case .stopAuto: .stopAuto
      case .pause: .pause(try TaskSelector(from: decoder))
      case .resume: .resume(try TaskSelector(from: decoder))
      case .kill: .kill(try TaskSelector(from: decoder))
      case .reload: .reload(try TaskSelector(from: decoder))
      case .sched: .sched(try ScheduleRequest(from: decoder))
      case .dumpRegisters: .dumpRegisters(try TaskSelector(from: decoder))
      case .registerGet: .registerGet(try RegisterRequest(from: decoder))
      case .registerSet: .registerSet(try RegisterRequest(from: decoder))
      case .peek: .peek(try MemoryRequest(from: decoder))
      case .poke: .poke(try MemoryRequest(from: decoder))
      case .valueList: .valueList(try ValueRequest(from: decoder))
      case .valueGet: .valueGet(try ValueRequest(from: decoder))
      case .valueSet: .valueSet(try ValueRequest(from: decoder))
      case .valueStatistics: .valueStatistics
      case .commandList: .commandList(try CommandRequest(from: decoder))
      case .commandCall: .commandCall(try CommandRequest(from: decoder))
      case .commandStatistics: .commandStatistics
      case .list: .list(try TaskSelector(from: decoder))
      case .mailboxSnapshot: .mailboxSnapshot
      case .mailboxOpen: .mailboxOpen(try MailboxRequest(from: decoder))
      case .mailboxClose: .mailboxClose(try MailboxRequest(from: decoder))
      case .mailboxBind: .mailboxBind(try MailboxRequest(from: decoder))
      case .mailboxSend: .mailboxSend(try MailboxRequest(from: decoder))
      case .mailboxReceive: .mailboxReceive(try MailboxRequest(from: decoder))
      case .mailboxPeek: .mailboxPeek(try MailboxRequest(from: decoder))
      case .mailboxTap: .mailboxTap(try MailboxRequest(from: decoder))
      case .stdioFanout: .stdioFanout(try StdioRequest(from: decoder))
      case .listen: .listen(try MailboxRequest(from: decoder))
      case .send: .send(try MailboxRequest(from: decoder))
      case .dmesg: .dmesg(try LogRequest(from: decoder))
      case .sessionOpen: .sessionOpen(try OpenRequest(from: decoder))
      case .sessionKeepalive: .sessionKeepalive
      case .sessionClose: .sessionClose
      case .sessionCurrent: .sessionCurrent
      case .sessionList: .sessionList
      case .sessionTerminate: .sessionTerminate(try TerminateRequest(from: decoder))
      case .eventsSubscribe: .eventsSubscribe(try SubscribeRequest(from: decoder))
      case .eventsAcknowledge: .eventsAcknowledge(try AcknowledgeRequest(from: decoder))
      case .eventsUnsubscribe: .eventsUnsubscribe(try UnsubscribeRequest(from: decoder))
      case .loadBegin: .loadBegin(try BeginRequest(from: decoder))
      case .loadWrite: .loadWrite(try WriteRequest(from: decoder))
      case .loadEnd: .loadEnd(try TransferSelector(from: decoder))
      case .loadAbort: .loadAbort(try TransferSelector(from: decoder))
      case .provisionLoad: .provisionLoad(try LoadRequest(from: decoder))
      case .provisionStatus: .provisionStatus(try TransferSelector(from: decoder))
      case .provisionPersist: .provisionPersist(try StoreRequest(from: decoder))
      case .provisionActivate: .provisionActivate(try StoreRequest(from: decoder))
      case .provisionRollback: .provisionRollback(try StoreRequest(from: decoder))
      case .provisionRelease: .provisionRelease(try StoreRequest(from: decoder))
      case .provisionSlots: .provisionSlots
      case .provisionHistory: .provisionHistory(try StoreRequest(from: decoder))
      case .restart: .restart(try RestartRequest(from: decoder))
      case .shutdown: .shutdown
      }
  }

  /// Writes what the command takes beside the members of the request.
  func encode(to encoder: any Encoder) throws {
    switch self {
    case .ping, .attach, .detach, .ps, .startAuto, .stopAuto, .valueStatistics, .commandStatistics,
      .mailboxSnapshot, .sessionKeepalive, .sessionClose, .sessionCurrent, .sessionList,
      .provisionSlots, .shutdown:
      break
    case .info(let request), .pause(let request), .resume(let request), .kill(let request),
      .reload(let request), .dumpRegisters(let request), .list(let request):
      try request.encode(to: encoder)
    case .load(let request), .exec(let request), .provisionLoad(let request):
      try request.encode(to: encoder)
    case .clock(let request):
      try request.encode(to: encoder)
    case .step(let request):
      try request.encode(to: encoder)
    case .sched(let request):
      try request.encode(to: encoder)
    case .registerGet(let request), .registerSet(let request):
      try request.encode(to: encoder)
    case .peek(let request), .poke(let request):
      try request.encode(to: encoder)
    case .valueList(let request), .valueGet(let request), .valueSet(let request):
      try request.encode(to: encoder)
    case .commandList(let request), .commandCall(let request):
      try request.encode(to: encoder)
    case .mailboxOpen(let request), .mailboxClose(let request), .mailboxBind(let request),
      .mailboxSend(let request), .mailboxReceive(let request), .mailboxPeek(let request),
      .mailboxTap(let request), .listen(let request), .send(let request):
      try request.encode(to: encoder)
    case .stdioFanout(let request):
      try request.encode(to: encoder)
    case .dmesg(let request):
      try request.encode(to: encoder)
    case .sessionOpen(let request):
      try request.encode(to: encoder)
    case .sessionTerminate(let request):
      try request.encode(to: encoder)
    case .eventsSubscribe(let request):
      try request.encode(to: encoder)
    case .eventsAcknowledge(let request):
      try request.encode(to: encoder)
    case .eventsUnsubscribe(let request):
      try request.encode(to: encoder)
    case .loadBegin(let request):
      try request.encode(to: encoder)
    case .loadWrite(let request):
      try request.encode(to: encoder)
    case .loadEnd(let request), .loadAbort(let request), .provisionStatus(let request):
      try request.encode(to: encoder)
    case .provisionPersist(let request), .provisionActivate(let request),
      .provisionRollback(let request), .provisionRelease(let request), .provisionHistory(let request):
      try request.encode(to: encoder)
    case .restart(let request):
      try request.encode(to: encoder)
    }
  }
}
