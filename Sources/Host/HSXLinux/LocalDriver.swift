public import HSXExecutive
public import HSXHAL
public import HSXProvisioning
public import MiniVM

/// Drives an executive inside this process: real time, effects carried out at once, events handed on as they come.
public struct LocalDriver: ~Copyable {
  /// Why a task no longer runs.
  public enum Outcome: Equatable, Sendable {
    /// It returned or exited.
    case ended
    /// It was stopped by a fault.
    case faulted(Fault)
    /// The instructions allowed are spent.
    case budget
    /// It met a break.
    case breakpoint(code: UInt8)
    /// It waits for something that nobody is there to bring.
    case waiting
  }

  /// Instructions between two looks at the clock, the effects and the events.
  private static var sliceLength: UInt32 { 100_000 }

  /// The executive.
  public var executive: LocalExecutive
  private let clock = MonotonicClock()
  private var folder: TaskFolder?
  private let subscription: SubscriptionID

  /// A driver of `executive`; tasks' files are in `folder`, and every file operation fails without one.
  ///
  /// - Throws: `EventQueueError.full` if nobody else can follow the executive's events.
  public init(
    _ executive: consuming LocalExecutive, folder: consuming TaskFolder?
  ) throws(EventQueueError) {
    self.executive = executive
    self.folder = folder
    subscription = try self.executive.events.subscribe(
      EventFilter(), since: 1, window: 1_000_000, acknowledges: false)
  }

  /// The time to give to the executive's calls.
  public var now: Instant { clock.now }

  /// Runs until `pid` has ended, met a break, or `budget` instructions are retired by all tasks.
  ///
  /// - Parameters:
  ///   - isTraced: one instruction at a time, so that `afterSlice` sees each.
  ///   - afterSlice: called after each slice, before the events.
  ///   - deliver: called with each event, in order.
  /// - Throws: `unknownTask`.
  public mutating func run(
    _ pid: PID, budget: UInt64, isTraced: Bool = false,
    afterSlice: (borrowing LocalExecutive) -> Void = { _ in },
    deliver: (Event) -> Void
  ) throws(ProvisioningError) -> Outcome {
    var left = budget
    while true {
      deliverEvents(deliver)
      if let outcome = try ending(of: pid) { return outcome }
      guard left > 0 else { return .budget }
      let slice = isTraced ? 1 : UInt32(min(left, UInt64(Self.sliceLength)))
      let summary = try executive.run(upTo: slice, now: now)
      left -= UInt64(summary.retired)
      if summary.retired > 0 { afterSlice(executive) }
      carryOutEffects()
      switch summary.reason {
      case .budget, .effectsPending, .eventsPending: break
      case .breakpoint(let stopped, let code) where stopped == pid:
        deliverEvents(deliver)
        return .breakpoint(code: code)
      case .breakpoint: break
      case .idle where summary.retired == 0:
        if executive.hasRunnableTask { continue }
        deliverEvents(deliver)
        if let outcome = try ending(of: pid) { return outcome }
        guard let deadline = executive.nextDeadline else { return .waiting }
        clock.wait(until: deadline)
      case .idle: break
      }
    }
  }

  private func ending(of pid: PID) throws(ProvisioningError) -> Outcome? {
    switch try executive.task(pid).ending {
    case .returned, .exited: .ended
    case .faulted(let fault): .faulted(fault)
    case nil: nil
    }
  }

  /// Hands on the events that nobody has seen yet.
  public mutating func deliverEvents(_ deliver: (Event) -> Void) {
    while let delivery = executive.events.next(for: subscription) {
      if case .event(let event) = delivery { deliver(event) }
    }
  }

  /// Text reaches the operator as events; frames have no bus to go to here.
  private mutating func carryOutEffects() {
    while let effect = executive.nextEffect() {
      switch effect {
      case .uartWrite, .canTransmit: break
      case .closeFiles: folder?.closeAll()
      case .file(let pid, let number, let operation):
        let (result, data) = folder?.perform(operation) ?? (-1, [])
        // The task may have been killed since it asked.
        _ = try? executive.completeFile(pid, number: number, result: result, data: data.span, now: now)
      }
    }
  }
}
