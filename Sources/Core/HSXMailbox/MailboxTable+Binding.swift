public import HXE

extension MailboxTable {
  /// A handle that was opened.
  public struct Opening: Equatable, Sendable {
    /// The task's number for it.
    public var handle: UInt32
    /// The mailbox.
    public var descriptor: UInt32
    /// Whether the box was made for it.
    public var isNew: Bool
  }

  /// Makes a mailbox, or gives one another capacity and mode, and counts `pid` among those who declared it.
  ///
  /// - Parameter capacity: bytes; 0 keeps what the box has, or is 64 for a new one. A box may be made smaller
  ///   than what it holds: it then takes nothing until it has been read.
  /// - Parameter mode: 0 is reading and writing.
  /// - Returns: the box's number.
  ///
  /// When a box becomes fan-out, its readers see what is queued; when it ceases to be, what any reader has seen
  /// is gone, so that nothing is read twice.
  public mutating func bind(
    pid: UInt32, target: MailboxTarget, capacity: UInt32, mode: MailboxMode
  ) throws(MailboxError) -> UInt32 {
    guard hasTask(pid) else { throw .noSuchTask }
    if pid != 0, let owner = target.owner, owner != pid { throw .notOwner(owner: owner) }
    let mode = mode.isEmpty ? MailboxMode.readWrite : mode
    guard let index = boxIndex(of: target) else {
      let index = try makeBox(
        target, capacity: capacity == 0 ? MailboxLimits.defaultCapacity : capacity, mode: mode)
      boxes[index].addDeclarer(pid)
      return boxes[index].id
    }
    let old = boxes[index]
    let capacity = capacity == 0 ? old.capacity : capacity
    let reserved = max(capacity, old.queue.bytesUsed)
    if reserved > old.reserved, reserved - old.reserved > bytesAvailable {
      throw .bytesExhausted(needed: reserved - old.reserved, available: bytesAvailable)
    }
    boxes[index].capacity = capacity
    boxes[index].addDeclarer(pid)
    change(index, to: mode)
    return old.id
  }

  /// Takes `pid` off those who declared a mailbox; it goes if it was the last and nobody has it open.
  public mutating func unbind(pid: UInt32, descriptor: UInt32) -> MailboxRemoval {
    guard let index = boxIndex(id: descriptor) else { return MailboxRemoval() }
    boxes[index].removeDeclarer(pid)
    return removeBoxes { $0.id == descriptor && $0.declarers.isEmpty && $0.handleCount == 0 }
  }

  /// Opens a mailbox for a task and makes it, with 64 bytes and reading and writing, if it is not there and is
  /// shared or the task's own. A box made so goes with its last handle unless somebody binds it.
  ///
  /// - Parameter flags: read, write, both (also for 0); with `tap` the handle is a tap from the start. A task
  ///   gets of them what the box's mode allows; its owner and those who declared it get all.
  public mutating func open(
    pid: UInt32, target: MailboxTarget, flags: MailboxMode
  ) throws(MailboxError) -> Opening {
    guard hasTask(pid) else { throw .noSuchTask }
    let limit = pid == 0 ? limits.descriptors : limits.handlesPerTask
    guard handleCount(of: pid) < limit else { throw .handlesExhausted(limit: limit) }
    let asked = flags.isDisjoint(with: .readWrite) ? MailboxMode.readWrite : flags.intersection(.readWrite)
    if let index = boxIndex(of: target) {
      let box = boxes[index]
      let granted = box.isExempt(pid) ? asked : asked.intersection(box.mode)
      if flags.contains(.tap) {
        try admitTap(pid: pid, to: box)
      } else if granted.isEmpty {
        throw .notPermitted(mode: box.mode)
      }
      let handle = addHandle(pid: pid, to: index, access: granted)
      if flags.contains(.tap) { startTap(HandleReference(pid: pid, handle: handle)) }
      return Opening(handle: handle, descriptor: box.id, isNew: false)
    }
    guard pid == 0 || target.owner == nil || target.owner == pid else { throw .noSuchMailbox }
    // A service or control box of a task that is gone must not come back by being asked for.
    if let owner = target.owner, !hasTask(owner) { throw .noSuchMailbox }
    let capacity = MailboxLimits.defaultCapacity
    let room = capacity * (flags.contains(.tap) ? 2 : 1)
    guard room <= bytesAvailable else { throw .bytesExhausted(needed: room, available: bytesAvailable) }
    let index = try makeBox(target, capacity: capacity, mode: .readWrite)
    let handle = addHandle(pid: pid, to: index, access: asked)
    if flags.contains(.tap) { startTap(HandleReference(pid: pid, handle: handle)) }
    return Opening(handle: handle, descriptor: boxes[index].id, isNew: true)
  }

  /// Closes a handle: waits through it end, and a box that nobody declared goes with its last handle.
  /// Nil if there is no such handle.
  public mutating func close(_ handle: HandleReference) -> MailboxRemoval? {
    guard let index = handleIndex(handle) else { return nil }
    var removal = MailboxRemoval()
    removal.woken = endWaits { $0.receiver == handle }
    let descriptor = handles[index].descriptor
    forget(handles[index])
    handles.remove(at: index)
    removal.add(removeBoxes { $0.id == descriptor && $0.declarers.isEmpty && $0.handleCount == 0 })
    if let box = boxIndex(id: descriptor) { trim(box) }
    return removal
  }

  /// Makes a handle a tap, or an ordinary one again. A tap gets copies of what is sent from now on, in a queue
  /// of the box's capacity that discards the oldest; it delays nobody. Unread copies are lost when it ends.
  ///
  /// - Returns: `ok`; `invalidHandle` if there is no such handle or the box does not allow taps;
  ///   `noDescriptor` if there is no room for the queue; `wouldBlock` while somebody waits through the handle.
  public mutating func tap(_ handle: HandleReference, on: Bool) -> MailboxStatus {
    guard let index = handleIndex(handle), let box = boxIndex(id: handles[index].descriptor) else {
      return .invalidHandle
    }
    guard on != (handles[index].tap != nil) else { return .ok }
    guard !waiters.contains(where: { $0.receiver == handle }) else { return .wouldBlock }
    guard on else {
      handles[index].tap = nil
      handles[index].hasOverrun = false
      handles[index].cursor = boxes[box].queue.end
      boxes[box].tapCount -= 1
      return .ok
    }
    do throws(MailboxError) {
      try admitTap(pid: handle.pid, to: boxes[box])
    } catch {
      return error.status
    }
    startTap(handle)
    trim(box)
    return .ok
  }

  // MARK: Making

  mutating func makeBox(
    _ target: MailboxTarget, capacity: UInt32, mode: MailboxMode
  ) throws(MailboxError) -> Int {
    guard boxes.count < limits.descriptors else { throw .descriptorsExhausted(needed: 1, available: 0) }
    guard capacity <= bytesAvailable else {
      throw .bytesExhausted(needed: capacity, available: bytesAvailable)
    }
    boxes.append(Mailbox(id: nextDescriptor, target: target, capacity: capacity, mode: mode))
    nextDescriptor &+= 1
    return boxes.count - 1
  }

  /// Adds the task's next handle. The caller has checked the limit.
  mutating func addHandle(pid: UInt32, to box: Int, access: MailboxMode) -> UInt32 {
    guard let task = taskIndex(pid) else { return 0 }
    let reference = HandleReference(pid: pid, handle: tasks[task].nextHandle)
    tasks[task].nextHandle &+= 1
    boxes[box].handleCount += 1
    let handle = OpenHandle(
      reference: reference, descriptor: boxes[box].id, access: access, cursor: boxes[box].queue.end)
    handles.insert(handle, at: handlePlace(reference))
    return reference.handle
  }

  private func admitTap(pid: UInt32, to box: Mailbox) throws(MailboxError) {
    guard box.isExempt(pid) || box.mode.contains(.tap) else { throw .notPermitted(mode: box.mode) }
    guard box.capacity <= bytesAvailable else {
      throw .bytesExhausted(needed: box.capacity, available: bytesAvailable)
    }
  }

  private mutating func startTap(_ handle: HandleReference) {
    guard let index = handleIndex(handle), let box = boxIndex(id: handles[index].descriptor) else { return }
    handles[index].tap = Tap(capacity: boxes[box].capacity)
    handles[index].hasOverrun = false
    boxes[box].tapCount += 1
  }

  /// Gives a box another mode; what the readers have seen and not seen stays so.
  private mutating func change(_ index: Int, to mode: MailboxMode) {
    let wasFanOut = boxes[index].isFanOut
    boxes[index].mode = mode
    guard wasFanOut != boxes[index].isFanOut else {
      if boxes[index].dropsOldest { _ = makeRoom(in: index, for: 0) }
      return
    }
    let queue = boxes[index].queue
    var newest = queue.start
    let id = boxes[index].id
    for position in handles.indices where handles[position].descriptor == id && handles[position].isReader {
      if wasFanOut {
        if handles[position].cursor.sequence > newest.sequence { newest = handles[position].cursor }
      } else {
        handles[position].cursor = queue.start
      }
    }
    guard wasFanOut else {
      trim(index)
      if boxes[index].dropsOldest { _ = makeRoom(in: index, for: 0) }
      return
    }
    for position in handles.indices
    where handles[position].descriptor == id && handles[position].isReader
      && handles[position].cursor.sequence < newest.sequence
    {
      handles[position].hasOverrun = true
    }
    boxes[index].queue.remove(before: newest)
  }
}
