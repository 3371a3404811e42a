import HXE

extension ValueTable {
  /// What a subscription got.
  public struct SubscribeResult: Equatable, Sendable {
    /// `ok`; `notFound`; `notPermitted` where a get would be; `noSpace` if there are too many.
    public var status: ValueStatus
    /// For a sticky value, what goes to the new subscriber's mailbox at once: its number, and its last value
    /// twice, as old and as new.
    public var notice: [UInt8]?
  }

  /// Has `mailbox` told of each change from now on. The same subscription again is `ok` and stays one, but a
  /// sticky value is told again.
  public mutating func subscribe(_ id: ObjectID, caller: Caller, mailbox: UInt32) -> SubscribeResult {
    let found = get(id, caller: caller)
    guard found.status == .ok, let value = self[id] else { return SubscribeResult(status: found.status) }
    let subscription = Subscription(id: id, pid: caller.pid, mailbox: mailbox)
    if !subscriptions.contains(subscription) {
      guard subscriptions.count < subscriptionCapacity else { return SubscribeResult(status: .noSpace) }
      subscriptions.append(subscription)
    }
    guard value.flags.contains(.sticky) else { return SubscribeResult(status: .ok) }
    return SubscribeResult(
      status: .ok, notice: ValueChange.notice(id, old: value.bits, new: value.bits))
  }

  /// Ends a subscription; false if there is none.
  public mutating func unsubscribe(_ subscription: Subscription) -> Bool {
    guard let index = subscriptions.firstIndex(of: subscription) else { return false }
    subscriptions.remove(at: index)
    return true
  }

  /// Ends every subscription that tells this mailbox of `pid`, because it is closed.
  public mutating func unsubscribe(pid: UInt32, mailbox: UInt32) {
    subscriptions.removeAll { $0.pid == pid && $0.mailbox == mailbox }
  }

  /// Ends every subscription of a task.
  public mutating func unsubscribe(pid: UInt32) {
    subscriptions.removeAll { $0.pid == pid }
  }
}
