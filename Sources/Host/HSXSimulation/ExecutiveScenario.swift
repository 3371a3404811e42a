import HSXExecutive
import HSXHAL
import HSXMailbox
public import HSXProvisioning
import HSXRegistry
import HXE
public import MiniVM

/// A difference between an executive and its model, with all it takes to see it again.
public struct SimulationFailure: Error, CustomStringConvertible {
  /// The seed that replays it.
  public var seed: UInt64
  /// What was done, in order.
  public var steps: [String]
  /// What differs.
  public var differences: [String]

  /// The whole story; its first line replays it.
  public var description: String {
    """
    replay: Scripts/simulate executive --seed \(seed)
    after \(steps.count) steps, the last: \(steps.suffix(8).joined(separator: "; "))
    \(differences.joined(separator: "\n"))
    """
  }
}

/// A whole executive in virtual time, driven by a seed through loads, lost and doubled chunks, aborts, timeouts,
/// faults, kills and replacements, and compared with a model after each step.
public struct ExecutiveScenario: ~Copyable {
  private let seed: UInt64
  private var random: SeededGenerator
  private var clock = VirtualClock()
  private var executive: Executive
  private var model: ExecutiveModel
  private var steps: [String] = []

  /// The policy of the scenarios: tight, so that every budget is met often.
  public static var policy: Policy {
    var policy = Policy.desktop
    policy.budget.tasks = 7
    policy.budget.transfers = 3
    policy.rememberedChunks = 4
    policy.sealTimeout = 9_000
    policy.totalTimeout = 20_000
    policy.budget.events = 256
    return policy
  }

  /// The scenario of `seed` on `platform`.
  public init(seed: UInt64, platform: Platform) {
    self.seed = seed
    random = SeededGenerator(seed: seed)
    executive = Executive(policy: Self.policy, platform: platform)
    model = ExecutiveModel(policy: Self.policy)
  }

  /// Takes `count` random steps, then takes everything away and looks whether all was given back.
  ///
  /// - Throws: `SimulationFailure` at the first difference.
  public mutating func run(steps count: Int) throws {
    for _ in 0..<count {
      try step()
      try compare()
    }
    try clear()
  }

  private mutating func compare() throws {
    let differences = model.differences(from: executive)
    guard differences.isEmpty else { throw failure(differences) }
  }

  private func failure(_ differences: [String]) -> SimulationFailure {
    SimulationFailure(seed: seed, steps: steps, differences: differences)
  }

  private func expect(_ what: String, _ actual: ProvisioningError?, _ expected: ProvisioningError?) throws {
    guard actual != expected else { return }
    let (actual, expected) = (actual.map { "\($0)" } ?? "done", expected.map { "\($0)" } ?? "done")
    throw failure(["\(what): \(actual), expected \(expected)"])
  }

  private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  private mutating func step() throws {
    switch pick(14) {
    case 0, 1: try load()
    case 2: try begin()
    case 3, 4, 5: try write()
    case 6: try end()
    case 7: try activateOrAbort()
    case 8: try advance()
    case 9, 10, 11: try runTasks()
    case 12: try control()
    default: try touchObjects()
    }
  }

  // MARK: Loading

  private mutating func randomApp() -> SimulatedApp {
    let family = pick(5)
    let behaviors = SimulatedApp.Behavior.allCases
    return SimulatedApp(family: family == 0 ? nil : UInt8(family), behavior: behaviors[pick(behaviors.count)])
  }

  private func conflict(_ app: SimulatedApp, replaces: Bool) -> ProvisioningError? {
    guard !replaces, model.holder(of: app) != nil else { return nil }
    return ShortName(app.name).map { .appExists($0) }
  }

  private func options(replaces: Bool, sealsOnly: Bool = false) -> LoadOptions {
    LoadOptions(source: .rpc(peer: Array("simulation".utf8)), replaces: replaces, sealsOnly: sealsOnly)
  }

  private mutating func load() throws {
    let app = randomApp()
    let replaces = app.family != nil && pick(2) == 0
    var image = try app.image()
    let isSpoiled = pick(5) == 0
    // A place that the CRC covers: what it does not cover may be another app's name.
    if isSpoiled { image[96 + pick(image.count - 96)] ^= 1 << UInt8(pick(8)) }
    steps.append(
      "load \(app.name) \(app.behavior)\(replaces ? " replacing" : "")\(isSpoiled ? " spoiled" : "")")
    let expected = model.refusalToBegin ?? conflict(app, replaces: replaces)
    do throws(ProvisioningError) {
      let activation = try executive.load(
        image.span, options: options(replaces: replaces), nonce: random.next(), now: clock.now)
      guard let activation, !isSpoiled, expected == nil else {
        throw ProvisioningError.wrongState(.ready)
      }
      model.add(activation.pid, app, replacing: replaces)
    } catch {
      if isSpoiled, expected == nil, case .image = error { return }
      // Which of two faults a spoiled image shows first depends on where it is spoiled.
      if isSpoiled, error == expected { return }
      if isSpoiled, case .image = error { return }
      try expect("load", error, expected)
    }
  }

  private mutating func begin() throws {
    let app = randomApp()
    let replaces = app.family != nil && pick(2) == 0
    let image = try app.image()
    var request = TransferRequest(
      options: options(replaces: replaces, sealsOnly: pick(3) == 0), nonce: random.next())
    if pick(2) == 0 { request.totalBytes = UInt32(image.count) }
    if pick(2) == 0 { request.crc32 = CRC32.checksum(image.span, .compact) }
    steps.append("begin \(app.name) \(app.behavior)\(replaces ? " replacing" : "")")
    do throws(ProvisioningError) {
      let receipt = try executive.loadBegin(request, now: clock.now)
      model.transfers.append(
        ModelTransfer(
          handle: receipt.handle, app: app, image: image, replaces: replaces,
          sealsOnly: request.options.sealsOnly, chunkBytes: [16, 60, 150, 1000][pick(4)], began: clock.now,
          lastChunk: clock.now))
    } catch {
      try expect("begin", error, model.refusalToBegin)
    }
  }

  /// A chunk that is due, or one that was lost on the way, came twice, or came changed.
  private mutating func write() throws {
    guard let index = model.transfers.indices.randomElement(using: &random) else { return }
    let transfer = model.transfers[index]
    let isSealed = transfer.sealedAt != nil
    let kind = pick(6)
    var sequence = transfer.nextSequence
    var chunk = [UInt8](transfer.rest)
    var expected: ProvisioningError?
    var endsTransfer = false
    var takes = true
    if isSealed {
      expected = .wrongState(.sealed)
      takes = false
    } else if kind == 0 {
      sequence += 1
      expected = .sequenceGap(found: sequence, expected: transfer.nextSequence)
      takes = false
    } else if kind <= 2, transfer.nextSequence > 0 {
      sequence -= 1
      let start = Int(sequence) * transfer.chunkBytes
      chunk = [UInt8](transfer.image[start...].prefix(transfer.chunkBytes))
      takes = false
      if kind == 1 {
        chunk[pick(chunk.count)] ^= 0x20
        expected = .chunkContradicts(sequence: sequence)
        endsTransfer = true
      }
    } else if chunk.isEmpty {
      expected = .chunkEmpty(sequence: sequence)
      takes = false
    } else if transfer.offset < 96, transfer.offset + chunk.count >= 96,
      let refusal = conflict(transfer.app, replaces: transfer.replaces)
    {
      expected = refusal
      endsTransfer = true
    }
    if !takes, chunk.isEmpty, expected == nil || kind == 0, !isSealed {
      expected = .chunkEmpty(sequence: sequence)
    }
    steps.append("write \(sequence) of \(transfer.handle), \(chunk.count) bytes")
    let refusal = refusalToWrite(transfer.handle, sequence, chunk)
    try expect("write", refusal, expected)
    if endsTransfer {
      model.transfers.remove(at: index)
    } else if expected == nil {
      model.transfers[index].lastChunk = clock.now
      guard takes else { return }
      model.transfers[index].offset += chunk.count
      model.transfers[index].nextSequence += 1
    }
  }

  private mutating func refusalToWrite(
    _ handle: UInt64, _ sequence: UInt32, _ chunk: [UInt8]
  ) -> ProvisioningError? {
    do throws(ProvisioningError) {
      _ = try executive.loadWrite(
        .handle(handle), by: .anonymous, sequence: sequence, chunk.span, now: clock.now)
      return nil
    } catch {
      return error
    }
  }

  private mutating func end() throws {
    guard let index = model.transfers.indices.randomElement(using: &random) else { return }
    let transfer = model.transfers[index]
    // Mostly when there is something to end.
    guard transfer.offset == transfer.image.count || pick(5) == 0 else { return }
    steps.append("end \(transfer.handle)")
    let isComplete = transfer.offset == transfer.image.count
    do throws(ProvisioningError) {
      let activation = try executive.loadEnd(.handle(transfer.handle), by: .anonymous, now: clock.now)
      guard transfer.sealedAt == nil, isComplete else { throw .wrongState(.ready) }
      if transfer.sealsOnly {
        model.transfers[index].sealedAt = clock.now
      } else if let activation {
        model.transfers.remove(at: index)
        model.add(activation.pid, transfer.app, replacing: transfer.replaces)
      }
    } catch {
      if transfer.sealedAt != nil { return try expect("end", error, .wrongState(.sealed)) }
      model.transfers.remove(at: index)
      guard isComplete else { return }
      try expect("end", error, conflict(transfer.app, replaces: transfer.replaces))
    }
  }

  private mutating func activateOrAbort() throws {
    guard let index = model.transfers.indices.randomElement(using: &random) else { return }
    let transfer = model.transfers[index]
    guard transfer.sealedAt != nil, pick(4) > 0 else { return try abort(index) }
    steps.append("activate \(transfer.handle)")
    model.transfers.remove(at: index)
    do throws(ProvisioningError) {
      let activation = try executive.activate(.handle(transfer.handle), by: .anonymous, now: clock.now)
      model.add(activation.pid, transfer.app, replacing: transfer.replaces)
    } catch {
      try expect("activate", error, conflict(transfer.app, replaces: transfer.replaces))
    }
  }

  private mutating func abort(_ index: Int) throws {
    let transfer = model.transfers.remove(at: index)
    steps.append("abort \(transfer.handle)")
    let bytes = try executive.loadAbort(.handle(transfer.handle), by: .anonymous, now: clock.now)
    guard bytes == UInt32(transfer.offset) else { throw failure(["abort: \(bytes) of \(transfer.offset)"]) }
  }

  // MARK: Time and tasks

  private mutating func advance() throws {
    let milliseconds = UInt32([10, 100, 1_000, 3_000, 6_000][pick(5)])
    steps.append("wait \(milliseconds) ms")
    clock.advance(milliseconds: milliseconds)
    executive.advance(to: clock.now)
    model.advance(to: clock.now)
  }

  private mutating func runTasks() throws {
    let budget = UInt32([1, 3, 50, 2_000][pick(4)])
    steps.append("run \(budget)")
    let summary = try executive.run(upTo: budget, now: clock.now)
    guard summary.retired <= budget else { throw failure(["retired \(summary.retired) of \(budget)"]) }
    noteWhatRan()
    let canStillRun = executive.taskList.contains { $0.state == .running || $0.state == .ready }
    if summary.reason == .idle, canStillRun { throw failure(["idle with a task that could run"]) }
    while executive.nextEffect() != nil {}
  }

  /// Follows what the tasks' behavior and the time must have led to.
  private mutating func noteWhatRan() {
    // A task that comes back in a rollback may have run too, so until nothing changes.
    var isSettled = false
    while !isSettled {
      isSettled = true
      for task in model.visible {
        guard let index = model.tasks.firstIndex(where: { $0.pid == task.pid }) else { continue }
        guard let state = executive.taskList.first(where: { $0.pid == task.pid }) else {
          if task.app.isFailure, task.standby != nil {
            model.rollBack(task)
            isSettled = false
          }
          continue
        }
        if state.state != .ready, !task.isPaused, task.startedAt == nil {
          model.tasks[index].startedAt = clock.now
        }
        if state.ending != nil, task.standby != nil, !task.app.isFailure { model.confirm(index) }
      }
    }
  }

  private mutating func control() throws {
    guard let task = model.visible.randomElement(using: &random) else { return }
    let hasEnded = try executive.task(task.pid).ending != nil
    let index = model.tasks.firstIndex { $0.pid == task.pid }
    switch pick(3) {
    case 0:
      steps.append("kill \(task.pid)")
      try executive.kill(task.pid, now: clock.now)
      if let standby = task.standby { model.remove(standby) }
      model.remove(task.pid)
    case 1 where !hasEnded:
      steps.append("pause \(task.pid)")
      try executive.pause(task.pid, now: clock.now)
      if let index { model.tasks[index].isPaused = true }
    default:
      guard !hasEnded else { return }
      steps.append("resume \(task.pid)")
      try executive.resume(task.pid, now: clock.now)
      if let index { model.tasks[index].isPaused = false }
    }
  }

  private mutating func touchObjects() throws {
    let family = UInt8(1 + pick(4))
    let app = SimulatedApp(family: family, behavior: .succeeds)
    let id = ObjectID(app.valueIDs[0])
    let owner = model.holder(of: app)
    steps.append("set and call \(id.rawValue)")
    let caller = Caller.client(.factory)
    let status = executive.setValue(
      id, to: Float16(Int.random(in: 0..<100, using: &random)).bitPattern, caller: caller, now: clock.now)
    guard (status == .ok) == (owner != nil) else { throw failure(["set: \(status)"]) }
    let outcome = executive.call(id, caller: caller, now: clock.now)
    let hasFaulted = owner.map { task in
      executive.taskList.contains { $0.pid == task.pid && $0.state == .stopped }
    }
    // A handler runs in every state but that of a task stopped by a fault.
    guard outcome.result == (hasFaulted == false ? 7 : nil) else { throw failure(["call: \(outcome)"]) }
  }

  // MARK: The end

  private mutating func clear() throws {
    steps.append("take everything away")
    for transfer in executive.transfers {
      _ = try executive.loadAbort(.handle(transfer.handle), by: .admin, now: clock.now)
    }
    for task in executive.taskList { try executive.kill(task.pid, now: clock.now) }
    let fresh = Executive(policy: Self.policy, platform: .microcontroller)
    var differences: [String] = []
    if !executive.taskList.isEmpty { differences.append("tasks are left") }
    if executive.objects.fingerprint != fresh.objects.fingerprint { differences.append("objects are left") }
    if executive.mailboxes.fingerprint != fresh.mailboxes.fingerprint {
      differences.append("mailboxes are left")
    }
    if executive.nextDeadline != nil { differences.append("a timer still runs") }
    guard differences.isEmpty else { throw failure(differences) }
    // All places for tasks are there again.
    let image = try SimulatedApp(family: nil, behavior: .spins).image()
    for _ in 0..<Self.policy.budget.tasks {
      _ = try executive.load(
        image.span, options: options(replaces: false), nonce: random.next(), now: clock.now)
    }
  }
}
