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
    var segment = 0 as UInt8
    while index >= Int(ends[Int(segment)]) { segment &+= 1 }
    return Record(
      Record.Kind(rawValue: segment &+ 1) ?? .value0, UInt16(truncatingIfNeeded: entries[index] &>> 16),
      UInt16(truncatingIfNeeded: entries[index]))
  }

  /// The kind of the entry number `index`.
  mutating func kind(at index: Int) -> UInt8 {
    var segment = 0
    while segment < 5, index >= Int(ends[segment]) { segment &+= 1 }
    return UInt8(truncatingIfNeeded: segment &+ 1)
  }

  /// Argument and value of the entry number `index`, as in a cell.
  mutating func data(at index: Int) -> UInt32 { entries[index] &>> 16 | entries[index] &<< 16 }

  /// Entries of one kind.
  func count(of kind: UInt8) -> Int {
    Int(ends[Int(kind &- 1)]) &- (kind > 1 ? Int(ends[Int(kind &- 2)]) : 0)
  }

  /// The number of what is known of `kind` and `argument`, nil if nothing is; for readers.
  subscript(kind: UInt8, argument: UInt16) -> UInt16? {
    var copy = self
    return copy.value(of: kind, argument)
  }

  /// The number of what is known of `kind` and `argument`, nil if nothing is.
  ///
  /// It changes nothing. That it says `mutating` keeps the compiler from copying the whole table for a look at it, as all of this
  /// type and of `Journal` that a microcontroller calls often.
  mutating func value(of kind: UInt8, _ argument: UInt16) -> UInt16? {
    let place = place(of: kind, argument)
    return place < 0 ? nil : UInt16(truncatingIfNeeded: entries[place])
  }

  /// The same as a number, 0 if nothing is known.
  mutating func number(of kind: UInt8, _ argument: UInt16) -> Int {
    let place = place(of: kind, argument)
    return place < 0 ? 0 : Int(truncatingIfNeeded: entries[place] & 0xFFFF)
  }

  /// Applies a record: sets what it names, or, for a tombstone and for a slot that is free, forgets it. Kinds that do not hold by themselves change
  /// nothing. False if there is no place.
  @inline(never)
  mutating func apply(_ code: UInt8, _ data: UInt32) -> Bool {
    let kind = code == Record.Kind.tombstone.rawValue ? UInt8(truncatingIfNeeded: data &>> 16) : code
    guard kind &- 1 < 6 else { return true }
    let place = place(of: kind, UInt16(truncatingIfNeeded: data))
    let entry = data &<< 16 | data &>> 16
    if code != kind || code == Record.Kind.slot.rawValue && data &>> 16 == 0 {
      if place >= 0 { move(kind, from: place, by: -1) }
    } else if place >= 0 {
      entries[place] = entry
    } else {
      guard count < capacity else { return false }
      move(kind, from: ~place, by: 1)
      entries[~place] = entry
    }
    return true
  }

  /// Makes a gap at `start`, or closes one.
  private mutating func move(_ kind: UInt8, from start: Int, by step: Int) {
    var segment = Int(kind) &- 1
    while segment < 6 {
      ends[segment] = UInt16(truncatingIfNeeded: Int(ends[segment]) &+ step)
      segment &+= 1
    }
    var index = step < 0 ? start : count &- 1
    while step < 0 ? index < count : index > start {
      entries[index] = entries[index &- step]
      index &-= step
    }
  }

  /// Where the entry is, or the complement of where it would be.
  @inline(never)
  private mutating func place(of kind: UInt8, _ argument: UInt16) -> Int {
    let segment = Int(kind &- 1)
    guard segment < 6 else { return ~0 }
    var index = segment == 0 ? 0 : Int(ends[segment &- 1])
    while index < Int(ends[segment]) {
      let found = UInt16(truncatingIfNeeded: entries[index] &>> 16)
      if found >= argument { return found == argument ? index : ~index }
      index &+= 1
    }
    return ~index
  }
}
