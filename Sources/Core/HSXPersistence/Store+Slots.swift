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
    return SlotState(rawValue: UInt16(truncatingIfNeeded: store.raw(Int(slot))))
  }

  // What follows is mutating so that the store is not copied for a call; only what says so changes anything.

  /// The state of a slot, 0 outside.
  @inline(never)
  mutating func raw(_ slot: Int) -> Int {
    slot < layout.slotCount
      ? Int(journal.table.value(of: Record.Kind.slot.rawValue, UInt16(truncatingIfNeeded: slot)) ?? 0) : 0
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
    .slotState(UInt16(truncatingIfNeeded: slot), SlotState(rawValue: UInt16(truncatingIfNeeded: raw(slot))))
  }

  /// The first byte of a slot.
  @inline(never)
  mutating func start(_ slot: Int) -> Int { layout.offset(ofSlot: slot) }

  /// What a slot holds. One flipped bit in each part is corrected.
  ///
  /// Fails with `slotState` unless the slot was sealed and is not free again, with `damaged` if it cannot be read.
  @inline(never)
  public mutating func descriptor<Memory: NonvolatileMemory & ~Copyable>(
    of slot: UInt16, in memory: inout Memory
  ) throws(StoreError) -> ImageDescriptor {
    let state = state(of: slot)
    guard state.rawValue & 7 >= UInt16(SlotState.Phase.verified.rawValue) else {
      throw .slotState(slot, state)
    }
    var descriptor = ImageDescriptor()
    guard load(&descriptor, Int(slot), in: &memory) else { throw .damaged(slot) }
    return descriptor
  }

  /// Reads both parts of a slot's descriptor. False if it cannot be read.
  @inline(never)
  mutating func load<Memory: NonvolatileMemory & ~Copyable>(
    _ descriptor: inout ImageDescriptor, _ slot: Int, in memory: inout Memory
  ) -> Bool {
    descriptor.identity.read(at: start(slot), in: &memory) && loadAbout(&descriptor.about, slot, in: &memory)
      && descriptor.identity.word(8) &- 1 < UInt32(truncatingIfNeeded: room)
  }

  /// Where the second part of a slot's descriptor stands.
  @inline(never)
  mutating func aboutStart(_ slot: Int, _ writeUnit: Int) -> Int {
    start(slot) &+ (writeUnit > 16 ? 64 : writeUnit > 8 ? 48 : 40)
  }

  /// Reads the second part of a slot's descriptor. False if it cannot be read.
  @inline(never)
  mutating func loadAbout<Memory: NonvolatileMemory & ~Copyable>(
    _ about: inout Words, _ slot: Int, in memory: inout Memory
  ) -> Bool {
    about.read(at: aboutStart(slot, memory.geometry.writeUnit), in: &memory)
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
  /// The record of a slot's state: none for a free one.
  init(_ slot: UInt16, _ state: Int) {
    self = Record(
      state == 0 ? .tombstone : .slot, slot,
      state == 0 ? UInt16(Kind.slot.rawValue) : UInt16(truncatingIfNeeded: state))
  }
}
