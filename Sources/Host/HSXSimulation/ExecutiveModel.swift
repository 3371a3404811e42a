import HSXExecutive
import HSXHAL
import HSXMailbox
import HSXProvisioning
import HSXRegistry
import HXE
import MiniVM

/// A task as the model believes it to be.
struct ModelTask {
  let pid: PID
  let app: SimulatedApp
  /// The task that stands by behind it while it is on probation.
  var standby: PID?
  var isStandby = false
  var isPaused = false
  var startedAt: Instant?
}

/// A transfer as the model believes it to be.
struct ModelTransfer {
  let handle: UInt64
  let app: SimulatedApp
  let image: [UInt8]
  let replaces: Bool
  let sealsOnly: Bool
  let chunkBytes: Int
  let began: Instant
  var lastChunk: Instant
  var sealedAt: Instant?
  var nextSequence: UInt32 = 0
  var offset = 0

  var rest: ArraySlice<UInt8> { image[offset...].prefix(chunkBytes) }

  func hasExpired(at now: Instant, _ policy: Policy) -> Bool {
    if let sealedAt { return now >= sealedAt.advanced(byMilliseconds: policy.sealTimeout) }
    return now >= lastChunk.advanced(byMilliseconds: policy.writeTimeout)
      || now >= began.advanced(byMilliseconds: policy.totalTimeout)
  }
}

/// What an executive must have and be, told in the plainest way: lists, and nothing derived.
struct ExecutiveModel {
  var tasks: [ModelTask] = []
  var transfers: [ModelTransfer] = []
  let policy: Policy

  var visible: [ModelTask] { tasks.filter { !$0.isStandby } }

  /// The visible task of an app's family, which is in the way of another.
  func holder(of app: SimulatedApp) -> ModelTask? {
    app.family == nil ? nil : visible.first { $0.app.family == app.family }
  }

  /// Why a new load cannot even begin.
  var refusalToBegin: ProvisioningError? {
    if transfers.count >= Int(policy.budget.transfers) { return .budget(.transfers, needed: 1, available: 0) }
    let limit = policy.budget.tasks
    if tasks.count + transfers.count >= Int(limit) {
      return .budget(.tasks, needed: limit + 1, available: limit)
    }
    return nil
  }

  mutating func remove(_ pid: PID) {
    tasks.removeAll { $0.pid == pid }
  }

  mutating func add(_ pid: PID, _ app: SimulatedApp, replacing: Bool) {
    var task = ModelTask(pid: pid, app: app)
    if replacing, let old = holder(of: app) {
      if let standby = old.standby {
        // It was on probation itself: the one before it is the one to come back to.
        task.standby = standby
        remove(old.pid)
      } else {
        task.standby = old.pid
        for index in tasks.indices where tasks[index].pid == old.pid { tasks[index].isStandby = true }
      }
    }
    tasks.append(task)
    tasks.sort { $0.pid < $1.pid }
  }

  /// The probation of a task is over, well: nobody stands behind it any more.
  mutating func confirm(_ index: Int) {
    guard let standby = tasks[index].standby else { return }
    tasks[index].standby = nil
    remove(standby)
  }

  /// A task on probation has failed: the one behind it comes back.
  mutating func rollBack(_ task: ModelTask) {
    remove(task.pid)
    for index in tasks.indices where tasks[index].pid == task.standby { tasks[index].isStandby = false }
  }

  /// What the time alone ends.
  mutating func advance(to now: Instant) {
    transfers.removeAll { $0.hasExpired(at: now, policy) }
    for pid in visible.map({ $0.pid }) {
      guard let index = tasks.firstIndex(where: { $0.pid == pid }), let started = tasks[index].startedAt
      else {
        continue
      }
      if now >= started.advanced(byMilliseconds: policy.probation) { confirm(index) }
    }
  }

  // MARK: Comparing

  /// What differs between the model and an executive; empty if nothing does.
  func differences(from executive: borrowing Executive) -> [String] {
    var found: [String] = []
    func compare<Value: Equatable>(_ what: String, _ actual: Value, _ expected: Value) {
      if actual != expected { found.append("\(what): \(actual), expected \(expected)") }
    }
    compare("tasks", executive.taskList.map { $0.pid }, visible.map { $0.pid })
    let names = executive.taskList.map { text($0.name.span) }
    compare("different names", Set(names).count, names.count)
    compare(
      "transfers", executive.transfers.map { "\($0.handle) \($0.bytesWritten) \($0.nextSequence)" },
      transfers.map { "\($0.handle) \($0.offset) \($0.nextSequence)" })
    let values = visible.flatMap { task in task.app.valueIDs.map { "\($0) of \(task.pid)" } }
    compare(
      "values", executive.objects.values.all.map { "\($0.id.rawValue) of \($0.owner)" }.sorted(),
      values.sorted())
    let commands = visible.filter { $0.app.family != nil }.map { "\($0.app.valueIDs[0]) of \($0.pid)" }
    compare(
      "commands", executive.objects.commands.all.map { "\($0.id.rawValue) of \($0.owner)" }.sorted(),
      commands.sorted())
    let boxes = 4 * tasks.count + Set(tasks.compactMap { $0.app.mailbox }).count
    compare("mailboxes", executive.mailboxes.snapshots.count, boxes)
    for task in visible {
      guard let actual = executive.taskList.first(where: { $0.pid == task.pid }) else { continue }
      if task.app.family != nil { compare("name of \(task.pid)", text(actual.name.span), task.app.name) }
      guard let state = actual.ending else {
        compare("whether \(task.pid) is paused", actual.state == .paused, task.isPaused)
        continue
      }
      let expected: ExecutiveTask.Ending? =
        switch task.app.behavior {
        case .succeeds, .sleeps: .returned(status: 0)
        case .fails: .returned(status: 3)
        case .exits: .exited(status: 0)
        case .faults: .faulted(.divideByZero)
        case .spins: nil
        }
      compare("end of \(task.pid)", state, expected)
    }
    return found
  }

  private func text(_ span: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    for index in span.indices { bytes.append(span[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
