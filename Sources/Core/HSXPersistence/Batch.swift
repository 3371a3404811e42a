/// Records that are to hold together: all, or after a power cut none.
///
/// The functions of `Store` that change slots put records into a batch, heed those that it has already, and change nothing
/// themselves; `Store.commit` does. Values, tombstones and floors go into the same batch.
public struct Batch<let capacity: Int> {
  private var records = InlineArray<capacity, Record>(repeating: Record(.commit, 0, 0))
  /// Records that it has.
  public private(set) var count = 0

  /// A batch without records.
  public init() {}

  /// What it holds.
  public var span: Span<Record> {
    @_lifetime(borrow self)
    get { records.span.extracting(0..<count) }
  }

  /// Adds a record; what the batch says already of the same thing is replaced. Fails with `full`.
  @inline(never)
  public mutating func append(_ record: Record) throws(StoreError) {
    var place = index(of: record.subject, record.argument)
    if place < 0 {
      guard count < capacity else { throw .full(needed: count &+ 1, available: capacity) }
      place = count
      count &+= 1
    }
    records[place] = record
  }

  /// Where the record about this is, -1 if there is none.
  @inline(never)
  mutating func index(of subject: UInt16, _ argument: UInt16) -> Int {
    var index = count
    while index > 0 {
      index &-= 1
      if records[index].argument == argument, records[index].subject == subject { return index }
    }
    return -1
  }

  /// Gives a table the states of slots that the batch has.
  mutating func load(into table: inout SlotTable) {
    var index = 0
    while index < count, index < capacity {
      if records[index].kind == .slot {
        table.load(Int(records[index].argument), Int(records[index].value))
      }
      index &+= 1
    }
  }

  /// Takes all out.
  public mutating func removeAll() { count = 0 }
}

extension Record {
  /// The kind of what the record is about, also if it says that it is no more.
  var subject: UInt16 { kind == .tombstone ? value : UInt16(kind.rawValue) }

  /// The record that forgets what has this kind and argument.
  public static func tombstone(_ kind: Kind, _ argument: UInt16) -> Record {
    Record(.tombstone, argument, UInt16(kind.rawValue))
  }
}
