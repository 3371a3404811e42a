import CoreMetrics
import HSXExecutive
import HSXHAL
import HSXProtocol
import HSXProvisioning
import HSXTranslation
import NIOCore

/// Subscriptions, and the flow of events to them.
extension ExecutiveHost {
  // MARK: Commands

  func subscribe(_ request: SubscribeRequest, _ requester: Requester) throws(Refusal) -> SubscribeAnswer {
    guard let id = requester.session, let session = sessions[id] else { throw .sessionRequired }
    let filter = filter(request.filters)
    let subscription: SubscriptionID
    do throws(EventQueueError) {
      subscription = try executive.events.subscribe(
        filter, since: request.filters?.since, window: session.maximumEvents,
        acknowledges: request.acknowledges ?? false)
    } catch {
      throw Refusal(error)
    }
    // The one before it may flow on this very connection, which must live on then.
    if let old = session.subscription {
      endSubscription(old.id, closing: old.connection != requester.connection)
    }
    let connection = connections[requester.connection]
    if let other = connection?.subscription { endSubscription(other.id, closing: false) }
    sessions.setSubscription((subscription, requester.connection), of: id)
    connection?.subscription = (subscription, id)
    subscribers[subscription.rawValue] = connection
    deliveredUpTo = 0
    scheduleDelivery()
    let status = executive.events.status(of: subscription)
    return SubscribeAnswer(
      events: SubscriptionRecord(
        token: String(subscription.rawValue), maximum: session.maximumEvents, retention: 0,
        cursor: status?.cursor ?? 0, pending: status?.pending ?? 0, highWater: status?.highWater ?? 0,
        drops: status?.drops ?? 0))
  }

  func acknowledge(_ request: AcknowledgeRequest, _ requester: Requester) throws(Refusal) -> AcknowledgeAnswer
  {
    let sequence = try require(request.sequence, "seq")
    guard let id = requester.session, let session = sessions[id] else { throw .sessionRequired }
    guard let subscription = session.subscription else { throw Refusal(EventQueueError.unknownSubscription) }
    do throws(EventQueueError) {
      let status = try executive.events.acknowledge(subscription.id, upTo: sequence)
      // There may be no event that is new, but there is room for those that wait.
      deliveredUpTo = 0
      scheduleDelivery()
      return AcknowledgeAnswer(events: BacklogRecord(status))
    } catch {
      throw Refusal(error)
    }
  }

  func unsubscribe(_ request: UnsubscribeRequest, _ requester: Requester) -> UnsubscribeAnswer {
    let own = requester.session.flatMap { sessions[$0]?.subscription?.id }
    let asked = request.token.flatMap(UInt32.init).map(SubscriptionID.init)
    // A token alone will do for the subscription of this connection, whoever's session it is.
    let known = [own, connections[requester.connection]?.subscription?.id].compactMap(\.self)
    guard let id = asked ?? own, known.contains(id) else { return UnsubscribeAnswer(unsubscribed: false) }
    endSubscription(id, closing: false)
    return UnsubscribeAnswer(unsubscribed: true)
  }

  private func filter(_ filters: EventFilters?) -> EventFilter {
    var filter = EventFilter()
    filter.pid = filters?.pid
    if let categories = filters?.categories, !categories.isEmpty {
      filter.types = []
      // A category of events that there are not is one of which none will come.
      for category in categories { filter.types.formUnion(EventTypes(category: category) ?? []) }
    }
    return filter
  }

  // MARK: Delivery

  /// Makes sure that events reach their subscribers once what is under way is done.
  func scheduleDelivery() {
    guard !isDeliveryScheduled, executive.events.nextSequence != deliveredUpTo, !subscribers.isEmpty else {
      return
    }
    isDeliveryScheduled = true
    eventLoop.execute {
      self.assumeIsolated { host in
        host.isDeliveryScheduled = false
        host.deliveredUpTo = host.executive.events.nextSequence
        for connection in host.subscribers.values { host.deliver(to: connection) }
      }
    }
  }

  /// Sends a subscriber what waits for it, as much as its connection takes. The rest stays where it is.
  func deliver(to connection: Connection) {
    guard let subscription = connection.subscription?.id, !connection.isClosing else { return }
    var hasWritten = false
    while let delivery = nextDelivery(for: subscription, connection) {
      hasWritten = true
      switch delivery {
      case .event(let event):
        connection.write(encodedEvents.line(of: event) { record(of: $0) })
        metrics.eventsDelivered.increment()
      case .slowConsumer(let status): connection.write(notice("slow_consumer", status))
      case .eventsDropped(let first, let count):
        connection.write(
          notice(
            "event_dropped", behind: first - 1,
            ["first_missing": .integer(Int64(first)), "count": .integer(Int64(count))]))
      case .ended(let status):
        connection.write(notice("slow_consumer_drop", status))
        metrics.subscribersDropped.increment()
        log.warning("slow subscriber dropped", ["peer": connection.peer.text])
        endSubscription(subscription, closing: true)
        return
      }
    }
    if hasWritten { connection.flush() }
  }

  /// What is next for a subscriber; from one whose connection takes nothing more, only what must be said to it.
  private func nextDelivery(for subscription: SubscriptionID, _ connection: Connection) -> EventDelivery? {
    connection.channel.isWritable
      ? executive.events.next(for: subscription) : executive.events.nextNotice(for: subscription)
  }

  /// Called when a connection takes bytes again.
  func becameWritable(_ id: ConnectionID) {
    guard let connection = connections[id], !connection.isClosing else { return }
    deliver(to: connection)
    work(connection)
    scheduleDelivery()
    arm()
  }

  /// Ends a subscription.
  ///
  /// - Parameter closing: whether its connection is closed too, since its client would notice nothing else.
  func endSubscription(_ id: SubscriptionID, closing: Bool) {
    _ = executive.events.unsubscribe(id)
    guard let connection = subscribers.removeValue(forKey: id.rawValue) else { return }
    if let session = connection.subscription?.session, sessions[session]?.subscription?.id == id {
      sessions.setSubscription(nil, of: session)
    }
    connection.subscription = nil
    if closing { connection.close() }
  }

  // MARK: Times

  /// An event as it stands on the wire.
  func record(of event: Event) -> EventRecord {
    var record = EventRecord(event)
    record.ts = timestamp(event.time)
    return record
  }

  /// Seconds since 1970 at a moment of the executive's time, which clients show as the time of day.
  func timestamp(_ moment: Instant) -> Double {
    let age = (Double(now.microseconds) - Double(moment.microseconds)) / 1e6
    return ((wallClock.seconds - age) * 1e6).rounded() / 1e6
  }

  // MARK: Notices

  private func notice(_ reason: String, _ status: SubscriptionStatus) -> ByteBuffer {
    notice(
      reason, behind: status.cursor - 1,
      [
        "pending": .integer(Int64(status.pending)), "high_water": .integer(Int64(status.highWater)),
        "drops": .integer(Int64(clamping: status.drops)),
      ])
  }

  /// A warning that is this subscriber's alone, so it takes no number: it carries that of the last event before it, so
  /// that one who goes on behind the last number it has seen misses nothing.
  private func notice(
    _ reason: String, behind sequence: UInt64, _ facts: [String: JSONTree]
  ) -> ByteBuffer {
    var data = facts
    data["category"] = .string("events")
    data["reason"] = .string(reason)
    data["message"] = .string(Self.messages[reason] ?? reason)
    return Self.line(
      EventRecord(
        seq: sequence, ts: timestamp(now),
        type: reason == "slow_consumer" ? "warning" : reason, pid: nil, data: data))
  }

  private static let messages = [
    "slow_consumer": "Events come faster than they are read.",
    "slow_consumer_drop": "Events were not read for too long; the subscription is over.",
    "event_dropped": "Events were lost, since they were not read in time.",
  ]
}

extension BacklogRecord {
  fileprivate init(_ status: SubscriptionStatus) {
    self.init(
      pending: status.pending, highWater: status.highWater, drops: status.drops,
      lastAcknowledged: status.lastAcknowledged)
  }
}

extension Refusal {
  /// What the event queue refused.
  init(_ error: EventQueueError) {
    switch error {
    case .full(let capacity):
      self.init(
        code: "ENOSPC", reason: "subscriptions_exceeded",
        detail: "There are \(capacity) subscriptions, which is as many as there can be.")
    case .evicted(let oldest):
      self.init(
        code: "ESRCH", reason: "seq_evicted",
        detail: "The events asked for are no longer kept; the oldest is \(oldest).",
        error: "seq_evicted:\(oldest)")
    case .unknownSubscription:
      self.init(
        code: "ESRCH", reason: "subscription_not_found",
        detail: "The client session has no subscription.")
    }
  }
}
