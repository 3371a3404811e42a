public import HSXHAL

extension Journal {
  /// Finds what holds. Writes nothing.
  ///
  /// Reads the headers of all pages, and at most four pages. Fails with `noSoundPage` if no page says what holds, with
  /// `full` if more holds than there is room for here.
  public init<Memory: NonvolatileMemory & ~Copyable>(
    mounting ring: Ring, in memory: inout Memory
  ) throws(StoreError) {
    self.init(ring, memory.geometry)
    guard mount(in: &memory) else { throw .noSoundPage }
    guard !isOverfull else { throw .full(needed: capacity &+ 1, available: capacity) }
  }

  /// Finds what holds. False if no page says so.
  @inline(never)
  private mutating func mount<Memory: NonvolatileMemory & ~Copyable>(in memory: inout Memory) -> Bool {
    for position in 0..<Int(pages) { _ = header(at: position, in: &memory) }
    var current: UInt32 = 0
    var currentDepth: UInt8 = 0
    var committed = 0
    sequence = .max
    // From the newest page down, to the first that is sound. The first that counts is the state; if none is sound, as after
    // cuts in the first turns of a new ring, the oldest that counts is the one to keep.
    while findNewest(below: sequence, in: &memory) {
      let verdict = judge(in: &memory)
      guard verdict != .doubtful else { continue }
      if current == 0 {
        current = sequence
        currentDepth = depth
        committed = Int(tail)
      }
      sound = sequence
      soundDepth = depth
      // What does not tear for good is sound when it counts.
      if verdict == .sound || spare == 1 { break }
    }
    guard current != 0 else { return false }
    if current > highest { highest = current }
    depth = currentDepth
    for back in 0...UInt32(depth) {
      sequence = current &- UInt32(depth) &+ back
      replay(committed: sequence == current ? committed : -1, in: &memory)
    }
    return true
  }

  /// Lets `sequence` name the newest page older than `limit`. False if there is none.
  ///
  /// A page whose header cannot be read has the sequence that its place in the ring predicts, if its first cell agrees.
  @inline(never)
  private mutating func findNewest<Memory: NonvolatileMemory & ~Copyable>(
    below limit: UInt32, in memory: inout Memory
  ) -> Bool {
    var newest: UInt32 = 0
    for position in 0..<Int(pages) {
      sequence = header(at: position, in: &memory).sequence
      if sequence == 0 {
        // The lap ahead of the highest, then its own.
        let distance = self.position(position, after: Int(pages) &- self.position(of: highest))
        sequence = highest &+ UInt32(truncatingIfNeeded: distance)
        if !cell(0, in: &memory).isRecord {
          sequence &-= UInt32(truncatingIfNeeded: Int(pages))
          if !cell(0, in: &memory).isRecord {
            // A turn that was cut short, or what was the newest page: every page has a header from its first day.
            condition.insert(.lastUpdateUnknown)
            continue
          }
        }
      }
      if sequence < limit, sequence > newest { newest = sequence }
    }
    sequence = newest
    return newest != 0
  }

  private enum Verdict: UInt8 {
    case doubtful
    case counts
    case sound
  }

  /// Whether the page that `sequence` names counts, and whether that is proved by something behind its COMMIT. Leaves its
  /// depth, and in `tail` where its COMMIT stands.
  @inline(never)
  private mutating func judge<Memory: NonvolatileMemory & ~Copyable>(in memory: inout Memory) -> Verdict {
    let header = header(at: position(of: sequence), in: &memory)
    depth = header.depth
    var count = header.count
    if header.sequence != sequence {
      // Without its header, the first COMMIT says where the snapshot ends.
      condition.insert(.degraded)
      depth = 0
      count = 0
      while count < cells {
        let cell = cell(count, in: &memory)
        if cell.isCommit {
          depth = UInt8(truncatingIfNeeded: cell.value)
          break
        }
        count &+= 1
      }
    }
    tail = UInt16(truncatingIfNeeded: count)
    guard count &+ 1 < cells, depth < deepest else { return .doubtful }
    let isProved = cell(count &+ 1, in: &memory).isRecord
    if isProved, count &+ 2 < cells, cell(count &+ 2, in: &memory).isRecord { return .sound }
    // Without a second record the first may be weak. Then the page was sound at some boots and is free at others, and may be
    // one whose erase was cut short: it is believed, as one that nothing proves is, if all is there that its COMMIT speaks of.
    var isWhole = cell(count, in: &memory).isCommit
    while count > 0, isWhole {
      count &-= 1
      isWhole = cell(count, in: &memory).isRecord
    }
    if isWhole { return isProved ? .sound : .counts }
    if isProved { condition.formUnion([.degraded, .lastUpdateUnknown]) }
    return .doubtful
  }

  /// Applies the records of the page that `sequence` names, up to the first free cell.
  ///
  /// `committed` is where the COMMIT of the last page stands, -1 for those before it.
  @inline(never)
  private mutating func replay<Memory: NonvolatileMemory & ~Copyable>(committed: Int, in memory: inout Memory)
  {
    var index = 0
    // Cells since the last record that holds by itself: members of a batch, and what cannot be read.
    var pending = 0
    var isBroken = false
    while index < cells {
      var cell = cell(index, in: &memory)
      if cell.code == Cell.erased {
        // Free behind the COMMIT, and lost before it.
        if index < committed { condition.formUnion([.degraded, .lastUpdateUnknown]) }
        break
      }
      if cell.isCorrected, cell.isRecord {
        if isBelieved(cell, at: index, pending: pending, committed: committed, in: &memory) {
          condition.insert(.corrected)
        } else {
          cell.code = Cell.bad
        }
      }
      pending &+= 1
      if cell.code == Cell.bad {
        isBroken = true
      } else if !cell.isMember {
        if cell.code == Record.Kind.batchEnd.rawValue {
          var member = index &- Int(cell.argument)
          while member >= 0, member < index {
            let cell = self.cell(member, in: &memory)
            if cell.isMember { apply(cell.code &- RecordCode.member, cell.data) }
            member &+= 1
          }
        } else {
          apply(cell.code, cell.data)
        }
        // Something stands behind it, so this was there once.
        if isBroken { condition.formUnion([.degraded, .lastUpdateUnknown]) }
        isBroken = false
        pending = 0
      }
      index &+= 1
    }
    if isBroken {
      condition.insert(.lastUpdateUnknown)
      if committed < 0 { condition.insert(.degraded) }
    }
    tail = UInt16(truncatingIfNeeded: index)
  }

  /// Applies what a record says, and notes if there is no place for it.
  private mutating func apply(_ code: UInt8, _ data: UInt32) {
    if !table.apply(code, data) { isOverfull = true }
  }

  /// Whether a record with a flipped bit is one. A torn record can look like another with one bit flipped; but nothing stands
  /// behind a torn one, and it hardly ever says something that was to be expected.
  private mutating func isBelieved<Memory: NonvolatileMemory & ~Copyable>(
    _ cell: Cell, at index: Int, pending: Int, committed: Int, in memory: inout Memory
  ) -> Bool {
    if cell.isMember || (index &+ 1 < cells && self.cell(index &+ 1, in: &memory).isRecord) { return true }
    if cell.isCommit { return index == committed }
    if cell.code == Record.Kind.batchEnd.rawValue { return Int(cell.argument) == pending }
    let kind = cell.code == Record.Kind.tombstone.rawValue ? UInt8(truncatingIfNeeded: cell.value) : cell.code
    return table.value(of: kind, cell.argument) != nil
  }
}
