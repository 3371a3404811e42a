import HSXExecutive
import HSXProtocol
import HSXProvisioning
import HSXRegistry
import HXE

/// The commands of tasks over the protocol.
extension ExecutiveHost {
  func listCommands(_ request: CommandRequest) throws(Refusal) -> CommandsAnswer {
    var only: ObjectID?
    if request.object != nil || request.name != nil {
      guard case .object(let id) = try match(request.object, request.name, command(named:)) else {
        return CommandsAnswer(commands: [])
      }
      only = id
    }
    return CommandsAnswer(
      commands: executive.objects.commands.all.filter { command in
        (only == nil || command.id == only) && (request.pid == nil || command.owner == request.pid)
          && isIn(request.group, command.id, text(command.groupName))
      }.map { record(of: $0) })
  }

  /// Runs a handler, at most as many instructions as the policy allows, and answers with its result.
  func callCommand(_ request: CommandRequest, _ requester: Requester) throws(Refusal) -> CommandAnswer {
    let caller = try caller(requester, actingAs: request.pid, token: request.token)
    switch try match(request.object, request.name, command(named:)) {
    case .unknown: return answer(CommandOutcome(status: .notFound), nil, nil)
    case .ambiguous: return answer(CommandOutcome(status: .invalid), nil, nil)
    case .object(let id):
      let owner = executive.objects.commands[id]?.owner
      let outcome = executive.call(id, caller: caller, isAsync: request.isAsync ?? false, now: now)
      return answer(outcome, id, owner)
    }
  }

  private func answer(_ outcome: CommandOutcome, _ id: ObjectID?, _ owner: UInt32?) -> CommandAnswer {
    CommandAnswer(
      command: CommandState(
        status: outcome.status.rawValue, result: outcome.result, pid: owner, oid: id?.rawValue))
  }

  private func record(of command: Command) -> CommandRecord {
    CommandRecord(
      oid: command.id.rawValue, groupID: command.id.group, commandID: command.id.member,
      ownerPID: command.owner, flags: command.flags.rawValue, authLevel: command.authLevel,
      name: text(command.name), groupName: text(command.groupName), help: text(command.help))
  }
}
