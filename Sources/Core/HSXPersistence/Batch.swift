/// Records that are to hold together: all, or after a power cut none.
///
/// The functions of `Store` that change slots put records into a batch, look at those that it has already, and change nothing
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

  /// Adds a record; one that the batch has of the same kind and argument is replaced. Fails with `full`.
  @inline(never)
  public mutating func append(_ record: Record) throws(StoreError) {
    for index in 0..<count
    where records[index].kind == record.kind && records[index].argument == record.argument {
      if record.kind == .tombstone && records[index].value != record.value { continue }
      records[index] = record
      return
    }
    guard count < capacity else { throw .full(needed: count &+ 1, available: capacity) }
    records[count] = record
    count &+= 1
  }

  /// Takes all out.
  public mutating func removeAll() { count = 0 }

  /// The number that the batch gives to `kind` and `argument`, nil if it says nothing of them.
  func value(of kind: Record.Kind, _ argument: UInt16) -> UInt16? {
    var index = count
    while index > 0 {
      index &-= 1
      let record = records[index]
      guard record.argument == argument else { continue }
      if record.kind == kind { return record.value }
      if record.kind == .tombstone, record.value == UInt16(kind.rawValue) { return 0 }
    }
    return nil
  }
}
