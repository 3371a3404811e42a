public import HSXHAL

extension Journal {
  /// Lays out an empty ring. What was there is lost, but for how often its pages were erased.
  public init<Memory: NonvolatileMemory & ~Copyable>(
    formatting ring: Ring, in memory: inout Memory
  ) throws(StoreError) {
    self.init(ring, memory.geometry)
    // The first turn of a ring that has no page clears all of them.
    guard turn(in: &memory) else { throw fault }
  }

  /// Goes on to the next page. What holds stays the same. False if every page refused.
  @inline(never)
  mutating func turn<Memory: NonvolatileMemory & ~Copyable>(in memory: inout Memory) -> Bool {
    let current = sequence
    let currentDepth = depth
    if needsSnapshot { clear(in: &memory) }
    // Pages that failed. They are marked only once another was written: a memory that fails as a whole has no bad pages.
    var failed: UInt32 = 0
    var target = position(of: sound)
    // Twice around: worn pages are passed by the first time, and are better than none.
    for step in 0..<Int(pages) &* 2 {
      target = position(target, after: 1)
      guard !isNeeded(target), !isRetired(target) else { continue }
      failed |= 1 &<< UInt32(truncatingIfNeeded: target)
      let old = header(at: target, in: &memory)
      if ratedCycles != 0, old.erases >= ratedCycles &- ratedCycles / 20 {
        condition.insert(.worn)
        if old.erases >= ratedCycles, pagesLeft > fewestPages, step < pages { continue }
      }
      let distance = position(target, after: Int(pages) &- 1 &- position(of: highest)) &+ 1
      highest &+= UInt32(truncatingIfNeeded: distance)
      // A page goes on from the one before it, whose tail was seen to be good; else it has a snapshot of its own.
      let goesOn =
        !needsSnapshot && highest == current &+ 1 && table.count &* 2 > cells && currentDepth &+ 1 < deepest
      sequence = highest
      depth = goesOn ? currentDepth &+ 1 : 0
      if write(target, erases: old.erases &+ 1, count: goesOn ? 0 : table.count, in: &memory),
        retire(failed ^ 1 &<< UInt32(truncatingIfNeeded: target), in: &memory)
      {
        sound = sequence
        soundDepth = depth
        needsSnapshot = false
        return true
      }
      sequence = current
      depth = currentDepth
      needsSnapshot = true
    }
    return false
  }

  /// Erases all pages, if none counts yet, or those whose headers cannot be read, and gives them headers: from the first day
  /// every page has one, and one without is a page whose erase was cut short.
  ///
  /// Such a page can read as erased at this boot and as the page that it was at the next, with a sequence that nobody knows of
  /// now and that is higher than the next page's. A page that refuses will as a target, too.
  private mutating func clear<Memory: NonvolatileMemory & ~Copyable>(in memory: inout Memory) {
    let current = sequence
    // The highest before any page is begun: else each lost count would be one more than the last.
    let lost = highestErases
    for position in 0..<Int(pages) {
      let old = header(at: position, in: &memory)
      guard current == 0 || old.sequence == 0 && !isNeeded(position) else { continue }
      sequence = UInt32(truncatingIfNeeded: position &+ Int(pages))
      _ = begin(position, erases: (old.sequence == 0 ? lost : old.erases) &+ 1, count: 0, in: &memory)
      sequence = current
    }
  }

  /// Passes these pages by from now on, as far as enough are left. False if a record of it fails: it leaves a hole, behind
  /// which nothing would be found.
  @inline(never)
  private mutating func retire<Memory: NonvolatileMemory & ~Copyable>(
    _ pages: UInt32, in memory: inout Memory
  ) -> Bool {
    var pages = pages
    var page = 0 as UInt32
    while pages != 0 {
      if pages & 1 != 0, pagesLeft > fewestPages, table.count &+ 1 < cells {
        condition.insert(.worn)
        guard put(Record.Kind.retired.rawValue, page, in: &memory) else { return false }
        _ = table.apply(Record.Kind.retired.rawValue, page)
      }
      pages &>>= 1
      page &+= 1
    }
    return true
  }

  private mutating func isRetired(_ position: Int) -> Bool {
    table.value(of: Record.Kind.retired.rawValue, UInt16(truncatingIfNeeded: position)) != nil
  }

  private var pagesLeft: Int { Int(pages) &- table.count(of: Record.Kind.retired.rawValue) }

  /// Whether the page at `position` is one of those that count, or would if the newest turned out not to.
  @inline(never)
  private mutating func isNeeded(_ position: Int) -> Bool {
    let back = Int(pages) &- position
    return self.position(self.position(of: sequence), after: back) <= Int(depth)
      || self.position(self.position(of: sound), after: back) <= Int(soundDepth)
  }

  /// Writes the whole page that `sequence` names, up to its COMMIT. False if something fails or reads back wrong.
  @inline(never)
  private mutating func write<Memory: NonvolatileMemory & ~Copyable>(
    _ position: Int, erases: UInt32, count: Int, in memory: inout Memory
  ) -> Bool {
    guard begin(position, erases: erases, count: count, in: &memory) else { return false }
    for index in 0..<count {
      guard put(table.kind(at: index), table.data(at: index), in: &memory) else { return false }
    }
    let commit = UInt32(truncatingIfNeeded: count) | UInt32(depth) &<< 16
    return sync(&memory) && put(Record.Kind.commit.rawValue, commit, in: &memory) && sync(&memory)
  }

  /// Erases a page and writes its header. False if something fails or reads back wrong.
  @inline(never)
  private mutating func begin<Memory: NonvolatileMemory & ~Copyable>(
    _ position: Int, erases: UInt32, count: Int, in memory: inout Memory
  ) -> Bool {
    guard erase(position, in: &memory) else { return false }
    tail = 0
    if erases > highestErases { highestErases = erases }
    let header = PageHeader(sequence: sequence, depth: depth, count: count, erases: erases)
    return program(header.first, header.sequence, -2, in: &memory)
      && program(header.erases, header.checksum, -1, in: &memory)
  }
}
