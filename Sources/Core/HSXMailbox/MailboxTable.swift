public import HXE

/// Every mailbox, the handles to them, and who waits for a message.
///
/// The table knows no task but by its pid, and no clock but the instants it is given. What a call changes for
/// others (waits that end, handles that close, readers that lose) is its result. Pid 0, the executive, is always
/// there and is bound neither by modes nor by owners.
public struct MailboxTable: Sendable {
  struct Task {
    let pid: UInt32
    var nextHandle: UInt32
  }

  /// What the table may hold.
  public let limits: MailboxLimits
  /// Rising by pid.
  var tasks: [Task] = [Task(pid: 0, nextHandle: 1)]
  /// Rising by id.
  var boxes: [Mailbox] = []
  /// Rising by pid, then by number.
  var handles: [OpenHandle] = []
  /// First come, first.
  var waiters: [Waiter] = []
  var nextDescriptor: UInt32 = 1
  var nextWaiter: UInt32 = 1

  /// An empty table.
  public init(limits: MailboxLimits) {
    self.limits = limits
  }

  /// The bytes of room that nothing has reserved.
  public var bytesAvailable: UInt32 {
    var reserved: UInt64 = 0
    for box in boxes { reserved += UInt64(box.reserved) }
    for handle in handles {
      if let tap = handle.tap { reserved += UInt64(tap.capacity) }
    }
    return reserved >= UInt64(limits.bytes) ? 0 : limits.bytes - UInt32(truncatingIfNeeded: reserved)
  }

  /// The number of the mailbox that `target` means, if there is one. Costs a look at each mailbox.
  public func descriptor(of target: MailboxTarget) -> UInt32? {
    boxIndex(of: target).map { boxes[$0].id }
  }

  /// The numbers of the service boxes of this name, whoever owns them, rising: where the executive publishes.
  public func descriptors(ofService name: ShortName) -> [UInt32] {
    boxes.filter { $0.target.namespace == .service && $0.target.name == name }.map { $0.id }
  }

  /// The mailbox that a handle leads to; nil if there is no such handle.
  public func descriptor(of handle: HandleReference) -> UInt32? {
    handleIndex(handle).map { handles[$0].descriptor }
  }

  /// Whether `pid` has any handle that leads to this mailbox.
  public func isOpen(_ descriptor: UInt32, by pid: UInt32) -> Bool {
    handles.contains { $0.reference.pid == pid && $0.descriptor == descriptor }
  }

  /// Whether `pid` has mailboxes here.
  public func hasTask(_ pid: UInt32) -> Bool { taskIndex(pid) != nil }

  /// Removes a task with its handles, its waits, the mailboxes it owns, and those it declared that nobody else
  /// has declared or has open. Others' waits on the boxes gone end with `invalidHandle`.
  public mutating func removeTask(_ pid: UInt32) -> MailboxRemoval {
    var removal = MailboxRemoval()
    guard pid != 0, let index = taskIndex(pid) else { return removal }
    tasks.remove(at: index)
    removal.woken = endWaits { $0.receiver.pid == pid }
    for handle in handles where handle.reference.pid == pid { forget(handle) }
    handles.removeAll { $0.reference.pid == pid }
    for index in boxes.indices { boxes[index].removeDeclarer(pid) }
    removal.add(removeBoxes { $0.target.owner == pid || ($0.declarers.isEmpty && $0.handleCount == 0) })
    for index in boxes.indices { trim(index) }
    return removal
  }

  // MARK: Looking up

  func taskIndex(_ pid: UInt32) -> Int? {
    index(below: tasks.count) { tasks[$0].pid < pid }.flatMap { tasks[$0].pid == pid ? $0 : nil }
  }

  func boxIndex(id: UInt32) -> Int? {
    index(below: boxes.count) { boxes[$0].id < id }.flatMap { boxes[$0].id == id ? $0 : nil }
  }

  func boxIndex(of target: MailboxTarget) -> Int? {
    boxes.firstIndex { $0.target == target }
  }

  func handleIndex(_ reference: HandleReference) -> Int? {
    let place = handlePlace(reference)
    return place < handles.count && handles[place].reference == reference ? place : nil
  }

  /// Where the handle stands or would stand.
  func handlePlace(_ reference: HandleReference) -> Int {
    index(below: handles.count) {
      let other = handles[$0].reference
      return other.pid < reference.pid || (other.pid == reference.pid && other.handle < reference.handle)
    } ?? handles.count
  }

  func handleCount(of pid: UInt32) -> Int {
    handlePlace(HandleReference(pid: pid, handle: .max)) - handlePlace(HandleReference(pid: pid, handle: 0))
  }

  /// The first index that is not `before` what is looked for; nil if all are.
  private func index(below count: Int, before: (Int) -> Bool) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if before(middle) { low = middle + 1 } else { high = middle }
    }
    return low < count ? low : nil
  }

  // MARK: Removing

  /// Ends the waits that match, with `invalidHandle`.
  mutating func endWaits(_ matches: (Waiter) -> Bool) -> [Woken] {
    var woken: [Woken] = []
    for waiter in waiters where matches(waiter) {
      woken.append(waiter.woken(.refused(.invalidHandle, length: 0)))
    }
    if !woken.isEmpty { waiters.removeAll(where: matches) }
    return woken
  }

  /// Takes a handle that is about to go off its box's counts.
  mutating func forget(_ handle: OpenHandle) {
    guard let index = boxIndex(id: handle.descriptor) else { return }
    boxes[index].handleCount -= 1
    if handle.tap != nil { boxes[index].tapCount -= 1 }
  }

  mutating func removeBoxes(_ matches: (Mailbox) -> Bool) -> MailboxRemoval {
    var removal = MailboxRemoval()
    for box in boxes where matches(box) { removal.descriptors.append(box.id) }
    guard !removal.descriptors.isEmpty else { return removal }
    let gone = removal.descriptors
    removal.woken = endWaits { gone.contains($0.descriptor) }
    for handle in handles where gone.contains(handle.descriptor) { removal.closed.append(handle.reference) }
    handles.removeAll { gone.contains($0.descriptor) }
    boxes.removeAll { gone.contains($0.id) }
    return removal
  }

  /// Drops from a fan-out box what every reader has read.
  mutating func trim(_ index: Int) {
    guard boxes[index].isFanOut, !boxes[index].queue.isEmpty else { return }
    var oldest = boxes[index].queue.end
    let id = boxes[index].id
    for handle in handles where handle.descriptor == id && handle.isReader {
      if handle.cursor.sequence < oldest.sequence { oldest = handle.cursor }
    }
    boxes[index].queue.remove(before: oldest)
  }
}
