public import HSXHAL

extension Store {
  /// The states of all slots. Reads no memory.
  public var slots: SlotTable {
    var store = self
    return store.table()
  }

  /// The state of a slot; `empty` for one that does not exist. Reads no memory.
  public func state(of slot: UInt16) -> SlotState {
    var store = self
    return SlotState(store.raw(Int(slot)))
  }

  // What follows is mutating so that the store is not copied for a call; only what says so changes anything.

  /// The state of a slot, 0 outside. One in a phase that no version writes is free; one that is being written now has that phase.
  @inline(never)
  mutating func raw(_ slot: Int) -> Int {
    guard slot < layout.slotCount else { return 0 }
    let stored = journal.table.number(of: Record.Kind.slot.rawValue, UInt16(truncatingIfNeeded: slot))
    let state = stored & 7 == SlotState.busy ? 0 : stored
    return busy &>> UInt32(truncatingIfNeeded: slot) & 1 != 0 ? state | SlotState.busy : state
  }

  /// The states of all slots.
  @inline(never)
  mutating func table() -> SlotTable {
    var table = SlotTable(count: layout.slotCount)
    for slot in 0..<table.count { table.load(slot, raw(slot)) }
    return table
  }

  /// What stands in the way.
  @inline(never)
  mutating func obstacle(_ slot: Int) -> StoreError {
    .slotState(UInt16(truncatingIfNeeded: slot), SlotState(raw(slot)))
  }

  /// The first byte of a slot.
  @inline(never)
  mutating func start(_ slot: Int) -> Int { layout.offset(ofSlot: slot) }

  /// What a slot holds. One flipped bit in each part is corrected.
  ///
  /// Fails with `slotState` unless the slot was sealed and is not free again, with `damaged` if it cannot be read, with `memory` if
  /// the memory refused to.
  @inline(never)
  public mutating func descriptor<Memory: NonvolatileMemory & ~Copyable>(
    of slot: UInt16, in memory: inout Memory
  ) throws(StoreError) -> ImageDescriptor {
    guard SlotState.isSealed(raw(Int(slot))) else { throw obstacle(Int(slot)) }
    var descriptor = ImageDescriptor()
    guard load(&descriptor, Int(slot), in: &memory) else {
      throw unusable(slot, descriptor.isRefused)
    }
    return descriptor
  }

  /// Why a slot could not be read.
  mutating func unusable(_ slot: UInt16, _ isRefused: Bool) -> StoreError {
    isRefused ? .memory(.refused(at: start(Int(slot)))) : .damaged(slot)
  }

  /// Reads both parts of a slot's descriptor. False if it cannot be read.
  @inline(never)
  mutating func load<Memory: NonvolatileMemory & ~Copyable>(
    _ descriptor: inout ImageDescriptor, _ slot: Int, in memory: inout Memory
  ) -> Bool {
    load(&descriptor.identity, slot, in: &memory) && load(&descriptor.about, slot, in: &memory)
      && descriptor.identity.word(8) &- 1 < UInt32(truncatingIfNeeded: room)
  }

  /// Where a part of a slot's descriptor stands, the identity or what is behind it at the next write unit.
  @inline(never)
  mutating func place(_ part: inout Words, _ slot: Int, _ writeUnit: Int) -> Int {
    let first = Words.identity &* 4
    return start(slot) &+ (part.size == first ? 0 : (first &+ writeUnit &- 1) & (0 &- writeUnit))
  }

  /// Reads a part of a slot's descriptor. False if it cannot be read.
  @inline(never)
  mutating func load<Memory: NonvolatileMemory & ~Copyable>(
    _ part: inout Words, _ slot: Int, in memory: inout Memory
  ) -> Bool {
    part.read(at: place(&part, slot, memory.geometry.writeUnit), in: &memory)
  }

  /// The last slot in one of these phases, a bit each, that nobody writes and whose part of the descriptor begins with the same
  /// bytes, `count` of them, counted from 1; 0 if there is none. What was rejected because its slot is damaged says nothing against its hash.
  @inline(never)
  mutating func search<Memory: NonvolatileMemory & ~Copyable>(
    _ part: inout Words, _ count: Int, _ phases: Int, in memory: inout Memory
  ) -> Int {
    var words = part
    var slot = layout.slotCount
    while slot > 0 {
      slot &-= 1
      let state = raw(slot)
      if phases &>> (state & 7) & 1 != 0,
        state & (SlotState.causes | 7) != SlotState.rejectedAsDamaged,
        load(&words, slot, in: &memory),
        Words.areSame(&words, &part, count)
      {
        return slot &+ 1
      }
    }
    return 0
  }

  /// The most bytes that an image may have.
  var room: Int {
    mutating get { layout.slotSize &- ImageDescriptor.imageStart }
  }

  /// Reads a slot's image from `offset`. Nothing is verified here.
  ///
  /// Fails with `slotState` if nothing is in the slot, with `imageSize` behind its end.
  public mutating func read<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, at offset: Int, into bytes: inout MutableSpan<UInt8>, in memory: inout Memory
  ) throws(StoreError) {
    guard raw(Int(slot)) & 7 != 0 else { throw obstacle(Int(slot)) }
    guard offset >= 0, bytes.count <= room, offset <= room &- bytes.count else {
      throw .imageSize(found: offset, expected: room)
    }
    do {
      try memory.read(
        at: start(Int(slot)) &+ ImageDescriptor.imageStart &+ offset, into: &bytes)
    } catch {
      throw .memory(error)
    }
  }
}

extension Record {
  /// The record of a slot's state.
  init(_ slot: Int, _ state: Int) {
    self = Record(.slot, UInt16(truncatingIfNeeded: slot), UInt16(truncatingIfNeeded: state))
  }
}
