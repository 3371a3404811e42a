public import CoreMetrics
import HXE
import Glibc
import HSXExecutive
import HSXHAL
public import HSXLinux
public import HSXPersistence
import HSXProtocol
import HSXProvisioning
public import Logging
import MiniVM
public import NIOCore

/// The one owner of the executive: everything that reaches it does so on one event loop, one thing at a time.
///
/// Connections, timers and the running of tasks are all on this loop, so that nothing is locked and a request is
/// answered at the latest when the present slice of about a millisecond is over.
public actor ExecutiveHost {
  /// The loop that everything happens on.
  nonisolated public let eventLoop: any EventLoop
  // The executor of the loop, kept since the actor's reference to it is unowned.
  nonisolated private let executor: any SerialExecutor

  let configuration: ServerConfiguration
  var log: ServerLog
  let metrics: ServerMetrics
  /// The number of the first event that is not counted yet.
  var countedEvents: UInt64 = 1
  let wallClock = WallClock()
  private let readTime: @Sendable () -> Instant
  var executive: LocalExecutive
  var clock: StepClock
  var sessions: SessionTable
  var access: AccessControl
  var connections: [ConnectionID: Connection] = [:]
  /// The connections whose oldest request waits for something.
  var waiting: [ConnectionID: Connection] = [:]
  /// The connection whose step had the last slice.
  var lastStepping: UInt64 = 0
  /// The connections that events flow on, by subscription.
  var subscribers: [UInt32: Connection] = [:]
  var files: TaskFiles
  /// Events that were encoded already, for the next subscriber.
  var encodedEvents = EncodedEvents()
  var isAttached = false
  var stdioDefaults = StdioModes()
  /// What tasks have written and nobody has listened to yet.
  var heard = HeardMessages()
  /// The host's own taps: its handle by mailbox.
  var taps: [UInt32: UInt32] = [:]
  /// What clients have opened as the executive.
  var clientHandles = ClientHandles()
  /// How the daemon has ended, if it has.
  var ending: Ending?
  /// How a client wants the daemon to end.
  var requestedEnding: Ending?
  /// What clients have asked for.
  nonisolated public let requestedEndings: AsyncStream<Ending>
  let endings: AsyncStream<Ending>.Continuation
  private var nextConnection: UInt64 = 1
  private var timer: Scheduled<Void>?
  /// Kept when the last connection is gone, while somebody waits for that.
  var drained: EventLoopPromise<Void>?
  var isTickScheduled = false
  var isDeliveryScheduled = false
  /// The number behind the last event that subscribers were looked at for.
  var deliveredUpTo: UInt64 = 0

  /// Why the daemon ends.
  public enum Ending: Equatable, Sendable {
    /// It stops.
    case stop
    /// Its process begins anew.
    case restart
  }

  /// The loop's executor.
  nonisolated public var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// A host on `eventLoop` of an executive with nothing loaded.
  ///
  /// - Parameters:
  ///   - storage: what keeps images and values; without it nothing persists.
  ///   - metrics: where it is counted what happens; that of the process, unless another is given.
  /// - Throws: `StoreError` if the storage holds no store that can be mounted.
  public init(
    on eventLoop: any EventLoop, configuration: ServerConfiguration, storage: consuming StorageDevice?,
    logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory
  ) throws(StoreError) {
    let clock = MonotonicClock()
    try self.init(
      on: eventLoop, configuration: configuration, storage: storage, logger: logger, metrics: metrics,
      time: { clock.now })
  }

  /// A host whose time is what `time` says, which must not decrease.
  init(
    on eventLoop: any EventLoop, configuration: ServerConfiguration, storage: consuming StorageDevice?,
    logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory,
    time: @escaping @Sendable () -> Instant
  ) throws(StoreError) {
    self.eventLoop = eventLoop
    readTime = time
    executor = eventLoop.executor
    var configuration = configuration
    // Without a store nothing persists, and an image that needs one is told so.
    if storage == nil { configuration.policy.capabilities.remove(.storage) }
    // One a session, and one more, so that a session can take a new one before its old one ends.
    configuration.policy.budget.subscriptions = configuration.sessionLimit + 1
    self.configuration = configuration
    var executive = LocalExecutive(policy: configuration.policy, platform: .host)
    if let storage { try executive.attachStorage(storage) }
    self.executive = executive
    log = ServerLog(logger)
    self.metrics = ServerMetrics(metrics)
    clock = StepClock()
    sessions = SessionTable(limit: configuration.sessionLimit)
    access = AccessControl(tokens: configuration.tokens)
    files = TaskFiles(folder: configuration.filesFolder)
    (requestedEndings, endings) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Begins to let time pass.
  func start() {
    clock.start(isRunning: configuration.startsClock, now: now)
    startStoredImages()
    skipCountedEvents()
    metrics.tasks.set(Int64(executive.taskList.count))
    arm()
  }

  /// The time to give to the executive's calls.
  var now: Instant { readTime() }

  // MARK: Connections

  /// Takes a new connection, whose channel is on the host's loop; nil if there are too many.
  func connect(_ channel: any Channel, peer: Peer) -> ConnectionID? {
    guard connections.count < configuration.connectionLimit, ending == nil else { return nil }
    let id = ConnectionID(number: nextConnection)
    nextConnection += 1
    connections[id] = Connection(id: id, channel: channel, peer: peer)
    metrics.connections.set(Int64(connections.count))
    return id
  }

  /// Forgets a connection that is closed. Its session lives on.
  func disconnect(_ id: ConnectionID) {
    guard let connection = connections.removeValue(forKey: id) else { return }
    metrics.connections.set(Int64(connections.count))
    connection.isClosing = true
    dropJob(of: connection)
    if let subscription = connection.subscription { endSubscription(subscription.id, closing: false) }
    if connections.isEmpty { settleDraining() }
    arm()
  }

  // MARK: Time

  /// Makes sure that the host is called when the executive, a session or a job has something to do next.
  func arm() {
    guard ending == nil else { return }
    if isBusy {
      scheduleTick()
      return
    }
    let now = self.now
    var due = executive.nextDeadline
    if let session = sessions.nextDeadline { due = min(due ?? session, session) }
    if let job = nextJobDeadline { due = min(due ?? job, job) }
    if let step = clock.nextTick(after: now), executive.hasRunnableTask { due = min(due ?? step, step) }
    timer?.cancel()
    timer = nil
    guard let due else { return }
    let delay = due.microseconds > now.microseconds ? due.microseconds - now.microseconds : 0
    if clock.isRunning { clock.lastWait = Double(delay) / 1e6 }
    // A deadline that lies in the past but does not go away must not spin the loop.
    timer = schedule(after: .microseconds(Int64(clamping: max(delay, 500))))
  }

  /// Forgets what was to be done.
  func disarm() {
    timer?.cancel()
    timer = nil
  }

  /// Between two ticks: longer than the way from the end of one to the loop's next look, and short beside a slice.
  private static var pause: TimeAmount { .microseconds(30) }

  private func schedule(after delay: TimeAmount) -> Scheduled<Void> {
    eventLoop.scheduleTask(in: delay) { self.assumeIsolated { $0.tick() } }
  }

  /// Calls `tick` as soon as what has come in meanwhile is dealt with.
  func scheduleTick() {
    guard !isTickScheduled else { return }
    isTickScheduled = true
    // The loop looks at its sockets only when no task is due. A tick that is due at once, again and again, would shut
    // everybody out; the moment until this one is due is when they are let in.
    _ = schedule(after: Self.pause)
  }
}

/// The time of day, for what is shown to people.
struct WallClock: Sendable {
  /// Seconds since 1970.
  var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
