import HSXHAL

/// The part of staging that knows no digest.
extension Store {
  /// Finds the slot for an image: the one in which a transfer of this identity stopped, then `taken` says where; else the one
  /// overwritten most gladly. Ends with `rejected`, `noSlot`, `wrongSize`.
  mutating func claim<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) -> Outcome {
    if !writer.isLengthKnown { writer.limit = room }
    writer.slot = -1
    if writer.isHashKnown {
      let rejected = search(&writer.identity, 32, 1 &<< SlotState.Phase.rejected.bits, in: &memory)
      if rejected != 0 { return Outcome(rejected: rejected) }
      // It goes on if its length is the same, too.
      writer.slot = search(&writer.identity, 36, 1 &<< SlotState.Phase.staging.bits, in: &memory) &- 1
    }
    if writer.slot >= 0 {
      var done = (raw(writer.slot) &>> 6) &* 256
      let unit = memory.geometry.eraseUnit
      // Where an erase unit begins, at a multiple of 256.
      while unit > 0, done % unit != 0 { done &-= 256 }
      done &-= ImageDescriptor.imageStart
      if done > 0, done <= writer.limit { writer.taken = done }
    } else {
      var table = table()
      let newest = table.newestRejection()
      var best = 0
      for slot in 0..<Layout.mostSlots {
        let rank = table.rank(slot, newest)
        if rank > best {
          writer.slot = slot
          best = rank
        }
      }
      if best == 0 { return .noSlot }
    }
    if UInt(bitPattern: writer.limit &- 1) < UInt(bitPattern: room) { return .done }
    writer.taken = writer.limit
    writer.limit = room
    return .wrongSize
  }

  /// Lets a slot be STAGING with nothing written.
  ///
  /// The record comes first: from then on nobody believes what the slot holds.
  @inline(__always)
  mutating func prepare<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) -> Outcome {
    writer.taken = 0
    var outcome = record(&writer, SlotState.Phase.staging.bits, in: &memory)
    if outcome.isDone { outcome = erase(start(writer.slot), in: &memory) }
    if outcome.isDone, writer.isNamed { outcome = save(&writer.identity, writer.slot, in: &memory) }
    return outcome
  }

  /// Erases the units that begin in the 256 bytes from `start`.
  @inline(never)
  private mutating func erase<Memory: NonvolatileMemory & ~Copyable>(
    _ start: Int, in memory: inout Memory
  ) -> Outcome {
    let unit = memory.geometry.eraseUnit
    if unit <= 0 { return .done }
    var sector = (start &+ unit &- 1) / unit
    while sector &* unit < start &+ 256 {
      do {
        try memory.erase(sector: sector)
      } catch {
        return fault(at: start)
      }
      sector &+= 1
    }
    return .done
  }

  /// Programs a part of a slot's descriptor.
  @inline(never)
  private mutating func save<Memory: NonvolatileMemory & ~Copyable>(
    _ part: inout Words, _ slot: Int, in memory: inout Memory
  ) -> Outcome {
    let start = place(&part, slot, memory.geometry.writeUnit)
    return part.program(at: start, in: &memory) ? .done : fault(at: start)
  }

  /// Answers that the memory failed here.
  private mutating func fault(at offset: Int) -> Outcome {
    journal.faultOffset = UInt32(truncatingIfNeeded: offset)
    return .failed
  }

  /// Takes bytes, and programs each 256 that are full.
  @inline(never)
  mutating func put<Memory: NonvolatileMemory & ~Copyable>(
    _ bytes: Span<UInt8>, _ writer: inout SlotWriter, in memory: inout Memory
  ) -> Outcome {
    if writer.isClosed { return .closed }
    if bytes.count > writer.limit &- writer.taken {
      writer.refusal = .imageSize(found: writer.taken &+ bytes.count, expected: writer.limit)
      return .refused
    }
    writer.isClosed = true
    for index in bytes.indices {
      writer.tail[writer.taken & 255] = bytes[index]
      writer.taken &+= 1
      if writer.taken & 255 == 0 {
        let outcome = flush(&writer, 256, in: &memory)
        if !outcome.isDone { return outcome }
      }
    }
    writer.isClosed = false
    return .done
  }

  /// Programs the bytes behind the last multiple of 256 that is programmed, `count` of them; marks the progress at each
  /// 4 KiB.
  @inline(never)
  private mutating func flush<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, _ count: Int, in memory: inout Memory
  ) -> Outcome {
    let place = ImageDescriptor.imageStart &+ (writer.taken &- 1) & ~255
    let offset = start(writer.slot) &+ place
    let outcome = erase(offset, in: &memory)
    if !outcome.isDone { return outcome }
    do {
      // The mask tells the compiler that it lies inside.
      let bytes = writer.tail.span.extracting(0..<((count &- 1) & 255 &+ 1))
      try memory.program(bytes, at: offset)
    } catch {
      return fault(at: offset)
    }
    return (writer.taken &+ 256) & 4095 != 0 ? .done : mark(&writer, in: &memory)
  }

  /// Makes lasting what is written, and that it is, if the transfer can go on.
  @inline(never)
  mutating func mark<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) -> Outcome {
    // Without an identity of its own the slot may show that of an earlier image; nothing is there for that to go on with.
    if !writer.isNamed { return .done }
    let place = ImageDescriptor.imageStart &+ writer.taken & ~255
    guard journal.sync(&memory) else { return .failed }
    return record(&writer, SlotState.Phase.staging.bits | (place &>> 8) &<< 6, in: &memory)
  }

  /// Nothing is taken any more, and nobody writes the slot.
  @inline(never)
  mutating func close(_ writer: inout SlotWriter) {
    writer.isClosed = true
    busy &= ~(1 &<< UInt32(truncatingIfNeeded: writer.slot))
  }

  /// Programs what is left of a complete image. Whatever happens, no more bytes are taken.
  mutating func finish<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, in memory: inout Memory
  ) -> Outcome {
    writer.isClosed = true
    var count = writer.taken & 255
    if count == 0 { return .done }
    while count & (memory.geometry.writeUnit &- 1) != 0 {
      writer.tail[count & 255] = memory.geometry.erasedValue
      count &+= 1
    }
    return flush(&writer, count, in: &memory)
  }

  /// Writes what of the descriptor is missing, and makes all lasting, if the image is wanted.
  mutating func describe<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, _ identity: inout Words, _ about: inout Words, in memory: inout Memory
  ) -> Outcome {
    if writer.isHashKnown, !Words.areSame(&identity, &writer.identity, 32) {
      return .otherHash
    }
    let rejected = search(&identity, 32, 1 &<< SlotState.Phase.rejected.bits, in: &memory)
    if rejected != 0 { return Outcome(rejected: rejected) }
    // Once it is STAGING anew, a transfer that is cut short begins anew: the words of its descriptor are used.
    var outcome = record(&writer, SlotState.Phase.staging.bits, in: &memory)
    if outcome.isDone, !writer.isNamed { outcome = save(&identity, writer.slot, in: &memory) }
    if outcome.isDone { outcome = save(&about, writer.slot, in: &memory) }
    if outcome.isDone, !journal.sync(&memory) { return .failed }
    return outcome
  }

  /// Writes the record of the slot; 0 frees it. It is the writer's since `claim`: STAGING, or to be.
  @inline(never)
  mutating func record<Memory: NonvolatileMemory & ~Copyable>(
    _ writer: inout SlotWriter, _ next: Int, in memory: inout Memory
  ) -> Outcome {
    let records: InlineArray<1, Record> = [Record(writer.slot, next)]
    do throws(StoreError) {
      try journal.commit(records.span, in: &memory)
    } catch {
      writer.refusal = error
      return .refused
    }
    return .done
  }

  /// Throws why a step was not done.
  @inline(never)
  mutating func require(_ outcome: Outcome, _ writer: inout SlotWriter) throws(StoreError) {
    let slot = UInt16(truncatingIfNeeded: writer.slot)
    switch outcome.number {
    case 0: return
    case Outcome.failed.number: throw journal.fault
    case Outcome.refused.number: throw writer.refusal
    case Outcome.noSlot.number: throw .noSlot
    case Outcome.closed.number: throw obstacle(writer.slot)
    case Outcome.wrongSize.number: throw .imageSize(found: writer.taken, expected: writer.limit)
    case Outcome.otherHash.number: throw .hashMismatch(slot)
    case Outcome.damaged.number: throw .damaged(slot)
    default: throw .hashRejected(UInt16(truncatingIfNeeded: outcome.number &- 1))
    }
  }
}
