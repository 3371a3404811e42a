public import HSXHAL

extension Store {
  /// The states of all slots. Reads no memory.
  public var slots: SlotTable {
    var table = SlotTable(count: layout.slotCount)
    for slot in table.indices { table[slot] = state(of: slot) }
    return table
  }

  /// The state of a slot; `empty` for one that does not exist. Reads no memory.
  public func state(of slot: UInt16) -> SlotState {
    Int(slot) < layout.slotCount ? SlotState(rawValue: journal.value(of: .slot, slot) ?? 0) : .empty
  }

  /// The states of all slots as they will be when these records hold.
  @inline(never)
  func slots(with records: Span<Record>) -> SlotTable {
    var table = slots
    for index in records.indices where records[index].subject == UInt16(Record.Kind.slot.rawValue) {
      let record = records[index]
      table[record.argument] = SlotState(rawValue: record.kind == .tombstone ? 0 : record.value)
    }
    return table
  }

  /// Changes the record of one slot. Fails with `slotState`.
  @inline(never)
  mutating func change<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, to state: SlotState, in memory: inout Memory
  ) throws(StoreError) {
    var table = slots
    try table.change(slot, to: state)
    let records: InlineArray<1, Record> = [Record(slot, state)]
    try journal.commit(records.span, in: &memory)
  }

  /// What a slot holds. One flipped bit in each part is corrected.
  ///
  /// Fails with `slotState` unless the slot was sealed and is not free again, with `damaged` if it cannot be read.
  @inline(never)
  public func descriptor<Memory: NonvolatileMemory & ~Copyable>(
    of slot: UInt16, in memory: inout Memory
  ) throws(StoreError) -> ImageDescriptor {
    let state = state(of: slot)
    guard state.phase.rawValue >= SlotState.Phase.verified.rawValue else { throw .slotState(slot, state) }
    let start = layout.offset(ofSlot: Int(slot))
    let next = start &+ ImageDescriptor.aboutStart(writeUnit: memory.geometry.writeUnit)
    var descriptor = ImageDescriptor()
    guard descriptor.identity.read(at: start, in: &memory).isUsable,
      descriptor.about.read(at: next, in: &memory).isUsable, descriptor.length > 0,
      descriptor.length <= layout.slotSize &- ImageDescriptor.imageStart
    else { throw .damaged(slot) }
    return descriptor
  }

  /// Reads a slot's image from `offset`. Nothing is verified here.
  ///
  /// Fails with `slotState` if nothing is in the slot, with `imageSize` behind its end.
  public func read<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, at offset: Int, into bytes: inout MutableSpan<UInt8>, in memory: inout Memory
  ) throws(StoreError) {
    let state = state(of: slot)
    guard state.phase != .empty else { throw .slotState(slot, state) }
    let room = layout.slotSize &- ImageDescriptor.imageStart
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
  init(_ slot: UInt16, _ state: SlotState) {
    self = state.rawValue == 0 ? .tombstone(.slot, slot) : Record(.slot, slot, state.rawValue)
  }
}
