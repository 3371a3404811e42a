import HSXHAL

/// The part of staging that knows no digest. What answers a Bool leaves in the writer why it is false.
extension Store {
  /// Finds the slot for an image: the one in which a transfer of this identity stopped, then `taken` says where; else the one
  /// overwritten most gladly. Fails with `hashRejected`, `noSlot`.
  @inline(never)
  mutating func claim<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) -> Bool {
    let room = self.room
    guard writer.limit > 0, writer.limit <= room else {
      return writer.fail(
        layout.slotCount == 0 ? .noSlot : .imageSize(found: writer.limit, expected: room))
    }
    writer.slot = -1
    if writer.isHashKnown {
      guard isWanted(&writer, in: &memory) else { return false }
      // It goes on if its length is the same, too.
      writer.slot = search(&writer.identity, 36, 1 &<< SlotState.Phase.staging.bits, in: &memory)
    }
    if writer.slot >= 0 {
      var done = (raw(writer.slot) &>> 6) &* 256
      let unit = memory.geometry.eraseUnit
      // Where an erase unit begins, at a multiple of 256.
      while unit > 0, done % unit != 0 { done &-= 256 }
      done &-= ImageDescriptor.imageStart
      if done > 0, done <= writer.limit { writer.taken = done }
      return true
    }
    var table = table()
    var bestRank = 0
    for slot in 0..<table.count where !isBusy(slot) {
      let rank = table.rank(slot)
      if rank > bestRank {
        writer.slot = slot
        bestRank = rank
      }
    }
    return bestRank > 0 || writer.fail(.noSlot)
  }

  /// Whether no image of this hash was rejected. Fails with `hashRejected`.
  @inline(never)
  private mutating func isWanted<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) -> Bool {
    let slot = search(&writer.identity, 32, 1 &<< SlotState.Phase.rejected.bits, in: &memory)
    return slot < 0 || writer.fail(.hashRejected(UInt16(truncatingIfNeeded: slot)))
  }

  /// Lets a slot be STAGING with nothing written.
  ///
  /// The record comes first: from then on nobody believes what the slot holds.
  mutating func prepare<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) -> Bool {
    writer.taken = 0
    // Where nothing is erased an identity of earlier must not be taken for this image's; a hash of zeros is nobody's.
    let isNamed = writer.isKnown || memory.geometry.eraseUnit == 0
    return record(&writer, SlotState.Phase.staging.bits, in: &memory)
      && (erase(writer.slot, 0, in: &memory)
        && (!isNamed || save(&writer.identity, writer.slot, in: &memory)) || writer.fail(journal.fault))
  }

  /// Erases the units that begin in the 256 bytes from a place in a slot. False if that fails, with `journal.fault`.
  @inline(never)
  private mutating func erase<Memory: NonvolatileMemory & ~Copyable>(
    _ slot: Int, _ place: Int, in memory: inout Memory
  ) -> Bool {
    let unit = memory.geometry.eraseUnit
    if unit <= 0 { return true }
    let start = self.start(slot) &+ place
    var sector = (start &+ unit &- 1) / unit
    while sector &* unit < start &+ 256 {
      do {
        try memory.erase(sector: sector)
      } catch {
        return fault(at: start)
      }
      sector &+= 1
    }
    return true
  }

  /// Programs a part of a slot's descriptor. False if that fails, with `journal.fault`.
  @inline(never)
  private mutating func save<Memory: NonvolatileMemory & ~Copyable>(
    _ part: inout Words, _ slot: Int, in memory: inout Memory
  ) -> Bool {
    let start = place(&part, slot, memory.geometry.writeUnit)
    return part.program(at: start, in: &memory) || fault(at: start)
  }

  /// Answers false because of the memory, as `journal.fault` will say.
  private mutating func fault(at offset: Int) -> Bool {
    journal.faultOffset = UInt32(truncatingIfNeeded: offset)
    return false
  }

  /// Answers false because of the state of the slot.
  @inline(never)
  private mutating func refuse(_ writer: inout SlotWriter) -> Bool { writer.fail(obstacle(writer.slot)) }

  /// Takes bytes, and programs each 256 that are full.
  @inline(never)
  mutating func put<Memory: NonvolatileMemory & ~Copyable>(
    _ bytes: Span<UInt8>, _ writer: inout SlotWriter, in memory: inout Memory
  ) -> Bool {
    if writer.isClosed { return refuse(&writer) }
    guard bytes.count <= writer.limit &- writer.taken else {
      return writer.fail(.imageSize(found: writer.taken &+ bytes.count, expected: writer.limit))
    }
    writer.isClosed = true
    for index in bytes.indices {
      writer.tail[writer.taken & 255] = bytes[index]
      writer.taken &+= 1
      if writer.taken & 255 == 0, !flush(&writer, 256, in: &memory) { return false }
    }
    writer.isClosed = false
    return true
  }

  /// Programs the bytes behind the last multiple of 256 that is programmed, `count` of them; marks the progress at each
  /// 4 KiB.
  @inline(never)
  private mutating func flush<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, _ count: Int, in memory: inout Memory
  ) -> Bool {
    let place = ImageDescriptor.imageStart &+ (writer.taken &- 1) & ~255
    guard erase(writer.slot, place, in: &memory) else { return writer.fail(journal.fault) }
    do {
      // The mask tells the compiler that it lies inside.
      let bytes = writer.tail.span.extracting(0..<((count &- 1) & 255 &+ 1))
      try memory.program(bytes, at: start(writer.slot) &+ place)
    } catch {
      return writer.fail(.memory(error))
    }
    return (place &+ 256) & 4095 != 0 || mark(&writer, in: &memory)
  }

  /// Makes lasting what is written, and that it is.
  @inline(never)
  mutating func mark<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) -> Bool {
    let place = ImageDescriptor.imageStart &+ writer.taken & ~255
    return (journal.sync(&memory) || writer.fail(journal.fault))
      && record(&writer, SlotState.Phase.staging.bits | (place &>> 8) &<< 6, in: &memory)
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
  ) -> Bool {
    if writer.isClosed { return refuse(&writer) }
    if writer.taken == 0 || writer.isLengthKnown && writer.taken != writer.limit {
      return writer.fail(.imageSize(found: writer.taken, expected: writer.limit))
    }
    // Whatever happens from here, no more bytes are taken.
    writer.isClosed = true
    var count = writer.taken & 255
    if count == 0 { return true }
    while count & (memory.geometry.writeUnit &- 1) != 0 {
      writer.tail[count & 255] = memory.geometry.erasedValue
      count &+= 1
    }
    return flush(&writer, count, in: &memory)
  }

  /// Writes what of the descriptor is missing, and makes all lasting, if the image is wanted.
  @inline(never)
  mutating func describe<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, _ descriptor: inout ImageDescriptor, in memory: inout Memory
  ) -> Bool {
    if writer.isHashKnown, !descriptor.identity.isSame(as: &writer.identity, 32) {
      return writer.fail(.hashMismatch(UInt16(truncatingIfNeeded: writer.slot)))
    }
    writer.identity = descriptor.identity
    // Once it is STAGING anew, a transfer that is cut short begins anew: the words of its descriptor are used.
    return isWanted(&writer, in: &memory) && record(&writer, SlotState.Phase.staging.bits, in: &memory)
      && ((writer.isKnown || save(&writer.identity, writer.slot, in: &memory))
        && save(&descriptor.about, writer.slot, in: &memory) && journal.sync(&memory)
        || writer.fail(journal.fault))
  }

  /// Writes the record of the slot; 0 frees it. Fails with `slotState` if the table of states forbids that.
  @inline(never)
  mutating func record<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, _ next: Int, in memory: inout Memory
  ) -> Bool {
    // What is written anew was free for a moment.
    let phase = next == SlotState.Phase.staging.bits ? 0 : next & 7
    guard SlotState.allows(raw(writer.slot) & 7, phase) else { return refuse(&writer) }
    let records: InlineArray<1, Record> = [Record(UInt16(truncatingIfNeeded: writer.slot), next)]
    do throws(StoreError) {
      try journal.commit(records.span, in: &memory)
    } catch {
      return writer.fail(error)
    }
    return true
  }
}
