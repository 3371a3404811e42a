import HSXMailbox
public import HSXHAL
public import HSXPersistence
public import HSXProvisioning
import HXE
public import MiniVM

/// The host firmware as a value: it loads images, runs them as tasks, and keeps their values, commands and
/// mailboxes.
///
/// Bytes and the time go in through methods; events come out of `events`, effects out of `nextEffect()`. Nothing
/// blocks, nothing reads a clock, and the same calls give the same results. A driver does, again and again:
///
/// 1. hand over what came in (a request, a chunk, a frame, a file operation's result), with the time;
/// 2. `run(upTo:now:)` with as many instructions as it can spare;
/// 3. take the effects and the events;
/// 4. if `run` said `idle`, wait until `nextDeadline` or until something comes in.
///
/// It waits for two things only, which it is generic in: the memory that keeps its state without power, and the
/// cryptography, of which none is written here. Without a store nothing persists.
public struct Executive<
  Memory: NonvolatileMemory & ~Copyable, Cryptography: HSXHAL.Cryptography
>: ~Copyable {
  /// What is allowed.
  public let policy: Policy
  /// What happened, and who wants to know.
  public var events: EventQueue
  var machine: Machine
  var provisioner: Provisioner
  var registries: Registries
  var tasks: [ExecutiveTask] = []
  var scheduler = Scheduler()
  var effects: EffectQueue
  /// The tasks on which command handlers run now, one within the other.
  var handlers: [PID] = []
  /// Instructions that the outermost handler and all within it may still retire together.
  var handlerInstructions: UInt32 = 0
  /// Waits that ended while a handler ran on the very task that waits; at most one a task.
  var wokenInHandler: [Woken] = []
  /// The number of the next file operation.
  var fileOperations: UInt32 = 1
  /// The number behind the last event of a transfer that tasks were told about.
  var publishedSequence: UInt64 = 1
  /// What is wrong with the memory of the store, as far as it is known; nil without a store.
  public internal(set) var storageCondition: Condition?
  /// The same as warnings, each of which was told once.
  public internal(set) var storageWarnings: [StorageWarning] = []
  /// When the store may be written to again.
  var writeBackoff = WriteBackoff()
  /// When the store's records were last read again, or first could have been; nil before that.
  var lastScrub: Instant?
  /// Numbers that were to be stored when their task went away, oldest first.
  var orphans: [KeyedWrite] = []
  /// The active images that have not proved themselves, while their tasks run.
  var trials: [SlotTrial] = []
  /// Stored images that take over at the next look.
  var fallbackStarts: [FallbackStart] = []
  /// The bytes of images that are not stored, of the tasks that there are.
  var retained: [RetainedImage] = []
  /// What the store changes when a transfer out of it is activated.
  var storedChanges: [(handle: UInt64, image: StoredImage, change: StoredChange)] = []
  // Last, so that what stands before it has its place whatever the memory is.
  var storage: Storage<Memory, Cryptography.Digest>?

  /// An executive with no task, on `platform`, under `policy`.
  public init(policy: Policy, platform: Platform) {
    self.policy = policy
    events = EventQueue(
      capacity: policy.budget.events, subscriptionLimit: policy.budget.subscriptions)
    machine = Machine(
      engine: platform.engine, checksum: platform.checksum, taskLimit: Int(policy.budget.tasks))
    provisioner = Provisioner(policy: policy, checksum: platform.checksum)
    registries = Registries(policy: policy)
    effects = EffectQueue(capacity: policy.budget.effects)
  }

}

extension Executive where Memory: ~Copyable {
  // MARK: Time and effects

  /// Lets everything that waits for the time happen: transfers, sleeps, mailbox timeouts, probations, and the writes of
  /// values that are due, of which one call stores a few.
  public mutating func advance(to now: Instant) {
    advanceTransfers(now)
    publishTransfers(now)
    wakeSleepers(now)
    expireReceives(now)
    settleProbations(now)
    settleTrials(now)
    writeDueValues(now)
    scrubIfIdle(now)
  }

  /// When `advance` has something to do next; nil if nothing waits for the time.
  public var nextDeadline: Instant? {
    var earliest = provisioner.nextDeadline
    func consider(_ deadline: Instant?) {
      guard let deadline else { return }
      earliest = min(earliest ?? deadline, deadline)
    }
    consider(provisioner.nextProbationDeadline)
    consider(registries.mailboxes.nextDeadline)
    consider(nextWrite)
    consider(nextTrial)
    for task in tasks {
      if case .sleep(let until) = task.block, !task.isStandby { consider(until) }
    }
    return earliest
  }

  /// The oldest effect that waits to be carried out; nil if there is none.
  public mutating func nextEffect() -> Effect? {
    effects.next()
  }

  // MARK: Tasks

  /// The tasks that there are, in the order of their pids; those that wait behind a replacement are left out.
  public var taskList: [ExecutiveTask] {
    tasks.filter { !$0.isStandby }
  }

  /// One task.
  ///
  /// - Throws: `unknownTask`.
  public func task(_ pid: PID) throws(ProvisioningError) -> ExecutiveTask {
    tasks[try index(of: pid)]
  }

  /// The slices begun.
  public var sliceCount: UInt64 { scheduler.slice }

  /// The task whose slice it is, if one runs.
  public var currentPID: PID? { scheduler.current }

  func index(of pid: PID) throws(ProvisioningError) -> Int {
    guard let index = tasks.firstIndex(where: { $0.pid == pid && !$0.isStandby }) else {
      throw .unknownTask(pid)
    }
    return index
  }

  /// Changes a task and tells it, if its state changed.
  mutating func change(
    _ index: Int, _ reason: TaskStateReason, detail: UInt32? = nil, now: Instant,
    _ body: (inout ExecutiveTask) -> Void
  ) {
    let before = tasks[index].state
    body(&tasks[index])
    let after = tasks[index].state
    guard before != after else { return }
    // Whoever could not run before has not waited for its turn either.
    if tasks[index].isRunnable { tasks[index].waitsSince = scheduler.slice }
    events.emit(
      .taskState(from: before, to: after, reason: reason, detail: detail), pid: tasks[index].pid, now: now)
  }
}
