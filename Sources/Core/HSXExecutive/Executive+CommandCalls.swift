public import HSXHAL
import HSXMailbox
import HSXProvisioning
public import HSXRegistry
import HXE
import MiniVM

/// What calling a command came to.
public struct CommandOutcome: Equatable, Sendable {
  /// How it ended.
  public var status: CommandStatus
  /// R0 of its handler, if it ended well.
  public var result: UInt32?

  /// One of these parts.
  public init(status: CommandStatus, result: UInt32? = nil) {
    self.status = status
    self.result = result
  }
}

extension Executive where Memory: ~Copyable {
  /// Handlers that may run one within the other.
  private static var deepestHandler: Int { 4 }

  /// Module 8.
  mutating func answerCommandCall(_ pid: PID, _ function: UInt8, now: Instant) {
    switch function {
    case 0: registerCommand(pid, now: now)
    case 1:
      let id = argumentPair(pid)
      let known = registries.objects.commands[id] != nil
      if known { setRegister(1, of: pid, to: UInt32(id.rawValue)) }
      answer(pid, known ? CommandStatus.ok : .notFound)
    case 2: callForTask(pid, now: now)
    case 3: callForTaskWithoutWaiting(pid, now: now)
    case 4: copyHelp(pid)
    default: answer(pid, Self.unknownObjectFunction)
    }
  }

  private mutating func answer(_ pid: PID, _ status: CommandStatus) {
    answer(pid, UInt32(status.rawValue))
  }

  // MARK: Calling

  /// Runs a command's handler on its owner's task and returns its result.
  ///
  /// It runs at once, between two instructions of that task, on that task's stack, whether the task runs, waits, is
  /// paused or has returned; registers and stack are as before afterwards. One that faults or overruns
  /// `Budget.handlerInstructions` is `failed`. Costs up to that many instructions, those of handlers that it calls
  /// included.
  public mutating func call(
    _ id: ObjectID, caller: Caller, isAsync: Bool = false, now: Instant
  ) -> CommandOutcome {
    let status = registries.objects.commands.authorize(id, caller: caller, isAsync: isAsync)
    guard status == .ok, let command = registries.objects.commands[id] else {
      return CommandOutcome(status: status, result: nil)
    }
    events.emit(
      .commandInvoked(objectID: id.rawValue, owner: command.owner, caller: caller.pid), pid: command.owner,
      now: now)
    let result = runHandler(command.handler, of: command.owner, now: now)
    let outcome = CommandOutcome(status: result == nil ? .failed : .ok, result: result)
    events.emit(
      .commandCompleted(
        objectID: id.rawValue, owner: command.owner, caller: caller.pid, status: outcome.status.rawValue,
        result: result),
      pid: command.owner, now: now)
    return outcome
  }

  /// R0 of the handler at its RET; nil if it did not come to one.
  private mutating func runHandler(_ handler: UInt32, of pid: PID, now: Instant) -> UInt32? {
    guard handlers.count < Self.deepestHandler else { return nil }
    let saved: SavedContext
    do throws(MachineError) {
      saved = try machine.enterCall(pid, at: handler)
    } catch {
      // A task that was stopped by a fault has no sound stack to run on.
      return nil
    }
    let memory = policy.budget.restoresMemoryAfterFailedCommand ? snapshot(pid) : nil
    // Shared, or a handler that calls others in a loop would cost their budgets' product.
    if handlers.isEmpty { handlerInstructions = policy.budget.handlerInstructions }
    handlers.append(pid)
    let result = drive(pid, now: now)
    handlers.removeLast()
    do throws(MachineError) { try machine.leaveCall(pid, saved) } catch { Self.impossible(error) }
    if result == nil, let memory {
      do throws(MachineError) { try machine.restoreMemory(of: pid, to: memory) } catch {
        Self.impossible(error)
      }
    }
    wakeAfterHandler(pid, now: now)
    return result
  }

  /// Lets a task run on whose wait was ended by its own handler, now that its registers are its own again.
  private mutating func wakeAfterHandler(_ pid: PID, now: Instant) {
    guard !handlers.contains(pid) else { return }
    let woken = wokenInHandler.filter { $0.receiver.pid == pid }
    wokenInHandler.removeAll { $0.receiver.pid == pid }
    wake(woken, now: now)
  }

  private func snapshot(_ pid: PID) -> [UInt8] {
    bytes(of: pid, at: 0, count: Machine.memorySize)
  }

  private mutating func drive(_ pid: PID, now: Instant) -> UInt32? {
    while handlerInstructions > 0 {
      let result = runMachine(pid, upTo: handlerInstructions)
      handlerInstructions -= result.retired
      switch result.reason {
      case .returned: return register(0, of: pid)
      // A handler is part of its task: it may not end it.
      case .systemCall(module: 1, function: 0): return nil
      case .systemCall(let module, let function):
        answerSystemCall(pid, module: module, function: function, now: now)
      case .budget, .fault, .breakpoint: return nil
      }
    }
    return nil
  }

  private mutating func callForTask(_ pid: PID, now: Instant) {
    let id = ObjectID(UInt16(truncatingIfNeeded: argument(1, of: pid)))
    let outcome = call(id, caller: caller(pid), now: now)
    // After the call, since the handler may have run on this very task.
    setRegister(1, of: pid, to: outcome.result ?? 0)
    answer(pid, outcome.status)
  }

  /// The answer goes to the mailbox named by R3; R0 says whether the call was taken.
  private mutating func callForTaskWithoutWaiting(_ pid: PID, now: Instant) {
    let id = ObjectID(UInt16(truncatingIfNeeded: argument(1, of: pid)))
    let caller = caller(pid)
    let status = registries.objects.commands.authorize(id, caller: caller, isAsync: true)
    guard status == .ok else { return answer(pid, status) }
    guard let target = mailboxTarget(pid, at: argument(3, of: pid)) else {
      return answer(pid, CommandStatus.invalid)
    }
    // Opened as the caller would, so that nothing goes where the caller itself may not write.
    guard let opening = open(target, for: pid, .write) else { return answer(pid, CommandStatus.noSpace) }
    let outcome = call(id, caller: caller, isAsync: true, now: now)
    let message = CommandTable.answer(id, status: outcome.status, result: outcome.result)
    let owner = registries.objects.commands[id]?.owner ?? 0
    let delivery = registries.mailboxes.send(
      message.span, to: opening.descriptor, source: owner, flags: [], channel: 0, now: now)
    report(
      delivery, from: owner, handle: nil, length: UInt32(message.count), flags: [], channel: 0, now: now)
    let removal = registries.mailboxes.close(HandleReference(pid: pid, handle: opening.handle))
    wake(removal?.woken ?? [], now: now)
    answer(pid, delivery.status == .ok ? CommandStatus.ok : .noSpace)
  }

  /// A task that calls. R2 points to a token, which nobody can check yet: the policy holds none.
  private func caller(_ pid: PID) -> Caller { .task(pid) }

  // MARK: Registering

  /// R1 group, R2 number, R3 flags, R4 descriptors, R5 the handler's code offset.
  private mutating func registerCommand(_ pid: PID, now: Instant) {
    let id = argumentPair(pid)
    let flags = CommandFlags(rawValue: UInt8(truncatingIfNeeded: argument(3, of: pid)))
    let handler = argument(5, of: pid)
    let memory = bytes(of: pid, at: 0, count: Machine.memorySize)
    do throws(MachineError) {
      guard handler < (try machine.codeLength(of: pid)) else { return answer(pid, CommandStatus.invalid) }
    } catch {
      Self.impossible(error)
    }
    do throws(RegistryError) {
      let chain = try descriptorChain(of: pid, in: memory)
      let registration = try registries.objects.registerCommand(
        id, flags: flags, handler: handler, chain: chain, in: memory.span, owner: pid)
      registries.report(registration.capacityChanges, now: now, events: &events)
      setRegister(1, of: pid, to: UInt32(id.rawValue))
      answer(pid, CommandStatus.ok)
    } catch {
      answer(pid, error.commandStatus)
    }
  }

  /// Copies the help text, NUL-terminated, to R2, at most R3 bytes; R1 its length without the NUL.
  private mutating func copyHelp(_ pid: PID) {
    let id = ObjectID(UInt16(truncatingIfNeeded: argument(1, of: pid)))
    guard let command = registries.objects.commands[id] else { return answer(pid, CommandStatus.notFound) }
    let pointer = argument(2, of: pid) & 0xFFFF
    let room = Int(min(argument(3, of: pid), Machine.memorySize - pointer))
    var bytes = copy(registries.objects.text(command.help), limit: max(0, room - 1))
    setRegister(1, of: pid, to: UInt32(bytes.count))
    if room > 0 {
      bytes.append(0)
      writeMemory(of: pid, at: pointer, bytes.span)
    }
    answer(pid, CommandStatus.ok)
  }

  private func copy(_ text: Span<UInt8>, limit: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for index in text.indices.prefix(limit) { bytes.append(text[index]) }
    return bytes
  }
}
