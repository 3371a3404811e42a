public import HSXHAL

extension Journal {
  /// Stores `records`: one, or several of which after any power cut all hold or none. When it returns, they hold.
  ///
  /// A single record that changes nothing is not programmed. Cost: a cell a record, one more for several or for a new entry;
  /// at most one turn of the page.
  ///
  /// Fails with `keyInvalid` or `full` before anything is programmed, with `memory` if every page refuses: then the old
  /// state holds here, and at the next mount the old or the new.
  public mutating func commit<Memory: NonvolatileMemory & ~Copyable>(
    _ records: Span<Record>, in memory: inout Memory
  ) throws(StoreError) {
    guard records.count > 0 else { return }
    var additions = 0
    for index in records.indices {
      let kind = records[index].kind.rawValue
      let argument = records[index].argument
      if kind <= Record.Kind.value1.rawValue, argument &+ 1 < 2 { throw .keyInvalid(argument) }
      if let known = table.value(of: kind, argument) {
        // Before the first turn of a boot what is read is not settled: a word that a cut left weak may read otherwise next time.
        if records.count == 1, known == records[index].value, !needsSnapshot { return }
      } else if kind != Record.Kind.tombstone.rawValue {
        additions &+= 1
      }
    }
    // A record of something new goes as a batch of one, so that when it is the last of the page and one of its bits flips,
    // the end behind it bears witness that it was there.
    let isBatch = records.count > 1 || additions > 0
    let needed = isBatch ? records.count &+ 1 : 1
    // In a fresh page the snapshot and the COMMIT come first; and what holds then must leave room for the next change.
    let cellsNeeded = table.count &+ needed &+ 3
    let entriesNeeded = table.count &+ additions
    if cellsNeeded > cells { throw .full(needed: cellsNeeded, available: cells) }
    if entriesNeeded > capacity { throw .full(needed: entriesNeeded, available: capacity) }
    for _ in 0..<Int(pages) {
      if needsSnapshot || Int(tail) &+ needed > cells {
        guard turn(in: &memory) else { break }
        // Pages that were retired on the way took cells of their own.
        if Int(tail) &+ needed > cells { throw .full(needed: Int(tail) &+ needed, available: cells) }
      }
      if append(records, isBatch: isBatch, in: &memory) {
        for index in records.indices {
          _ = table.apply(records[index].kind.rawValue, records[index].data)
        }
        return
      }
      needsSnapshot = true
    }
    throw fault
  }

  /// Programs the records at the tail. False if one fails or reads back wrong.
  @inline(never)
  private mutating func append<Memory: NonvolatileMemory & ~Copyable>(
    _ records: Span<Record>, isBatch: Bool, in memory: inout Memory
  ) -> Bool {
    for index in records.indices {
      let code = records[index].kind.rawValue &+ (isBatch ? RecordCode.member : 0)
      guard put(code, records[index].data, in: &memory) else { return false }
    }
    if isBatch {
      let end = UInt32(truncatingIfNeeded: records.count)
      guard sync(&memory), put(Record.Kind.batchEnd.rawValue, end, in: &memory) else { return false }
    }
    return sync(&memory)
  }
}

extension Record {
  /// Argument and value, as in a cell.
  var data: UInt32 { UInt32(argument) | UInt32(value) &<< 16 }
}
