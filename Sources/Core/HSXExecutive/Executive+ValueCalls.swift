public import HSXHAL
import HSXMailbox
import HSXProvisioning
public import HSXRegistry
import HXE
import MiniVM

extension Executive where Memory: ~Copyable {
  /// What R0 becomes for an unknown function of modules 7 and 8: EINVAL.
  static var unknownObjectFunction: UInt32 { 4 }

  /// Module 7.
  mutating func answerValueCall(_ pid: PID, _ function: UInt8, now: Instant) {
    let id = ObjectID(UInt16(truncatingIfNeeded: argument(1, of: pid)))
    switch function {
    case 0: registerValue(pid, now: now)
    case 1:
      let id = argumentPair(pid)
      answer(pid, registries.objects.values[id] == nil ? ValueStatus.notFound : .ok)
      if registries.objects.values[id] != nil { setRegister(1, of: pid, to: UInt32(id.rawValue)) }
    case 2:
      let found = registries.objects.values.get(id, caller: .task(pid))
      answer(pid, UInt32(found.status.rawValue) << 16 | UInt32(found.bits))
    case 3:
      let bits = UInt16(truncatingIfNeeded: argument(2, of: pid))
      answer(pid, setValue(id, to: bits, caller: .task(pid), now: now))
    case 4: list(registries.objects.values.ids(inGroup:), pid)
    case 5: subscribe(pid, to: id, now: now)
    case 6:
      setPersistence(pid, of: id, now: now)
    default: answer(pid, Self.unknownObjectFunction)
    }
  }

  private mutating func setPersistence(_ pid: PID, of id: ObjectID, now: Instant) {
    let result = registries.objects.values.persist(id, mode: argument(2, of: pid), caller: .task(pid))
    answer(pid, result.status)
    guard let key = result.loadKey, let value = stored(key, generation: generation(of: pid)) else { return }
    if let change = registries.objects.values.restore(id, to: value.bits).change {
      announce(change, now: now)
    }
  }

  private func generation(of pid: PID) -> UInt8 {
    tasks.first { $0.pid == pid }?.generation ?? 0
  }

  mutating func answer(_ pid: PID, _ status: ValueStatus) {
    answer(pid, UInt32(status.rawValue))
  }

  /// The object that R1 and R2 name as group and number.
  func argumentPair(_ pid: PID) -> ObjectID {
    ObjectID(
      group: UInt8(truncatingIfNeeded: argument(1, of: pid)),
      member: UInt8(truncatingIfNeeded: argument(2, of: pid)))
  }

  // MARK: Setting

  /// Sets a value for whoever asks, and tells everybody who must know.
  public mutating func setValue(
    _ id: ObjectID, to bits: UInt16, caller: Caller, now: Instant
  ) -> ValueStatus {
    let result = registries.objects.values.set(id, to: bits, caller: caller, now: now)
    if let change = result.change { announce(change, now: now) }
    return result.status
  }

  private mutating func announce(_ change: ValueChange, now: Instant) {
    events.emit(
      .valueChanged(
        objectID: change.id.rawValue, owner: change.owner, caller: change.caller, old: change.old,
        new: change.new),
      pid: change.owner, now: now)
    for subscription in change.subscribers {
      notify(subscription.mailbox, change.notice, from: change.owner, now: now)
    }
  }

  /// Sends a notice to a mailbox. A box that is full or gone loses it: the value itself is there to be read.
  private mutating func notify(_ mailbox: UInt32, _ notice: [UInt8], from sender: PID, now: Instant) {
    let delivery = registries.mailboxes.send(
      notice.span, to: mailbox, source: sender, flags: [], channel: 0, now: now)
    report(
      delivery, from: sender, handle: nil, length: UInt32(notice.count), flags: [], channel: 0, now: now)
  }

  // MARK: Registering

  private mutating func registerValue(_ pid: PID, now: Instant) {
    let id = argumentPair(pid)
    let flags = ValueFlags(rawValue: UInt8(truncatingIfNeeded: argument(3, of: pid)))
    let memory = bytes(of: pid, at: 0, count: Machine.memorySize)
    do throws(RegistryError) {
      let chain = try descriptorChain(of: pid, in: memory)
      if let key = chain.persistKey, let task = tasks.first(where: { $0.pid == pid }),
        storedOwner(of: [key], besides: task.baseName) != nil
      {
        return answer(pid, ValueStatus.exists)
      }
      var stored: [StoredValue] = []
      if let key = chain.persistKey, let value = self.stored(key, generation: generation(of: pid)) {
        stored = [value]
      }
      let registration = try registries.objects.registerValue(
        id, flags: flags, chain: chain, in: memory.span, owner: pid, stored: stored)
      registries.report(registration.capacityChanges, now: now, events: &events)
      setRegister(1, of: pid, to: UInt32(id.rawValue))
      answer(pid, ValueStatus.ok)
      events.emit(
        .valueRegistered(
          objectID: id.rawValue, flags: flags.rawValue, authLevel: 0, owner: pid,
          name: text(of: chain.name, in: memory), group: text(of: chain.groupName, in: memory)),
        pid: pid, now: now)
    } catch {
      answer(pid, error.valueStatus)
    }
  }

  /// The descriptors that R4 points to.
  func descriptorChain(of pid: PID, in memory: [UInt8]) throws(RegistryError) -> DescriptorChain {
    do throws(ChainError) {
      return try DescriptorChain(at: argument(4, of: pid), in: memory.span)
    } catch {
      throw .invalidDescriptor(error)
    }
  }

  private func text(of range: TextRange?, in memory: [UInt8]) -> [UInt8] {
    guard let range else { return [] }
    return [UInt8](memory[Int(range.start)..<Int(range.start + range.count)])
  }

  // MARK: Listing and subscribing

  /// Writes the object ids of the group in R1 to R2, at most R3 of them, each 16 bits, little-endian.
  mutating func list(_ ids: (UInt8) -> [ObjectID], _ pid: PID) {
    let pointer = argument(2, of: pid) & 0xFFFF
    let room = min(argument(3, of: pid), (Machine.memorySize - pointer) / 2)
    let listed = ids(UInt8(truncatingIfNeeded: argument(1, of: pid))).prefix(Int(room))
    var bytes: [UInt8] = []
    for id in listed {
      bytes.append(id.member)
      bytes.append(id.group)
    }
    writeMemory(of: pid, at: pointer, bytes.span)
    setRegister(1, of: pid, to: UInt32(listed.count))
    answer(pid, ValueStatus.ok)
  }

  private mutating func subscribe(_ pid: PID, to id: ObjectID, now: Instant) {
    guard registries.objects.values[id] != nil else { return answer(pid, ValueStatus.notFound) }
    guard let target = mailboxTarget(pid, at: argument(2, of: pid)) else {
      return answer(pid, ValueStatus.invalid)
    }
    guard let opening = open(target, for: pid, .readWrite) else { return answer(pid, ValueStatus.noSpace) }
    let result = registries.objects.values.subscribe(
      id, caller: .task(pid), mailbox: opening.descriptor)
    guard result.status == .ok else {
      _ = registries.mailboxes.close(HandleReference(pid: pid, handle: opening.handle))
      return answer(pid, result.status)
    }
    setRegister(1, of: pid, to: opening.handle)
    answer(pid, ValueStatus.ok)
    if let notice = result.notice { notify(opening.descriptor, notice, from: pid, now: now) }
  }

  /// Ends a task's subscriptions whose notices it could no longer read: their places are everybody's.
  mutating func endNotices(_ pid: PID, to descriptor: UInt32) {
    guard !registries.mailboxes.isOpen(descriptor, by: pid) else { return }
    registries.objects.values.unsubscribe(pid: pid, mailbox: descriptor)
  }

  /// The mailbox named at `address`; nil if that is no name of one.
  func mailboxTarget(_ pid: PID, at address: UInt32) -> MailboxTarget? {
    guard let name = text(of: pid, at: address, limit: UInt32(ShortName.capacity)) else { return nil }
    do throws(TargetError) {
      return try MailboxTarget.parse(name.span, caller: pid)
    } catch {
      return nil
    }
  }

  /// Opens a mailbox for a task; nil if it may not, or there is no room.
  mutating func open(
    _ target: MailboxTarget, for pid: PID, _ flags: MailboxMode
  ) -> MailboxTable.Opening? {
    do throws(MailboxError) {
      return try registries.mailboxes.open(pid: pid, target: target, flags: flags)
    } catch {
      return nil
    }
  }
}
