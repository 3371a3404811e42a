import HSXMailbox
import HSXExecutive
import HSXProtocol
import NIOCore

/// What came of a request.
enum Outcome {
  /// It is answered.
  case line(ByteBuffer)
  /// It is answered later.
  case job(Job.Work)
}

/// Who may ask, and who answers.
extension ExecutiveHost {
  func outcome(of request: Request, on connection: Connection) throws(Refusal) -> Outcome {
    let command: ProtocolCommand
    switch request.body {
    case .command(let known): command = known
    case .unknown(let name): throw Refusal(unknown: name)
    }
    let requester = try requester(of: request, asking: command, on: connection)
    try checkLocks(command, requester)
    return try answer(command, requester, request.id)
  }

  /// Who asks; refused if its role does not reach, or if it would change something in the name of a session that is gone.
  private func requester(
    of request: Request, asking command: ProtocolCommand, on connection: Connection
  ) throws(Refusal) -> Requester {
    var requester = Requester(
      connection: connection.id, peer: connection.peer, role: access.roleWithoutToken(connection.peer))
    if let id = request.session {
      if let session = sessions.touch(id, now: now) {
        requester.session = id
        requester.role = session.role
      } else if command.changes {
        throw .sessionRequired
      }
    }
    guard let needed = command.role else { return requester }
    guard let role = requester.role else { throw .tokenRequired(command.name) }
    guard role >= needed else { throw .roleTooLow(command.name, role: role, needed: needed) }
    return requester
  }

  private func answer(
    _ command: ProtocolCommand, _ requester: Requester, _ id: JSONTree?
  ) throws(Refusal) -> Outcome {
    func reply(_ answer: some Codable & Sendable) -> Outcome { .line(Self.line(Reply(id: id, answer))) }
    switch command {
    case .ping: return reply(PongAnswer(reply: "pong"))
    case .info(let request): return reply(info(request))
    case .attach: return reply(attach(true))
    case .detach: return reply(attach(false))
    case .load(let request), .exec(let request), .provisionLoad(let request):
      return reply(try load(request, requester))
    case .ps: return reply(TasksAnswer(tasks: taskList))
    case .clock(let request):
      if request.operation == "step" {
        var step = StepRequest()
        step.steps = request.steps
        step.pid = request.pid
        return .job(try beginStep(step))
      }
      return reply(try setClock(request))
    case .step(let request): return .job(try beginStep(request))
    case .startAuto: return reply(startClock())
    case .stopAuto: return reply(stopClock())
    case .pause(let request): return reply(try pause(request))
    case .resume(let request): return reply(try resume(request))
    case .kill(let request): return reply(try kill(request))
    case .reload(let request): return reply(try reload(request, requester))
    case .sched(let request): return reply(try schedule(request))
    case .dumpRegisters(let request): return reply(try dumpRegisters(request))
    case .registerGet(let request): return reply(try getRegister(request))
    case .registerSet(let request): return reply(try setRegister(request))
    case .peek(let request): return reply(try peek(request))
    case .poke(let request): return reply(try poke(request))
    case .valueList(let request): return reply(try listValues(request, requester))
    case .valueGet(let request): return reply(try getValue(request, requester))
    case .valueSet(let request): return reply(try setValue(request, requester))
    case .valueStatistics: return reply(valueStatistics)
    case .commandList(let request): return reply(try listCommands(request))
    case .commandCall(let request): return reply(try callCommand(request, requester))
    case .commandStatistics: return reply(commandStatistics)
    case .list(let request): return reply(try listChannels(request))
    case .mailboxSnapshot: return reply(mailboxSnapshot)
    case .mailboxOpen(let request): return reply(try openMailbox(request, requester))
    case .mailboxClose(let request): return reply(try closeMailbox(request))
    case .mailboxBind(let request): return reply(try bindMailbox(request))
    case .mailboxSend(let request): return reply(try sendMailbox(request))
    case .mailboxReceive(let request): return .job(try beginReceive(request))
    case .mailboxPeek(let request): return reply(try peekMailbox(request))
    case .mailboxTap(let request): return reply(try tapMailbox(request))
    case .stdioFanout(let request): return reply(try setStdio(request))
    case .listen(let request): return reply(try listen(request, requester))
    case .send(let request): return reply(try send(request))
    case .dmesg(let request): return reply(try showLog(request))
    case .provisionPersist(let request): return reply(try persist(request))
    case .provisionActivate(let request): return reply(try activate(request, requester))
    case .provisionRollback(let request): return reply(try rollBack(request))
    case .provisionRelease(let request): return reply(try release(request))
    case .provisionSlots: return reply(try slots())
    case .provisionHistory(let request): return reply(try history(request))
    case .sessionOpen(let request): return reply(try openSession(request, requester))
    case .sessionKeepalive, .sessionCurrent: return reply(try currentSession(requester))
    case .sessionClose: return reply(try closeSession(requester))
    case .sessionList: return reply(listSessions(requester))
    case .sessionTerminate(let request): return reply(try terminateSession(request))
    case .eventsSubscribe(let request): return reply(try subscribe(request, requester))
    case .eventsAcknowledge(let request): return reply(try acknowledge(request, requester))
    case .eventsUnsubscribe(let request): return reply(unsubscribe(request, requester))
    case .loadBegin(let request): return reply(try beginTransfer(request, requester))
    case .loadWrite(let request): return reply(try writeTransfer(request, requester))
    case .loadEnd(let request): return reply(try endTransfer(request, requester))
    case .loadAbort(let request): return reply(try abortTransfer(request, requester))
    case .provisionStatus(let request): return reply(try transferStatus(request, requester))
    case .restart(let request): return reply(restart(request))
    case .shutdown: return reply(shutDown())
    }
  }

  /// A session that has locked a task owns it: others that would change it are refused.
  private func checkLocks(_ command: ProtocolCommand, _ requester: Requester) throws(Refusal) {
    guard command.changes, sessions.hasLocks else { return }
    for pid in lockedPIDs(command) where sessions.isLocked(pid, for: requester.session) {
      throw .locked(pid)
    }
  }

  /// The tasks that a command would change.
  private func lockedPIDs(_ command: ProtocolCommand) -> [UInt32] {
    switch command {
    case .pause(let request), .resume(let request), .kill(let request), .reload(let request):
      [request.pid ?? currentPID].compactMap(\.self)
    case .step(let request): request.pid.map { [$0] } ?? []
    case .clock(let request): request.pid.map { [$0] } ?? []
    case .sched(let request): [request.pid ?? currentPID].compactMap(\.self)
    case .registerSet(let request): [request.pid ?? currentPID].compactMap(\.self)
    case .poke(let request): [request.pid ?? currentPID].compactMap(\.self)
    case .valueSet(let request): [owner(ofValue: request), request.pid].compactMap(\.self)
    case .commandCall(let request): [owner(ofCommand: request), request.pid].compactMap(\.self)
    case .mailboxOpen(let request), .mailboxClose(let request), .mailboxBind(let request),
      .mailboxSend(let request), .mailboxReceive(let request), .mailboxTap(let request),
      .send(let request), .listen(let request):
      // Who listens to all hears those that are free.
      [request.pid, owner(ofMailbox: request)].compactMap(\.self)
    case .stdioFanout(let request): StdioScope(request.scope)?.pids(executive.taskList.map(\.pid)) ?? []
    case .provisionPersist(let request): request.pid.map { [$0] } ?? []
    case .provisionActivate(let request), .provisionRollback(let request): pids(of: request)
    case .load(let request), .exec(let request), .provisionLoad(let request):
      request.replace == true ? replaced(by: request).map { [$0] } ?? [] : []
    case .loadEnd(let request): replaced(by: request).map { [$0] } ?? []
    default: []
    }
  }

  /// The task that owns the mailbox which a request names; nil if it names none, or one of nobody.
  private func owner(ofMailbox request: MailboxRequest) -> UInt32? {
    guard let text = request.target else { return nil }
    do throws(TargetError) {
      return try MailboxTarget.parse(Array(text.utf8).span, caller: request.pid ?? 0).owner
    } catch {
      return nil
    }
  }
}

extension Refusal {
  /// A command that there is not, or that belongs to a debugger.
  init(unknown name: String) {
    // A name of any length must not come back as a reply of any length.
    let shown = name.count > 64 ? name.prefix(64) + "…" : name
    if CommandName.isDebuggers(name) {
      self.init(
        code: "ENOTSUP", reason: "unsupported_cmd", detail: "\(shown) belongs to a debugger.",
        error: "unsupported_cmd:\(shown)")
    } else {
      self.init(
        code: "EINVAL", reason: "unknown_cmd", detail: "There is no command \(shown).",
        error: "unknown_cmd:\(shown)")
    }
  }

  /// A caller who has yet to show a token.
  static func tokenRequired(_ name: CommandName) -> Refusal {
    Refusal(
      code: "EPERM", reason: "token_required",
      detail: "\(name.rawValue) needs a client session that was opened with a token.")
  }

  /// A caller whose role does not reach.
  static func roleTooLow(_ name: CommandName, role: Role, needed: Role) -> Refusal {
    Refusal(
      code: "EPERM", reason: "role_too_low",
      detail: "\(name.rawValue) needs the role \(needed.rawValue); this caller is \(role.rawValue).",
      error: "role_too_low:\(needed.rawValue)")
  }
}
