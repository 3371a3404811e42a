import HSXHAL

/// The part of staging that knows no digest.
extension Store {
  /// Bytes after which the progress of a transfer is made lasting: whole erase units.
  private func stride(_ geometry: Geometry) -> Int {
    geometry.eraseUnit > 0
      ? (4095 &+ geometry.eraseUnit) / geometry.eraseUnit &* geometry.eraseUnit : 4096
  }

  /// Bytes of one step as a slot's record counts them: 256, more in slots above 255 KiB.
  private var step: Int {
    var step = 256
    while layout.slotSize / step > 1023 { step &*= 2 }
    return step
  }

  /// Forgets that a slot is being written.
  mutating func free(_ slot: UInt16) { busy &= ~(1 &<< UInt32(slot)) }

  /// The slot in which a transfer of this identity stopped, if one did. Fails with `hashRejected`.
  @inline(never)
  func find<Memory: NonvolatileMemory & ~Copyable>(
    _ identity: Words, in memory: inout Memory
  ) throws(StoreError) -> UInt16? {
    var found: UInt16?
    let table = slots
    for slot in table.indices {
      let phase = table[slot].phase
      guard phase == .rejected || phase == .staging && !isBusy(slot) else { continue }
      var words = Words(Words.identity)
      let finding = words.read(at: layout.offset(ofSlot: Int(slot)), in: &memory)
      guard finding.isUsable, words.isSame(as: identity) else { continue }
      if phase == .rejected { throw .hashRejected(slot) }
      if words[8] == identity[8] { found = slot }
    }
    return found
  }

  /// Whether a slot is being written now.
  private func isBusy(_ slot: UInt16) -> Bool { busy &>> UInt32(slot) & 1 != 0 }

  /// Finds a slot and lets it be STAGING.
  @inline(never)
  mutating func claim<Memory: NonvolatileMemory & ~Copyable>(
    _ identity: Words, isKnown: Bool, isHashKnown: Bool, in memory: inout Memory
  ) throws(StoreError) -> SlotWriter {
    if isHashKnown, let slot = try find(identity, in: &memory), isKnown {
      var done = state(of: slot).steps &* step
      let unit = memory.geometry.eraseUnit
      if unit > 0 { done = done / unit &* unit }
      var writer = SlotWriter(slot: slot, limit: 0)
      writer.taken = done &- ImageDescriptor.imageStart
      if writer.taken > 0, writer.taken <= Int(truncatingIfNeeded: identity[8]) { return writer }
      writer.taken = 0
      try prepare(slot, identity, isKnown: true, in: &memory)
      return writer
    }
    guard let slot = slots.overwritable(besides: busy) else { throw .noSlot }
    try prepare(slot, identity, isKnown: isKnown, in: &memory)
    return SlotWriter(slot: slot, limit: 0)
  }

  /// Lets a slot be STAGING with nothing written.
  ///
  /// The record comes first: from then on nobody believes what the slot holds.
  @inline(never)
  mutating func prepare<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, _ identity: Words, isKnown: Bool, in memory: inout Memory
  ) throws(StoreError) {
    try change(slot, to: SlotState(.staging), in: &memory)
    let start = layout.offset(ofSlot: Int(slot))
    let unit = memory.geometry.eraseUnit
    if unit > 0 {
      try memory.clear(from: start, size: unit)
    }
    if isKnown {
      var identity = identity
      try identity.write(at: start, in: &memory)
    } else if unit == 0 {
      // An identity of earlier must not be taken for this image's.
      let size = memory.geometry.writeUnit > 8 ? memory.geometry.writeUnit : 8
      try memory.clear(from: start, size: size)
    }
  }

  /// Takes bytes, programs whole write units, and marks the progress.
  @inline(never)
  mutating func put<Memory: NonvolatileMemory & ~Copyable>(
    _ bytes: Span<UInt8>, _ writer: inout SlotWriter, in memory: inout Memory
  ) throws(StoreError) {
    guard !writer.isBroken else { throw .slotState(writer.slot, state(of: writer.slot)) }
    guard bytes.count <= writer.limit &- writer.taken else {
      throw .imageSize(found: writer.taken &+ bytes.count, expected: writer.limit)
    }
    writer.isBroken = true
    let unit = memory.geometry.writeUnit
    let stride = stride(memory.geometry)
    var index = 0
    while index < bytes.count {
      let place = ImageDescriptor.imageStart &+ writer.taken &- writer.tailCount
      var count = bytes.count &- index
      if writer.tailCount > 0 || count < unit {
        writer.tail[writer.tailCount] = bytes[index]
        writer.tailCount &+= 1
        writer.taken &+= 1
        index &+= 1
        guard writer.tailCount == unit else { continue }
        writer.tailCount = 0
        count = unit
        try program(writer.tail.span.extracting(0..<unit), writer.slot, at: place, in: &memory)
      } else {
        let room = stride &- place % stride
        count = count < room ? count / unit &* unit : room
        try program(bytes.extracting(index..<(index &+ count)), writer.slot, at: place, in: &memory)
        writer.taken &+= count
        index &+= count
      }
      if (place &+ count) % stride == 0 { try remark(writer, in: &memory) }
    }
    writer.isBroken = false
  }

  /// Programs whole write units at a place in a slot; the erase units that begin there are erased first.
  @inline(never)
  private func program<Memory: NonvolatileMemory & ~Copyable>(
    _ bytes: Span<UInt8>, _ slot: UInt16, at place: Int, in memory: inout Memory
  ) throws(StoreError) {
    let unit = memory.geometry.eraseUnit
    let start = layout.offset(ofSlot: Int(slot)) &+ place
    if unit > 0 {
      // The first unit was erased when the slot was taken.
      var next = (place &+ unit &- 1) / unit &* unit
      while next < place &+ bytes.count {
        try memory.clear(from: start &+ next &- place, size: unit)
        next &+= unit
      }
    }
    do { try memory.program(bytes, at: start) } catch { throw .memory(error) }
  }

  /// Makes lasting what is written, and that it is.
  @inline(never)
  mutating func remark<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: SlotWriter, in memory: inout Memory
  ) throws(StoreError) {
    try memory.settle()
    let place = ImageDescriptor.imageStart &+ writer.taken &- writer.tailCount
    try change(writer.slot, to: SlotState(.staging, upper: place / step), in: &memory)
  }

  /// Fills the last write unit and makes everything lasting.
  @inline(never)
  func pad<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) throws(StoreError) {
    guard !writer.isBroken else { throw .slotState(writer.slot, state(of: writer.slot)) }
    if writer.tailCount > 0 {
      let place = ImageDescriptor.imageStart &+ writer.taken &- writer.tailCount
      let unit = memory.geometry.writeUnit
      while writer.tailCount < unit {
        writer.tail[writer.tailCount] = memory.geometry.erasedValue
        writer.tailCount &+= 1
      }
      try program(writer.tail.span.extracting(0..<unit), writer.slot, at: place, in: &memory)
    }
    try memory.settle()
  }

  /// Writes what of the descriptor is missing, and lets the slot be VERIFIED.
  @inline(never)
  mutating func describe<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, _ identity: Words, _ about: Words, isWritten: Bool, in memory: inout Memory
  ) throws(StoreError) {
    let start = layout.offset(ofSlot: Int(slot))
    var identity = identity
    var about = about
    if !isWritten { try identity.write(at: start, in: &memory) }
    try about.write(
      at: start &+ ImageDescriptor.aboutStart(writeUnit: memory.geometry.writeUnit), in: &memory)
    try memory.settle()
    try change(slot, to: SlotState(.verified), in: &memory)
  }
}

extension Words.Finding {
  /// Whether the words are what was written.
  var isUsable: Bool { self == .whole || self == .corrected }
}
