public import HSXHAL

/// The ring of records: everything small that must survive a power cut, as pages of which the newest counts.
///
/// A page is a header, a snapshot of all that holds, a COMMIT, and behind it one record a change. When it is full the next
/// page takes over with a snapshot of the same; a turn of the page never changes what holds. `Docs/persistence_layout.md`
/// has the bytes, the faults, and the argument.
///
/// The journal is a value beside its memory: 64 bytes, and four for each of `capacity` entries. It allocates nothing.
public struct Journal<let capacity: Int>: Sendable {
  let ring: Ring
  /// What holds.
  var table = LiveTable<capacity>()
  /// The page that counts, by its sequence.
  var sequence: UInt32 = 0
  /// The newest page of which it is proved that its COMMIT was programmed to the end; it is not erased before a newer is.
  var sound: UInt32 = 0
  /// The highest sequence ever seen on the memory.
  var highest: UInt32 = 0
  /// The highest erase count seen, for a page whose own is lost.
  var highestErases: UInt32 = 0
  /// The next free cell of the page.
  var tail: UInt16 = 0
  /// How many pages before this one belong to it.
  var depth: UInt8 = 0
  /// The same of the sound page.
  var soundDepth: UInt8 = 0
  /// The next record needs a new page with a snapshot: nothing is programmed behind a tail found at mount, nor behind a
  /// record that read back wrong.
  var needsSnapshot = true
  /// What is wrong with the memory, as far as it is known.
  public internal(set) var condition: Condition = []

  init(_ ring: Ring) {
    self.ring = ring
  }

  /// What is stored of `kind` and `argument`: nil if nothing is. Reads no memory.
  public func value(of kind: Record.Kind, _ argument: UInt16) -> UInt16? {
    table.value(of: kind, argument)
  }

  /// Entries that hold.
  public var count: Int { table.count }

  /// The entry number `index`, 0 to `count` - 1, ordered by kind and argument. Reads no memory.
  public func record(at index: Int) -> Record {
    table.record(at: index)
  }

  /// Stores `records`: one, or several of which after any power cut all hold or none. When it returns, they hold.
  ///
  /// No records at all are an empty batch: it stores nothing and proves the page. A single record that changes nothing is
  /// not programmed. Cost: a cell a record, one more for several or for a new entry; at most one turn of the page.
  ///
  /// Fails with `full` before anything is programmed, with `memory` if every page refuses; then the old state holds
  /// here, and after the next mount either.
  public mutating func commit<Memory: NonvolatileMemory & ~Copyable>(
    _ records: Span<Record>, in memory: inout Memory
  ) throws(StoreError) {
    var additions = 0
    for index in records.indices {
      let record = records[index]
      guard record.kind.rawValue > 2 || (record.argument != 0 && record.argument != 0xFFFF) else {
        throw .keyInvalid(record.argument)
      }
      guard record.kind != .tombstone else { continue }
      if let known = table.value(of: record.kind, record.argument) {
        if records.count == 1, known == record.value { return }
      } else {
        additions &+= 1
      }
    }
    let cells = cells(of: memory.geometry)
    // A record of something new goes as a batch of one, so that when it is the last of the page and one of its bits flips,
    // the end behind it bears witness that it was there.
    let isBatch = records.count != 1 || additions != 0
    let needed = records.count &+ (isBatch ? 1 : 0)
    // In a fresh page the snapshot and the COMMIT come first; and what holds then must leave room for the next change.
    let held = table.count &+ (additions > needed ? additions : needed) &+ 3
    guard held <= cells else { throw .full(needed: held, available: cells) }
    guard table.count &+ additions <= capacity else {
      throw .full(needed: table.count &+ additions, available: capacity)
    }
    var fault = MemoryFault.refused(at: ring.offset)
    for _ in 0..<ring.pageCount {
      if needsSnapshot || Int(tail) &+ needed > cells { try turn(in: &memory) }
      do {
        if try append(records, isBatch: isBatch, in: &memory) {
          for index in records.indices { _ = table.apply(records[index]) }
          return
        }
      } catch {
        fault = error
      }
      needsSnapshot = true
    }
    throw .memory(fault)
  }

  /// Programs the records at the tail. False if one reads back wrong.
  private mutating func append<Memory: NonvolatileMemory & ~Copyable>(
    _ records: Span<Record>, isBatch: Bool, in memory: inout Memory
  ) throws(MemoryFault) -> Bool {
    for index in records.indices {
      guard try put(records[index], isMember: isBatch, in: &memory) else { return false }
    }
    if isBatch {
      try memory.sync()
      let end = Record(.batchEnd, UInt16(truncatingIfNeeded: records.count), 0)
      guard try put(end, isMember: false, in: &memory) else { return false }
    }
    try memory.sync()
    return true
  }
}
