/// Names a subscription; never used twice.
public struct SubscriptionID: Equatable, Sendable {
  /// The number.
  public let rawValue: UInt32

  /// The subscription with this number.
  public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// Why a call on the event queue was refused.
public enum EventQueueError: Error, Equatable, Sendable {
  /// As many subscriptions as there can be.
  case full(capacity: UInt32)
  /// The events asked for are no longer there; the oldest is `oldest`.
  case evicted(oldest: UInt64)
  /// No subscription of that id.
  case unknownSubscription
}

/// What a subscriber is to get.
public enum EventDelivery: Equatable, Sendable {
  /// An event.
  case event(Event)
  /// It is far behind and will be dropped if it goes on so.
  case slowConsumer(SubscriptionStatus)
  /// Events were lost to it, `firstMissing` first.
  case eventsDropped(firstMissing: UInt64, count: UInt64)
  /// It was too slow and its subscription is over.
  case ended(SubscriptionStatus)
}

/// How a subscription stands.
public struct SubscriptionStatus: Equatable, Sendable {
  /// Events queued for it that it has not got, or not acknowledged.
  public var pending: UInt32
  /// The most there ever were.
  public var highWater: UInt32
  /// Events it lost.
  public var drops: UInt64
  /// The number of the next event it looks at.
  public var cursor: UInt64
  /// The last number it acknowledged.
  public var lastAcknowledged: UInt64
}

/// One subscriber's place in the ring, and what it is owed.
struct EventSubscription: Sendable {
  /// Whether it was told that it is behind, and whether it is over.
  private enum Standing: Sendable { case inTime, warned, over }

  let id: SubscriptionID
  let filter: EventFilter
  var cursor: UInt64
  private let window: UInt32
  private let acknowledges: Bool
  private var undelivered: UInt32
  // Of these, the ones that were there before it came: who asks for the past is not slow for having it to read.
  private var history: UInt32
  // Numbers of delivered events that wait for their acknowledgement, ascending; at most `window`.
  private var unacknowledged: [UInt64] = []
  private var highWater: UInt32
  private var drops: UInt64 = 0
  private var lastAcknowledged: UInt64 = 0
  private var standing = Standing.inTime
  private var owesWarning = false
  private var missing: (first: UInt64, count: UInt64)?

  init(
    id: SubscriptionID, filter: EventFilter, cursor: UInt64, window: UInt32, acknowledges: Bool,
    pending: UInt32
  ) {
    self.id = id
    self.filter = filter
    self.cursor = cursor
    self.window = window
    self.acknowledges = acknowledges
    undelivered = pending
    history = pending
    highWater = pending
  }

  var status: SubscriptionStatus {
    SubscriptionStatus(
      pending: behind, highWater: highWater, drops: drops, cursor: cursor,
      lastAcknowledged: lastAcknowledged)
  }

  /// Whether the next event may be delivered now.
  var mayReceive: Bool {
    standing != .over && !(acknowledges && unacknowledged.count >= Int(window))
  }

  private var behind: UInt32 { undelivered &+ UInt32(truncatingIfNeeded: unacknowledged.count) }

  private mutating func noteGone() {
    undelivered -= 1
    if history > 0 { history -= 1 }
  }

  mutating func noteQueued() {
    undelivered += 1
    highWater = max(highWater, behind)
    let behind = behind - history
    // The floors keep a small window from being dropped in an ordinary burst.
    if behind >= max(256, window.multipliedSaturating(by: 4)) {
      standing = .over
    } else if standing == .inTime, behind >= max(64, window.multipliedSaturating(by: 2)) {
      standing = .warned
      owesWarning = true
    }
  }

  mutating func noteCoalesced() {
    noteGone()
  }

  mutating func noteEvicted(_ event: Event, counts: Bool) {
    cursor = event.sequence + 1
    guard counts else { return }
    noteGone()
    drops += 1
    if event.body.isTerminal { standing = .over }
    if let before = missing {
      missing = (before.first, before.count + 1)
    } else {
      missing = (event.sequence, 1)
    }
  }

  mutating func noteDelivered(_ sequence: UInt64) {
    noteGone()
    if acknowledges { unacknowledged.append(sequence) }
    calm()
  }

  mutating func acknowledge(upTo sequence: UInt64) {
    guard acknowledges else {
      // Nothing waits for it, but who asks is told what it has said, of what it was given.
      if cursor > 0 { lastAcknowledged = max(lastAcknowledged, min(sequence, cursor - 1)) }
      return
    }
    let taken = unacknowledged.prefix { $0 <= sequence }.count
    if taken > 0 { lastAcknowledged = unacknowledged[taken - 1] }
    unacknowledged.removeFirst(taken)
    calm()
  }

  /// What must be said before any event, once each, in this order.
  mutating func takeNotice() -> EventDelivery? {
    if standing == .over { return .ended(status) }
    if owesWarning {
      owesWarning = false
      return .slowConsumer(status)
    }
    if let missing {
      self.missing = nil
      return .eventsDropped(firstMissing: missing.first, count: missing.count)
    }
    return nil
  }

  /// A subscriber that caught up may be warned again.
  private mutating func calm() {
    if standing == .warned, behind <= window { standing = .inTime }
  }
}

extension UInt32 {
  fileprivate func multipliedSaturating(by factor: UInt32) -> UInt32 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }
}
