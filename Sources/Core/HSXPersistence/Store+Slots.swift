public import HSXHAL

extension Store {
  /// The states of all slots. Reads no memory.
  @inline(never)
  public var slots: SlotTable {
    var table = SlotTable(count: layout.slotCount)
    for slot in 0..<table.count {
      table.load(slot, Int(journal.value(of: .slot, UInt16(truncatingIfNeeded: slot)) ?? 0))
    }
    return table
  }

  /// The state of a slot; `empty` for one that does not exist. Reads no memory.
  @inline(never)
  public func state(of slot: UInt16) -> SlotState {
    Int(slot) < layout.slotCount ? SlotState(rawValue: journal.value(of: .slot, slot) ?? 0) : .empty
  }

  /// What a slot holds. One flipped bit in each part is corrected.
  ///
  /// Fails with `slotState` unless the slot was sealed and is not free again, with `damaged` if it cannot be read.
  @inline(never)
  public func descriptor<Memory: NonvolatileMemory & ~Copyable>(
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
  func load<Memory: NonvolatileMemory & ~Copyable>(
    _ descriptor: inout ImageDescriptor, _ slot: Int, in memory: inout Memory
  ) -> Bool {
    let start = layout.offset(ofSlot: slot)
    return descriptor.identity.read(at: start, in: &memory)
      && descriptor.about.read(
        at: start &+ ImageDescriptor.aboutStart(memory.geometry.writeUnit), in: &memory)
      && descriptor.length > 0 && descriptor.length <= room
  }

  /// The most bytes that an image may have.
  var room: Int { layout.slotSize &- ImageDescriptor.imageStart }

  /// Reads a slot's image from `offset`. Nothing is verified here.
  ///
  /// Fails with `slotState` if nothing is in the slot, with `imageSize` behind its end.
  public func read<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, at offset: Int, into bytes: inout MutableSpan<UInt8>, in memory: inout Memory
  ) throws(StoreError) {
    let state = state(of: slot)
    guard state.phase != .empty else { throw .slotState(slot, state) }
    guard offset >= 0, bytes.count <= room, offset <= room &- bytes.count else {
      throw .imageSize(found: offset, expected: room)
    }
    do {
      try memory.read(
        at: layout.offset(ofSlot: Int(slot)) &+ ImageDescriptor.imageStart &+ offset, into: &bytes)
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
