import HSXHAL

/// The part of staging that knows no digest.
extension Store {
  /// Whether a slot is being written now.
  private mutating func isBusy(_ slot: Int) -> Bool { busy &>> UInt32(truncatingIfNeeded: slot) & 1 != 0 }

  /// The slot for an image, -1 if there is none: the one in which a transfer of this identity stopped, else the one overwritten
  /// most gladly. `isKnown` says whether the identity is, and then whether a transfer stopped. Fails with `hashRejected`.
  @inline(never)
  private mutating func choose<Memory: NonvolatileMemory & ~Copyable>(
    _ identity: inout Words, _ isKnown: inout Bool, in memory: inout Memory
  ) throws(StoreError) -> Int {
    let isWanted = isKnown
    isKnown = false
    var table = table()
    var best = -1
    var bestRank = 0
    for slot in 0..<table.count where !isBusy(slot) {
      let phase = table.raw(slot) & 7
      let rank = table.rank(slot)
      if isWanted,
        phase == Int(SlotState.Phase.rejected.rawValue) || phase == Int(SlotState.Phase.staging.rawValue)
      {
        var words = Words(Words.identity)
        let isRejected = phase != Int(SlotState.Phase.staging.rawValue)
        // A transfer goes on if its length is the same, too.
        if words.read(at: start(slot), in: &memory), words.isSame(as: &identity, isRejected ? 32 : 36) {
          if isRejected { throw .hashRejected(UInt16(truncatingIfNeeded: slot)) }
          isKnown = true
          return slot
        }
      }
      if rank > bestRank {
        best = slot
        bestRank = rank
      }
    }
    return best
  }

  /// Finds a slot and lets it be STAGING.
  @inline(never)
  mutating func claim<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) throws(StoreError) {
    var isResumed = writer.isHashKnown
    writer.slot = try choose(&writer.identity, &isResumed, in: &memory)
    if writer.slot < 0 { throw .noSlot }
    if isResumed {
      var done = (raw(writer.slot) &>> 6) &* 256
      let unit = memory.geometry.eraseUnit
      // Where an erase unit begins, at a multiple of 256.
      while unit > 0, done % unit != 0 { done &-= 256 }
      writer.taken = done &- ImageDescriptor.imageStart
      if writer.taken > 0, writer.taken <= writer.limit { return }
    }
    try prepare(&writer, in: &memory)
  }

  /// Lets a slot be STAGING with nothing written.
  ///
  /// The record comes first: from then on nobody believes what the slot holds.
  @inline(never)
  mutating func prepare<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) throws(StoreError) {
    writer.taken = 0
    try record(writer.slot, Int(SlotState.Phase.staging.rawValue), in: &memory)
    guard erase(writer.slot, 0, in: &memory) else { throw journal.fault }
    // Where nothing is erased an identity of earlier must not be taken for this image's; a hash of zeros is nobody's.
    if writer.isKnown || memory.geometry.eraseUnit == 0 {
      try writer.identity.write(at: start(writer.slot), in: &memory)
    }
  }

  /// Erases the units that begin in the 256 bytes from a place in a slot. False if that fails.
  @inline(never)
  private mutating func erase<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: Int, _ place: Int, in memory: inout Memory
  ) -> Bool {
    let unit = memory.geometry.eraseUnit
    var offset = start(slot) &+ place
    let end = offset &+ 256
    while unit > 0, offset < end {
      if offset % unit == 0 {
        do {
          try memory.erase(sector: offset / unit)
        } catch {
          journal.faultOffset = UInt32(truncatingIfNeeded: offset)
          return false
        }
      }
      offset &+= memory.geometry.writeUnit
    }
    return true
  }

  /// Takes bytes, and programs each 256 that are full.
  @inline(never)
  mutating func put<Memory: NonvolatileMemory & ~Copyable>(
    _ bytes: Span<UInt8>, _ writer: inout SlotWriter, in memory: inout Memory
  ) throws(StoreError) {
    if writer.isClosed { throw obstacle(writer.slot) }
    guard bytes.count <= writer.limit &- writer.taken else {
      throw .imageSize(found: writer.taken &+ bytes.count, expected: writer.limit)
    }
    writer.isClosed = true
    for index in bytes.indices {
      writer.tail[writer.taken & 255] = bytes[index]
      writer.taken &+= 1
      if writer.taken & 255 == 0 { try flush(&writer, 256, in: &memory) }
    }
    writer.isClosed = false
  }

  /// Programs the bytes behind the last multiple of 256 that is programmed, `count` of them; marks the progress at each
  /// 4 KiB.
  @inline(never)
  private mutating func flush<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, _ count: Int, in memory: inout Memory
  ) throws(StoreError) {
    let place = ImageDescriptor.imageStart &+ (writer.taken &- 1) & ~255
    guard erase(writer.slot, place, in: &memory) else { throw journal.fault }
    do {
      try memory.program(
        writer.tail.span.extracting(0..<(count & 0x1FF)), at: start(writer.slot) &+ place)
    } catch {
      throw .memory(error)
    }
    if (place &+ 256) & 4095 == 0 { try mark(&writer, in: &memory) }
  }

  /// Makes lasting what is written, and that it is.
  @inline(never)
  mutating func mark<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) throws(StoreError) {
    guard journal.sync(&memory) else { throw journal.fault }
    let place = ImageDescriptor.imageStart &+ writer.taken & ~255
    try record(writer.slot, Int(SlotState.Phase.staging.rawValue) | (place &>> 8) &<< 6, in: &memory)
  }

  /// Nothing is taken any more, and nobody writes the slot.
  @inline(never)
  mutating func close(_ writer: inout SlotWriter) {
    writer.isClosed = true
    busy &= ~(1 &<< UInt32(truncatingIfNeeded: writer.slot))
  }

  /// Programs what is left, if the image is complete.
  @inline(never)
  mutating func finish<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) throws(StoreError) {
    if writer.isClosed { throw obstacle(writer.slot) }
    if writer.taken == 0 || writer.isLengthKnown && writer.taken != writer.limit {
      throw .imageSize(found: writer.taken, expected: writer.limit)
    }
    // Whatever happens from here, no more bytes are taken.
    writer.isClosed = true
    var count = writer.taken & 255
    if count == 0 { return }
    while count & (memory.geometry.writeUnit &- 1) != 0 {
      writer.tail[count & 255] = memory.geometry.erasedValue
      count &+= 1
    }
    try flush(&writer, count, in: &memory)
  }

  /// Writes what of the descriptor is missing, and makes all lasting, if the image is wanted.
  @inline(never)
  mutating func describe<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, _ descriptor: inout ImageDescriptor, in memory: inout Memory
  ) throws(StoreError) {
    if writer.isHashKnown, !descriptor.identity.isSame(as: &writer.identity) {
      throw .hashMismatch(UInt16(truncatingIfNeeded: writer.slot))
    }
    var isWanted = true
    _ = try choose(&descriptor.identity, &isWanted, in: &memory)
    // From here on a transfer that is cut short begins anew: the words of its descriptor are used.
    try record(writer.slot, Int(SlotState.Phase.staging.rawValue), in: &memory)
    if !writer.isKnown { try descriptor.identity.write(at: start(writer.slot), in: &memory) }
    let next = aboutStart(writer.slot, memory.geometry.writeUnit)
    try descriptor.about.write(at: next, in: &memory)
    guard journal.sync(&memory) else { throw journal.fault }
  }

  /// Writes the record of one slot; 0 frees it. Fails with `slotState` if the table of states forbids that.
  @inline(never)
  mutating func record<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: Int, _ next: Int, in memory: inout Memory
  ) throws(StoreError) {
    let phase = raw(slot) & 7
    // What is written anew was free for a moment.
    let isAllowed =
      next == Int(SlotState.Phase.staging.rawValue)
      ? SlotState.allows(phase, 0) : SlotState.allows(phase, next & 7)
    guard isAllowed else { throw obstacle(slot) }
    let records: InlineArray<1, Record> = [Record(UInt16(truncatingIfNeeded: slot), next)]
    try journal.commit(records.span, in: &memory)
  }
}
