public import HSXHAL

extension Journal {
  /// Lays out an empty ring. What was there is lost, but for how often its pages were erased.
  public static func format<Memory: NonvolatileMemory & ~Copyable>(
    _ ring: Ring, in memory: inout Memory
  ) throws(StoreError) -> Journal {
    var journal = Journal(ring, memory.geometry)
    for position in 0..<ring.pageCount {
      let header = journal.header(at: position, in: &memory)
      if header.sequence != 0, header.erases > journal.highestErases { journal.highestErases = header.erases }
      guard journal.erase(position, in: &memory) else { throw journal.fault }
    }
    // Nothing, but behind the COMMIT: the page is sound from its first day.
    try journal.affirm(in: &memory)
    return journal
  }

  /// Goes on to the next page. What holds stays the same. False if every page refused.
  @inline(never)
  mutating func turn<Memory: NonvolatileMemory & ~Copyable>(in memory: inout Memory) -> Bool {
    let current = sequence
    let currentDepth = depth
    // Marks of retired pages become lasting with the snapshot that is written past them; without one they go again.
    var passed: UInt64 = 0
    var target = position(of: sound)
    for _ in 0..<ring.pageCount {
      target = position(target, after: 1)
      guard !isNeeded(target),
        table.value(of: Record.Kind.retired.rawValue, UInt16(truncatingIfNeeded: target)) == nil
      else { continue }
      var old = header(at: target, in: &memory)
      if old.sequence == 0 { old.erases = highestErases }
      if ratedCycles != 0 {
        if old.erases >= ratedCycles, retire(target) { continue }
        if old.erases >= ratedCycles &- ratedCycles / 20 { condition.insert(.worn) }
      }
      let distance = position(target, after: ring.pageCount &- position(of: highest))
      highest &+= UInt32(truncatingIfNeeded: distance == 0 ? ring.pageCount : distance)
      // A page goes on from the one before it, whose tail was seen to be good; else it has a snapshot of its own.
      let goesOn =
        !needsSnapshot && highest == current &+ 1 && table.count &* 2 > cells && currentDepth &+ 1 < deepest
      sequence = highest
      depth = goesOn ? currentDepth &+ 1 : 0
      if write(target, erases: old.erases &+ 1, count: goesOn ? 0 : table.count, in: &memory) {
        sound = sequence
        soundDepth = depth
        needsSnapshot = false
        return true
      }
      sequence = current
      depth = currentDepth
      needsSnapshot = true
      if retire(target) { passed |= 1 &<< UInt64(truncatingIfNeeded: target) }
    }
    for page in 0..<64 where passed &>> UInt64(truncatingIfNeeded: page) & 1 != 0 {
      _ = table.apply(
        Record.Kind.tombstone.rawValue,
        UInt32(truncatingIfNeeded: page) | UInt32(Record.Kind.retired.rawValue) &<< 16)
    }
    return false
  }

  /// Whether the page at `position` is one of those that count, or would if the newest turned out not to.
  @inline(never)
  private func isNeeded(_ position: Int) -> Bool {
    isBehind(sequence, depth, position) || isBehind(sound, soundDepth, position)
  }

  private func isBehind(_ sequence: UInt32, _ depth: UInt8, _ position: Int) -> Bool {
    sequence != 0
      && self.position(self.position(of: sequence), after: ring.pageCount &- position) % ring.pageCount
        <= Int(depth)
  }

  /// Writes the whole page that `sequence` names, up to its COMMIT. False if something fails or reads back wrong.
  @inline(never)
  private mutating func write<Memory: NonvolatileMemory & ~Copyable>(
    _ position: Int, erases: UInt32, count: Int, in memory: inout Memory
  ) -> Bool {
    guard erase(position, in: &memory) else { return false }
    tail = 0
    if erases > highestErases { highestErases = erases }
    let header = PageHeader(
      sequence: sequence, depth: depth, count: UInt16(truncatingIfNeeded: count), erases: erases)
    let start = offset(ofPage: position)
    guard program(header.low, header.high, size: PageHeader.size, at: start, in: &memory) else {
      return false
    }
    for index in 0..<count {
      guard put(table.kind(at: index), table.data(at: index), in: &memory) else { return false }
    }
    let commit = UInt32(truncatingIfNeeded: count) | UInt32(depth) &<< 16
    return sync(&memory) && put(Record.Kind.commit.rawValue, commit, in: &memory) && sync(&memory)
  }

  /// Erases a page, or fills it where nothing can be erased: so the rest of the page is known to be free.
  @inline(never)
  private mutating func erase<Memory: NonvolatileMemory & ~Copyable>(
    _ position: Int, in memory: inout Memory
  ) -> Bool {
    var offset = offset(ofPage: position)
    let end = offset &+ ring.pageSize
    let unit = memory.geometry.eraseUnit
    let fill = InlineArray<8, UInt8>(repeating: memory.geometry.erasedValue)
    while offset < end {
      do {
        if unit > 0 {
          try memory.erase(sector: offset / unit)
        } else {
          try memory.program(fill.span, at: offset)
        }
      } catch {
        return fail(at: offset)
      }
      offset &+= unit > 0 ? unit : 8
    }
    return true
  }

  /// Passes a page by from now on. False if too few would be left.
  @inline(never)
  private mutating func retire(_ position: Int) -> Bool {
    let kind = Record.Kind.retired.rawValue
    var left = -1
    for page in 0..<ring.pageCount where table.value(of: kind, UInt16(truncatingIfNeeded: page)) == nil {
      left &+= 1
    }
    guard left >= fewestPages, table.apply(kind, UInt32(truncatingIfNeeded: position)) else { return false }
    condition.insert(.worn)
    return true
  }
}
