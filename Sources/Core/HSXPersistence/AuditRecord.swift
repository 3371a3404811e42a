/// One thing that happened, as the audit log keeps it: 32 bytes.
///
/// | bytes | meaning |
/// |---|---|
/// | 0–3 | number of the record, from 1 |
/// | 4–7 | seconds since the node started |
/// | 8–9 | number of the start, counted by the log |
/// | 10–11 | what happened |
/// | 12–15 | who asked |
/// | 16–19, 20–23 | what it was about |
/// | 24–25 | how often |
/// | 26–27 | records before it that were too many |
/// | 28–31 | CRC-32 |
public struct AuditRecord: Equatable, Sendable {
  /// The number of the record, from 1; one that is missing was lost. The log gives it.
  public internal(set) var sequence: UInt32 = 0
  /// Seconds since the node started. The log gives it.
  public internal(set) var seconds: UInt32 = 0
  /// Which start of the node: the log counts those in which it was written.
  public internal(set) var boot: UInt16 = 0
  /// What happened; the caller's numbers.
  public var code: UInt16
  /// Who asked for it; the caller's numbers.
  public var peer: UInt32
  /// What it was about: a slot, a key, a hash's first bytes.
  public var subject: UInt32
  /// More of that.
  public var detail: UInt32
  /// How often it happened since the last record of the same.
  public internal(set) var count: UInt16 = 1
  /// Records before this one that were too many in their hour and were dropped; stays at 65,535.
  public internal(set) var dropped: UInt16 = 0

  /// A record of this.
  public init(code: UInt16, peer: UInt32 = 0, subject: UInt32 = 0, detail: UInt32 = 0) {
    self.code = code
    self.peer = peer
    self.subject = subject
    self.detail = detail
  }

  init(_ words: borrowing Words) {
    self.init(code: words[half: 5], peer: words[3], subject: words[4], detail: words[5])
    sequence = words[0]
    seconds = words[1]
    boot = words[half: 4]
    count = words[half: 12]
    dropped = words[half: 13]
  }

  var words: Words {
    var words = Words(Words.entry)
    words[0] = sequence
    words[1] = seconds
    words[half: 4] = boot
    words[half: 5] = code
    words[3] = peer
    words[4] = subject
    words[5] = detail
    words[half: 12] = count
    words[half: 13] = dropped
    return words
  }

  /// Whether it tells of the same thing, done by the same.
  func isRepetition(of other: AuditRecord) -> Bool {
    code == other.code && peer == other.peer && subject == other.subject && detail == other.detail
  }
}
