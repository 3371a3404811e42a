public import HSXHAL

/// What stands in one page of the ring, for tools that show it; nothing that the store does depends on it.
public struct PageReport: Equatable, Sendable {
  /// What a page is to the ring.
  public enum Role: UInt8, CaseIterable, Equatable, Sendable {
    /// Nothing was written here since it was erased, but perhaps its header.
    case blank
    /// Something stands here, but no header that can be read.
    case unreadable
    /// It held what counted once.
    case old
    /// Its COMMIT does not count: a turn that was cut short.
    case unfinished
    /// It is read at a mount, before the newest one.
    case counts
    /// The newest page that counts.
    case current
  }

  /// Its place in the ring, 0 for the first.
  public internal(set) var position: Int
  /// Its first byte in the memory.
  public internal(set) var offset: Int
  /// What it is to the ring.
  public internal(set) var role: Role
  /// Which life of which page it is; 0 if there is no header.
  public internal(set) var sequence: UInt32
  /// How often it was erased; 0 if there is no header.
  public internal(set) var erases: UInt32
  /// How many pages before it must be read first.
  public internal(set) var depth: Int
  /// Cells behind the header.
  public internal(set) var cells: Int
  /// Records of the snapshot, without the COMMIT.
  public internal(set) var snapshot = 0
  /// Records behind the COMMIT: the changes, without the ends of batches.
  public internal(set) var records = 0
  /// Ends of batches.
  public internal(set) var ends = 0
  /// Cells in which a flipped bit was corrected; the header counts as one.
  public internal(set) var corrected = 0
  /// Cells that hold something that is no record.
  public internal(set) var damaged = 0
  /// Cells behind the first erased one that are not erased.
  public internal(set) var stray = 0
  /// The first byte of the first damaged cell, or of the first stray one.
  public internal(set) var firstDamage: Int?
  /// Cells that are erased, up to the page's end or the first stray one.
  public internal(set) var free = 0
  /// Whether its COMMIT stands where it belongs.
  public internal(set) var isCommitted = false
  /// Whether the next turn goes here.
  public internal(set) var isNext = false
  /// Whether the ring passes it by.
  public internal(set) var isRetired = false
}

extension Journal {
  /// A journal that knows nothing, to report of a ring that cannot be mounted. Reads no memory.
  public init<Memory: NonvolatileMemory & ~Copyable>(reporting ring: Ring, in memory: borrowing Memory) {
    self.init(ring, memory.geometry)
  }

  /// What stands in the page at `position`, 0 to the number of pages - 1. Writes nothing.
  ///
  /// Cost: one reading of the page, and a copy of the journal.
  public func report<Memory: NonvolatileMemory & ~Copyable>(
    ofPage position: Int, in memory: inout Memory
  ) -> PageReport {
    // The journal's own functions note what they see; of this nothing is to be noted.
    var probe = self
    let header = probe.header(at: position, in: &memory)
    var report = PageReport(
      position: position, offset: Int(start) + position * Int(size), role: .unreadable,
      sequence: header.sequence, erases: header.erases, depth: Int(header.depth), cells: cells)
    report.isRetired = value(of: .retired, UInt16(truncatingIfNeeded: position)) != nil
    report.isNext = sequence != 0 && position == nextTarget
    let isHere = sequence != 0 && probe.position(of: sequence) == position
    if header.sequence == 0 {
      report.erases = 0
      report.depth = isHere ? Int(depth) : 0
    }
    if header.sequence == 0, !isHere {
      if isBlank(report.offset, Int(size), in: &memory) {
        report.role = .blank
        report.free = cells
      }
      return report
    }
    report.sequence = isHere ? sequence : header.sequence
    probe.sequence = report.sequence
    report.role =
      isHere
      ? .current
      : report.sequence > sequence
        ? .unfinished : sequence - report.sequence <= UInt32(depth) ? .counts : .old
    let commit = report.depth == 0 ? header.count : 0
    probe.scan(&report, commitAt: header.sequence == 0 ? nil : commit, in: &memory)
    if header.sequence == 0 {
      report.damaged += 1
      report.firstDamage = report.offset
    } else if !isWhole(header, at: report.offset, in: &memory) {
      report.corrected += 1
    }
    // Every page has a header from the day of the format.
    if report.free == cells, !isHere { report.role = .blank }
    return report
  }

  /// The page that the next turn takes, unless it refuses.
  private var nextTarget: Int {
    var probe = self
    let count = Int(pages)
    var target = probe.position(of: sound)
    for _ in 0..<count {
      target = probe.position(target, after: 1)
      let behind = (probe.position(of: sequence) + count - target) % count
      let behindSound = (probe.position(of: sound) + count - target) % count
      guard behind > Int(depth), behindSound > Int(soundDepth),
        value(of: .retired, UInt16(truncatingIfNeeded: target)) == nil
      else { continue }
      return target
    }
    return -1
  }

  /// Looks at each cell of the page that `sequence` names.
  private mutating func scan<Memory: NonvolatileMemory & ~Copyable>(
    _ report: inout PageReport, commitAt known: Int?, in memory: inout Memory
  ) {
    var commit = known
    var isBehindTail = false
    for index in 0..<cells {
      let cell = cell(index, in: &memory)
      if cell.code == Cell.erased {
        isBehindTail = true
        if report.stray == 0 { report.free += 1 }
        continue
      }
      if isBehindTail || cell.code == Cell.bad {
        if isBehindTail { report.stray += 1 } else { report.damaged += 1 }
        report.firstDamage =
          report.firstDamage ?? report.offset + (index + PageHeader.cells) * Int(cellSize)
        continue
      }
      if cell.isCorrected { report.corrected += 1 }
      if cell.isCommit, commit == nil || commit == index {
        report.isCommitted = true
        commit = index
      } else if cell.code == Record.Kind.batchEnd.rawValue {
        report.ends += 1
      } else if commit.map({ index < $0 }) ?? true {
        report.snapshot += 1
      } else {
        report.records += 1
      }
    }
  }

  /// Whether the 16 bytes of a header are as they were written.
  private func isWhole<Memory: NonvolatileMemory & ~Copyable>(
    _ header: PageHeader, at offset: Int, in memory: inout Memory
  ) -> Bool {
    let words: InlineArray<4, UInt32> = [header.first, header.sequence, header.erases, header.checksum]
    for index in 0..<4 {
      var bytes = InlineArray<4, UInt8>(repeating: 0)
      var span = bytes.mutableSpan
      let cell = offset + index / 2 * Int(cellSize)
      do { try memory.read(at: cell + index % 2 * 4, into: &span) } catch { return false }
      for byte in 0..<4 where bytes[byte] != UInt8(truncatingIfNeeded: words[index] >> UInt32(byte * 8)) {
        return false
      }
    }
    return true
  }

  /// Whether every byte of a stretch is erased.
  private func isBlank<Memory: NonvolatileMemory & ~Copyable>(
    _ offset: Int, _ size: Int, in memory: inout Memory
  ) -> Bool {
    let erased: UInt8 = isErasedZero ? 0 : 0xFF
    var bytes = InlineArray<32, UInt8>(repeating: 0)
    var done = 0
    while done < size {
      let count = size - done < 32 ? size - done : 32
      var all = bytes.mutableSpan
      var span = all._mutatingExtracting(0..<count)
      do { try memory.read(at: offset + done, into: &span) } catch { return false }
      for index in 0..<count where bytes[index] != erased { return false }
      done += count
    }
    return true
  }
}
