public import HSXHAL

/// The audit trail: what happened, newest last, in a ring of pages of its own. The oldest goes when there is no room.
///
/// A page is a header of 32 bytes and records of 32. A turn of the page copies the newest records, up to 64 or half a page, and
/// writes the header last: so they are always in one page whose header counts, whatever cut comes. A record names itself by its
/// number and its CRC, so one that is read twice, from an old page and a copy, is one.
///
/// On a memory with erase units the first record of a start turns the page: nothing is ever programmed behind what a start
/// found, since a record that was cut short can read as erased. At most 60 records are written an hour; a refusal that comes
/// again is counted, and written when something else needs its place, or by `flush`.
public struct AuditLog: Sendable {
  let ring: Ring
  /// What has been found: nothing is read before the first use.
  var isMounted = false
  /// The position of the page that is written.
  var current = 0
  /// The next free record of the page; past its end if the page must be turned.
  var tail = Int.max
  /// The number of the newest record.
  var newest: UInt32 = 0
  /// The number of this start.
  var boot: UInt16 = 1
  private var hour = Instant.zero
  private var writtenInHour = 0
  private var dropped: UInt16 = 0
  private var refusals = InlineArray<4, AuditRecord>(repeating: AuditRecord(code: 0))
  private var nextRefusal = 0

  /// Records that may be written in an hour.
  public static var mostInHour: Int { 60 }

  init(_ ring: Ring) { self.ring = ring }

  /// Notes something. When it returns true, it is lasting; false means that it was dropped or only counted.
  ///
  /// `isRefusal` says that it is one of those that a peer can cause at will: equal ones are counted in one. A log without pages keeps nothing.
  public mutating func append<Memory: NonvolatileMemory & ~Copyable>(
    _ record: AuditRecord, isRefusal: Bool = false, at now: Instant, in memory: inout Memory
  ) throws(StoreError) -> Bool {
    if isRefusal {
      for index in 0..<4 where refusals[index].sequence != 0 && refusals[index].isRepetition(of: record) {
        if refusals[index].count < .max { refusals[index].count &+= 1 }
        return false
      }
      // The oldest that is remembered makes room.
      try tell(nextRefusal, at: now, in: &memory)
    }
    let isWritten = try admit(record, at: now, in: &memory)
    if isRefusal {
      refusals[nextRefusal] = record
      refusals[nextRefusal].count = 0
      refusals[nextRefusal].sequence = 1
      nextRefusal = (nextRefusal &+ 1) & 3
    }
    return isWritten
  }

  /// Writes what was only counted so far: for a graceful stop, or once an hour.
  public mutating func flush<Memory: NonvolatileMemory & ~Copyable>(
    at now: Instant, in memory: inout Memory
  ) throws(StoreError) {
    for index in 0..<4 { try tell(index, at: now, in: &memory) }
  }

  /// Writes how often a refusal came again, and forgets it.
  private mutating func tell<Memory: NonvolatileMemory & ~Copyable>(
    _ index: Int, at now: Instant, in memory: inout Memory
  ) throws(StoreError) {
    let refusal = refusals[index]
    refusals[index].sequence = 0
    guard refusal.sequence != 0, refusal.count > 0 else { return }
    _ = try admit(refusal, at: now, in: &memory)
  }

  /// Writes a record unless there were too many in this hour.
  private mutating func admit<Memory: NonvolatileMemory & ~Copyable>(
    _ record: AuditRecord, at now: Instant, in memory: inout Memory
  ) throws(StoreError) -> Bool {
    guard ring.pageCount > 0 else { return false }
    if now.milliseconds(since: hour) >= 3_600_000 {
      hour = now
      writtenInHour = 0
    }
    guard writtenInHour < AuditLog.mostInHour else {
      if dropped < .max { dropped &+= 1 }
      return false
    }
    writtenInHour &+= 1
    mount(in: &memory)
    var record = record
    record.sequence = newest &+ 1
    record.seconds = UInt32(truncatingIfNeeded: now.milliseconds / 1000)
    record.boot = boot
    record.dropped = dropped
    try write(record, in: &memory)
    newest = record.sequence
    dropped = 0
    return true
  }
}
