import HSXHAL
import HXE

/// The values of all tasks, rising by number, and who has subscribed to them.
///
/// Looking one up costs a binary search. Making and removing them is the `Registry`'s, which holds their strings.
public struct ValueTable: Sendable {
  /// The most values.
  public let capacity: Int
  /// The most subscriptions.
  public let subscriptionCapacity: Int
  /// How many times longer than declared changes are gathered into one write.
  public var debounceFactor: UInt32 = 1
  /// Every value, rising by number.
  public internal(set) var all: [Value] = []
  /// Every subscription, in the order of asking.
  public internal(set) var subscriptions: [Subscription] = []

  init(capacity: Int, subscriptionCapacity: Int) {
    self.capacity = capacity
    self.subscriptionCapacity = subscriptionCapacity
  }

  /// The value of this number, if there is one.
  public subscript(_ id: ObjectID) -> Value? { index(of: id).map { all[$0] } }

  /// The numbers of a group's values, rising; group 0xFF means all groups.
  public func ids(inGroup group: UInt8) -> [ObjectID] {
    all.filter { group == 0xFF || $0.id.group == group }.map { $0.id }
  }

  /// Where the value stands or would stand.
  func place(of id: ObjectID) -> Int {
    var low = 0
    var high = all.count
    while low < high {
      let middle = (low + high) / 2
      if all[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func index(of id: ObjectID) -> Int? {
    let place = place(of: id)
    return place < all.count && all[place].id == id ? place : nil
  }

  mutating func insert(_ value: Value) {
    all.insert(value, at: place(of: value.id))
  }

  /// The value other than `id` that has this key.
  func holder(ofKey key: UInt16, except id: ObjectID) -> Value? {
    guard key != 0 else { return nil }
    return all.first { $0.persistKey == key && $0.id != id }
  }
}
