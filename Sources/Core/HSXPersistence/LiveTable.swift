/// What holds: four bytes an entry, sorted by kind and argument, in a place of fixed size.
///
/// A look-up costs a walk over the entries of its kind. They are few, and code is dearer than time here.
struct LiveTable<let capacity: Int> {
  private var entries = InlineArray<capacity, UInt32>(repeating: 0)
  /// Where the entries of each kind end, `value0` first; those of a kind begin where those before it end.
  private var ends = InlineArray<6, UInt16>(repeating: 0)

  /// All entries.
  var count: Int { Int(ends[5]) }

  /// The entry number `index` as a record.
  func record(at index: Int) -> Record {
    var kind = 0
    while index >= Int(ends[kind]) { kind &+= 1 }
    return Record(
      Record.Kind(rawValue: UInt8(truncatingIfNeeded: kind &+ 1)) ?? .value0,
      UInt16(truncatingIfNeeded: entries[index] &>> 16), UInt16(truncatingIfNeeded: entries[index]))
  }

  /// The number of what is known of `kind` and `argument`, nil if nothing is.
  func value(of kind: Record.Kind, _ argument: UInt16) -> UInt16? {
    let place = place(of: kind, argument)
    return place.isTaken ? UInt16(truncatingIfNeeded: entries[place.index]) : nil
  }

  /// Applies a record: sets what it names, or, for a tombstone, forgets it. False if there is no place.
  mutating func apply(_ record: Record) -> Bool {
    guard record.kind != .tombstone else {
      if let kind = Record.Kind(rawValue: UInt8(truncatingIfNeeded: record.value)) { remove(kind, record.argument) }
      return true
    }
    let place = place(of: record.kind, record.argument)
    if !place.isTaken {
      guard count < capacity else { return false }
      var index = count
      while index > place.index {
        entries[index] = entries[index &- 1]
        index &-= 1
      }
      shiftEnds(from: record.kind, by: 1)
    }
    entries[place.index] = UInt32(record.argument) &<< 16 | UInt32(record.value)
    return true
  }

  private mutating func remove(_ kind: Record.Kind, _ argument: UInt16) {
    let place = place(of: kind, argument)
    guard place.isTaken else { return }
    shiftEnds(from: kind, by: -1)
    var index = place.index
    while index < count {
      entries[index] = entries[index &+ 1]
      index &+= 1
    }
  }

  private mutating func shiftEnds(from kind: Record.Kind, by step: Int16) {
    var index = Int(kind.rawValue) &- 1
    while index < 6 {
      ends[index] = UInt16(truncatingIfNeeded: Int16(truncatingIfNeeded: ends[index]) &+ step)
      index &+= 1
    }
  }

  /// Where the entry is, or would be. A kind that does not live in the table is nowhere.
  private func place(of kind: Record.Kind, _ argument: UInt16) -> (index: Int, isTaken: Bool) {
    let segment = Int(kind.rawValue) &- 1
    guard segment < 6 else { return (0, false) }
    var index = segment == 0 ? 0 : Int(ends[segment &- 1])
    while index < Int(ends[segment]) {
      let found = UInt16(truncatingIfNeeded: entries[index] &>> 16)
      if found >= argument { return (index, found == argument) }
      index &+= 1
    }
    return (index, false)
  }
}
