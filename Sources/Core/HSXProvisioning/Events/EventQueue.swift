public import HSXHAL
public import MiniVM

/// The events of an executive, once each, in a ring; a subscriber is a cursor into it.
///
/// Nothing here ever waits for a subscriber: who falls too far behind is told, then dropped, and costs no more
/// than its cursor meanwhile. When the ring is full the oldest event makes room.
///
/// - `emit` costs O(subscriptions); `next` O(events skipped). Memory: `capacity` events of bounded size and
///   `subscriptionLimit` subscriptions.
public struct EventQueue: Sendable {
  /// The most bytes of text that an event carries; whoever emits more splits it.
  public static var payloadLimit: Int { 1024 }

  private let capacity: Int
  private let subscriptionLimit: Int
  // Event n stands at n modulo capacity, so the ring needs no head.
  private var ring: [Slot] = []
  private var subscriptions: [EventSubscription] = []
  private var nextSubscription: UInt32 = 1
  private var progress: [LatestProgress] = []

  /// The number that the next event gets; the first is 1.
  public private(set) var nextSequence: UInt64 = 1

  private struct Slot: Sendable {
    var event: Event
    // A newer progress of the same transfer has come: readers pass this one by.
    var isSuperseded: Bool
  }

  private struct LatestProgress: Sendable {
    var handle: UInt64
    var sequence: UInt64
  }

  /// An empty queue for `capacity` events and `subscriptionLimit` subscriptions, each at least 1.
  public init(capacity: Int, subscriptionLimit: Int) {
    self.capacity = max(1, capacity)
    self.subscriptionLimit = max(1, subscriptionLimit)
  }

  /// The number of the oldest event still here; `nextSequence` if there is none.
  public var oldestSequence: UInt64 { nextSequence - UInt64(ring.count) }

  /// The number of subscriptions.
  public var subscriptionCount: Int { subscriptions.count }

  /// Whether any subscriber has asked for these types.
  public func isWanted(_ types: EventTypes) -> Bool {
    subscriptions.contains { $0.filter.types.contains(types) }
  }

  /// The event of that number; nil if it is gone or has not come yet.
  public func event(_ sequence: UInt64) -> Event? {
    guard sequence >= oldestSequence, sequence < nextSequence else { return nil }
    return ring[index(of: sequence)].event
  }

  // MARK: Emitting

  /// Puts an event in and returns its number.
  @discardableResult
  public mutating func emit(_ body: EventBody, pid: PID?, now: Instant) -> UInt64 {
    let event = Event(sequence: nextSequence, time: now, pid: pid, body: body)
    supersedeProgress(before: event)
    if ring.count < capacity {
      // Slots fill in order 1, 2, …; event n goes to n modulo capacity once the ring wraps.
      if ring.isEmpty { ring.reserveCapacity(min(capacity, 64)) }
      ring.append(Slot(event: event, isSuperseded: false))
    } else {
      evict(nextSequence - UInt64(capacity))
      ring[index(of: nextSequence)] = Slot(event: event, isSuperseded: false)
    }
    nextSequence += 1
    for position in subscriptions.indices where subscriptions[position].filter.accepts(event) {
      subscriptions[position].noteQueued()
    }
    return event.sequence
  }

  private func index(of sequence: UInt64) -> Int {
    Int(truncatingIfNeeded: (sequence - 1) % UInt64(capacity))
  }

  /// Marks the transfer's previous progress as stale, so that subscribers read the newer one only.
  private mutating func supersedeProgress(before event: Event) {
    guard let handle = event.body.progressHandle else { return }
    guard let position = progress.firstIndex(where: { $0.handle == handle }) else {
      // As many transfers as can matter: older entries only lose the right to be coalesced.
      if progress.count == 64 { progress.removeFirst() }
      progress.append(LatestProgress(handle: handle, sequence: event.sequence))
      return
    }
    let stale = progress[position].sequence
    progress[position].sequence = event.sequence
    guard stale >= oldestSequence, stale < nextSequence else { return }
    let slot = index(of: stale)
    ring[slot].isSuperseded = true
    for position in subscriptions.indices
    where subscriptions[position].cursor <= stale && subscriptions[position].filter.accepts(ring[slot].event)
    {
      subscriptions[position].noteCoalesced()
    }
  }

  /// Takes an event from those who have not read it yet, before its place is used again.
  private mutating func evict(_ sequence: UInt64) {
    let slot = ring[index(of: sequence)]
    if let handle = slot.event.body.progressHandle {
      progress.removeAll { $0.handle == handle && $0.sequence == sequence }
    }
    for position in subscriptions.indices where subscriptions[position].cursor <= sequence {
      let counts = !slot.isSuperseded && subscriptions[position].filter.accepts(slot.event)
      subscriptions[position].noteEvicted(slot.event, counts: counts)
    }
  }

  // MARK: Subscribing

  /// Opens a subscription for events that pass `filter`, from `since` on, or from the next one on if nil.
  ///
  /// - Parameters:
  ///   - window: the most events that may be unacknowledged, and the measure of being behind; at most as many
  ///     as the ring holds.
  ///   - acknowledges: whether delivery waits for acknowledgements.
  /// - Throws: `EventQueueError.evicted` if `since` is older than the ring, `.full` if there is no room.
  public mutating func subscribe(
    _ filter: EventFilter, since: UInt64? = nil, window: UInt32, acknowledges: Bool
  ) throws(EventQueueError) -> SubscriptionID {
    guard subscriptions.count < subscriptionLimit else {
      throw .full(capacity: UInt32(truncatingIfNeeded: subscriptionLimit))
    }
    // The first event is number 1: who asks from 0 on has missed nothing that 1 would not.
    let start = max(1, min(since ?? nextSequence, nextSequence))
    guard start >= oldestSequence else { throw .evicted(oldest: oldestSequence) }
    var pending: UInt32 = 0
    for sequence in start..<nextSequence {
      let slot = ring[index(of: sequence)]
      if !slot.isSuperseded, filter.accepts(slot.event) { pending += 1 }
    }
    let id = SubscriptionID(rawValue: nextSubscription)
    nextSubscription &+= 1
    subscriptions.append(
      EventSubscription(
        id: id, filter: filter, cursor: start, window: max(1, min(window, UInt32(clamping: capacity))),
        acknowledges: acknowledges,
        pending: pending))
    return id
  }

  /// Ends a subscription; false if there is none of that id.
  @discardableResult
  public mutating func unsubscribe(_ id: SubscriptionID) -> Bool {
    guard let position = position(of: id) else { return false }
    subscriptions.remove(at: position)
    return true
  }

  /// How a subscription stands; nil if there is none of that id.
  public func status(of id: SubscriptionID) -> SubscriptionStatus? {
    position(of: id).map { subscriptions[$0].status }
  }

  /// Takes an acknowledgement of all events up to `sequence`; more than was delivered counts as all delivered.
  ///
  /// - Throws: `EventQueueError.unknownSubscription`.
  public mutating func acknowledge(
    _ id: SubscriptionID, upTo sequence: UInt64
  ) throws(EventQueueError) -> SubscriptionStatus {
    guard let position = position(of: id) else { throw .unknownSubscription }
    subscriptions[position].acknowledge(upTo: sequence)
    return subscriptions[position].status
  }

  /// What the subscriber is to get next; nil if there is nothing now. Call until nil.
  ///
  /// After `.ended` the subscription is gone.
  public mutating func next(for id: SubscriptionID) -> EventDelivery? {
    if let notice = nextNotice(for: id) { return notice }
    guard let position = position(of: id), subscriptions[position].mayReceive else { return nil }
    while subscriptions[position].cursor < nextSequence {
      let slot = ring[index(of: subscriptions[position].cursor)]
      subscriptions[position].cursor += 1
      guard !slot.isSuperseded, subscriptions[position].filter.accepts(slot.event) else { continue }
      subscriptions[position].noteDelivered(slot.event.sequence)
      return .event(slot.event)
    }
    return nil
  }

  /// Only what the subscriber must be told about itself, for one that takes no events now; nil if there is nothing.
  ///
  /// After `.ended` the subscription is gone.
  public mutating func nextNotice(for id: SubscriptionID) -> EventDelivery? {
    guard let position = position(of: id) else { return nil }
    guard let notice = subscriptions[position].takeNotice() else { return nil }
    if case .ended = notice { subscriptions.remove(at: position) }
    return notice
  }

  private func position(of id: SubscriptionID) -> Int? {
    // Sorted by id, since ids rise and removal keeps the order.
    var low = 0
    var high = subscriptions.count
    while low < high {
      let middle = (low + high) / 2
      if subscriptions[middle].id.rawValue < id.rawValue { low = middle + 1 } else { high = middle }
    }
    return low < subscriptions.count && subscriptions[low].id == id ? low : nil
  }
}
