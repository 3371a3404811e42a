public import HSXHAL

/// A place in the audit log, from which the next older record is read. Made anew, it stands before the newest.
///
/// While it is in use, nothing may be appended.
public struct AuditCursor: Sendable {
  private var page = 0
  private var index = 0
  /// Pages below this sequence are still to come.
  private var limit = UInt32.max
  /// Records below this number are still to come.
  private var number = UInt32.max
  /// Where the record read last stands.
  private(set) var offset = 0

  /// A cursor before the newest record.
  public init() {}

  /// The next older record, nil when there is none. What is damaged is left out; the numbers show where.
  ///
  /// Cost: a header of each page when a page is done, and 32 bytes a record.
  public mutating func next<Memory: NonvolatileMemory & ~Copyable>(
    of log: AuditLog, in memory: inout Memory
  ) -> AuditRecord? {
    while true {
      while index > 0 {
        index &-= 1
        var words = Words(Words.entry)
        offset = log.offset(page, index)
        // One that is in two pages is read once.
        guard words.read(at: offset, in: &memory), words[0] < number, words[0] > 0 else { continue }
        number = words[0]
        return AuditRecord(words)
      }
      guard limit > 0, let next = log.newestPage(below: limit, in: &memory) else { return nil }
      page = next.page
      limit = next.sequence
      index = log.end(of: page, in: &memory)
    }
  }
}
