public import HSXHAL

extension Journal {
  /// Finds what holds. Writes nothing.
  ///
  /// Reads the headers of all pages, and at most four pages. Fails with `noSoundPage` if no page says what holds.
  public init<Memory: NonvolatileMemory & ~Copyable>(
    mounting ring: Ring, in memory: inout Memory
  ) throws(StoreError) {
    self.init(ring)
    for position in 0..<ring.pageCount {
      guard let header = header(at: position, in: &memory) else { continue }
      if header.sequence > highest { highest = header.sequence }
      if header.erases > highestErases { highestErases = header.erases }
    }
    var candidate = newest(below: .max, in: &memory)
    var current: UInt32 = 0
    var committed = 0
    while candidate != 0 {
      let verdict = judge(candidate, in: &memory)
      if current == 0, verdict.counts {
        current = candidate
        depth = verdict.depth
        committed = Int(verdict.count)
      }
      // What does not tear for good is sound when it counts.
      if verdict.counts, verdict.isSound || memory.geometry.eraseUnit == 0 {
        sound = candidate
        soundDepth = verdict.depth
        break
      }
      candidate = newest(below: candidate, in: &memory)
    }
    guard current != 0 else { throw .noSoundPage }
    if sound == 0 {
      sound = current
      soundDepth = depth
    }
    if current > highest { highest = current }
    var back = UInt32(depth)
    while true {
      sequence = current &- back
      let isLast = back == 0
      replay(committed: isLast ? committed : nil, in: &memory)
      if isLast { break }
      back &-= 1
    }
  }

  /// The newest page older than `limit`, by its sequence; 0 if there is none.
  ///
  /// A page whose header cannot be read has the sequence that its place in the ring predicts, if its first cell agrees.
  private mutating func newest<Memory: NonvolatileMemory & ~Copyable>(
    below limit: UInt32, in memory: inout Memory
  ) -> UInt32 {
    let pages = UInt32(truncatingIfNeeded: ring.pageCount)
    var newest: UInt32 = 0
    for position in 0..<ring.pageCount {
      if let header = header(at: position, in: &memory) {
        if header.sequence < limit, header.sequence > newest { newest = header.sequence }
        continue
      }
      // The lap ahead of the highest, then its own.
      let distance = (UInt32(truncatingIfNeeded: position) &+ pages &- highest % pages) % pages
      for predicted in [highest &+ distance, highest &+ distance &- pages]
      where predicted < limit && predicted > newest {
        sequence = predicted
        if case .record = cell(0, in: &memory) {
          newest = predicted
          break
        }
      }
    }
    return newest
  }

  private struct Verdict {
    var counts = false
    var isSound = false
    var depth: UInt8 = 0
    var count: UInt16 = 0
  }

  /// Whether a page counts, and whether that is proved by something behind its COMMIT.
  private mutating func judge<Memory: NonvolatileMemory & ~Copyable>(
    _ candidate: UInt32, in memory: inout Memory
  ) -> Verdict {
    sequence = candidate
    var verdict = Verdict()
    let cells = cells(of: memory.geometry)
    if let header = header(at: position(of: candidate), in: &memory), header.sequence == candidate {
      verdict.depth = header.depth
      verdict.count = header.count
    } else {
      // Without its header, the first COMMIT says where the snapshot ends.
      condition.insert(.degraded)
      var index = 0
      while index < cells {
        if case .record(let record, false, _) = cell(index, in: &memory), record.kind == .commit {
          verdict.depth = UInt8(truncatingIfNeeded: record.value)
          verdict.count = record.argument
          break
        }
        index &+= 1
      }
    }
    let count = Int(verdict.count)
    guard count &+ 1 < cells else { return verdict }
    if case .record = cell(count &+ 1, in: &memory) {
      verdict.counts = true
      verdict.isSound = true
    } else if case .record(let record, false, _) = cell(count, in: &memory), record.kind == .commit {
      // Nothing proves the COMMIT. It is believed if all is there that it speaks of.
      verdict.counts = true
      var index = 0
      while index < count, verdict.counts {
        if case .record = cell(index, in: &memory) {} else { verdict.counts = false }
        index &+= 1
      }
    }
    return verdict
  }

  /// Applies the records of the page that `sequence` names, up to the first free cell.
  ///
  /// `committed` is where the COMMIT of the last page stands, nil for those before it.
  private mutating func replay<Memory: NonvolatileMemory & ~Copyable>(committed: Int?, in memory: inout Memory) {
    let cells = cells(of: memory.geometry)
    var index = 0
    // Cells since the last record that holds by itself: members of a batch, and what cannot be read.
    var pending = 0
    var isBroken = false
    scan: while index < cells {
      switch cell(index, in: &memory) {
      case .erased: break scan
      case .bad:
        isBroken = true
        pending &+= 1
      case .record(_, true, let isCorrected):
        if isCorrected { condition.insert(.corrected) }
        pending &+= 1
      case .record(let record, false, let isCorrected):
        if isCorrected {
          guard isBelieved(record, at: index, pending: pending, committed: committed, in: &memory) else {
            isBroken = true
            pending &+= 1
            break
          }
          condition.insert(.corrected)
        }
        if record.kind == .batchEnd {
          let members = Int(record.argument)
          for member in (index &- members)..<index where members <= index {
            if case .record(let record, true, _) = cell(member, in: &memory) { _ = table.apply(record) }
          }
        } else if record.kind != .commit {
          _ = table.apply(record)
        }
        // Something stands behind it, so this was there once.
        if isBroken { condition.formUnion([.degraded, .lastUpdateUnknown]) }
        isBroken = false
        pending = 0
      }
      index &+= 1
    }
    if isBroken { condition.formUnion(committed != nil ? .lastUpdateUnknown : [.degraded, .lastUpdateUnknown]) }
    tail = UInt16(truncatingIfNeeded: index)
  }

  /// Whether a record with a flipped bit is one. A torn record can look like another with one bit flipped; but nothing stands
  /// behind a torn one, and it hardly ever says something that was to be expected.
  private mutating func isBelieved<Memory: NonvolatileMemory & ~Copyable>(
    _ record: Record, at index: Int, pending: Int, committed: Int?, in memory: inout Memory
  ) -> Bool {
    if case .record = cell(index &+ 1, in: &memory), index &+ 1 < cells(of: memory.geometry) { return true }
    switch record.kind {
    case .commit: return index == committed
    case .batchEnd: return Int(record.argument) == pending && record.value == 0
    case .tombstone:
      guard let kind = Record.Kind(rawValue: UInt8(truncatingIfNeeded: record.value)) else { return false }
      return table.value(of: kind, record.argument) != nil
    default: return table.value(of: record.kind, record.argument) != nil
    }
  }
}
