public import HSXHAL

extension Journal {
  /// The most pages that may belong together: so many are read at a mount.
  private static var deepest: Int { 4 }

  /// Lays out an empty ring. What was there is lost.
  public static func format<Memory: NonvolatileMemory & ~Copyable>(
    _ ring: Ring, in memory: inout Memory
  ) throws(StoreError) -> Journal {
    var journal = Journal(ring)
    for position in 0..<ring.pageCount {
      if let header = journal.header(at: position, in: &memory), header.erases > journal.highestErases {
        journal.highestErases = header.erases
      }
      do { try journal.erase(position, in: &memory) } catch { throw .memory(error) }
    }
    // Nothing, but behind the COMMIT: the page is sound from its first day.
    let none = InlineArray<1, Record>(repeating: Record(.batchEnd, 0, 0))
    try journal.commit(none.span.extracting(0..<0), in: &memory)
    return journal
  }

  /// Goes on to the next page. What holds stays the same.
  mutating func turn<Memory: NonvolatileMemory & ~Copyable>(in memory: inout Memory) throws(StoreError) {
    let pages = ring.pageCount
    let cells = cells(of: memory.geometry)
    let before = (sequence: sequence, depth: depth, tail: tail)
    // Marks of retired pages become lasting with the snapshot that is written past them; without one they go again.
    var passed: UInt64 = 0
    var fault = MemoryFault.refused(at: ring.offset)
    var target = position(of: sound)
    for _ in 0..<pages {
      target = (target &+ 1) % pages
      guard !isNeeded(target), table.value(of: .retired, UInt16(truncatingIfNeeded: target)) == nil else { continue }
      let distance = UInt32(truncatingIfNeeded: (target &+ pages &- position(of: highest)) % pages)
      let next = highest &+ (distance == 0 ? UInt32(truncatingIfNeeded: pages) : distance)
      // A page goes on from the one before it, whose tail was seen to be good; else it has a snapshot of its own.
      let goesOn =
        !needsSnapshot && next == sequence &+ 1 && table.count &* 2 > cells
        && Int(depth) &+ 1 < (pages &- 2 < Journal.deepest ? pages &- 2 : Journal.deepest)
      let erases = (header(at: target, in: &memory)?.erases ?? highestErases) &+ 1
      let rated = memory.geometry.ratedCycles
      if rated != 0, erases > rated, retire(target, memory.geometry) { continue }
      if rated != 0, erases > rated &- rated / 20 { condition.insert(.worn) }
      highest = next
      sequence = next
      depth = goesOn ? before.depth &+ 1 : 0
      tail = 0
      do {
        if try write(erases: erases, count: goesOn ? 0 : table.count, in: &memory) {
          if erases > highestErases { highestErases = erases }
          sound = next
          soundDepth = depth
          needsSnapshot = false
          return
        }
      } catch {
        fault = error
      }
      sequence = before.sequence
      depth = before.depth
      needsSnapshot = true
      if retire(target, memory.geometry) { passed |= 1 &<< UInt64(truncatingIfNeeded: target) }
    }
    tail = before.tail
    for page in 0..<pages where passed &>> UInt64(truncatingIfNeeded: page) & 1 != 0 {
      let kind = UInt16(Record.Kind.retired.rawValue)
      _ = table.apply(Record(.tombstone, UInt16(truncatingIfNeeded: page), kind))
    }
    throw .memory(fault)
  }

  /// Whether the page at `position` is one of those that count, or would if the newest turned out not to.
  private func isNeeded(_ position: Int) -> Bool {
    isBehind(sequence, depth, position) || isBehind(sound, soundDepth, position)
  }

  private func isBehind(_ sequence: UInt32, _ depth: UInt8, _ position: Int) -> Bool {
    sequence != 0 && (self.position(of: sequence) &+ ring.pageCount &- position) % ring.pageCount <= Int(depth)
  }

  /// Writes the whole page that `sequence` names, up to its COMMIT. False if something reads back wrong.
  private mutating func write<Memory: NonvolatileMemory & ~Copyable>(
    erases: UInt32, count: Int, in memory: inout Memory
  ) throws(MemoryFault) -> Bool {
    let position = position(of: sequence)
    try erase(position, in: &memory)
    let header = PageHeader(
      sequence: sequence, depth: depth, count: UInt16(truncatingIfNeeded: count), erases: erases)
    let start = offset(ofPage: position)
    guard try program(header.low, header.high, size: PageHeader.size, at: start, in: &memory) else { return false }
    for index in 0..<count {
      guard try put(table.record(at: index), isMember: false, in: &memory) else { return false }
    }
    try memory.sync()
    let commit = Record(.commit, UInt16(truncatingIfNeeded: count), UInt16(depth))
    guard try put(commit, isMember: false, in: &memory) else { return false }
    try memory.sync()
    return true
  }

  /// Erases a page, or fills it where nothing can be erased: so the rest of the page is known to be free.
  private func erase<Memory: NonvolatileMemory & ~Copyable>(
    _ position: Int, in memory: inout Memory
  ) throws(MemoryFault) {
    let geometry = memory.geometry
    var offset = offset(ofPage: position)
    let end = offset &+ ring.pageSize
    while offset < end {
      if geometry.eraseUnit > 0 {
        try memory.erase(sector: offset / geometry.eraseUnit)
        offset &+= geometry.eraseUnit
      } else {
        let fill = InlineArray<32, UInt8>(repeating: geometry.erasedValue)
        let count = end &- offset < 32 ? end &- offset : 32
        try memory.program(fill.span.extracting(0..<count), at: offset)
        offset &+= count
      }
    }
  }

  /// Passes a page by from now on. False if too few would be left.
  private mutating func retire(_ position: Int, _ geometry: Geometry) -> Bool {
    var left = -1
    for page in 0..<ring.pageCount
    where table.value(of: .retired, UInt16(truncatingIfNeeded: page)) == nil { left &+= 1 }
    guard left >= (geometry.eraseUnit > 0 ? 3 : 2),
      table.apply(Record(.retired, UInt16(truncatingIfNeeded: position), 0))
    else { return false }
    condition.insert(.worn)
    return true
  }
}
