public import HSXHAL

/// How the pages of a ring have worn.
public struct Wear: Equatable, Sendable {
  /// Erases of the page erased least and of the one erased most; retired pages count too.
  public var fewest: UInt32
  /// The same of the one erased most.
  public var most: UInt32
  /// Erases of all pages.
  public var total: UInt64
  /// What a page may be erased; 0 if it does not wear.
  public var rated: UInt32
  /// Pages that are passed by.
  public var retired: Int

  /// Whole percent of the rated cycles that the page erased most has seen; 0 if it does not wear.
  public var percent: Int { rated == 0 ? 0 : Int(truncatingIfNeeded: UInt64(most) &* 100 / UInt64(rated)) }
}

extension Store {
  /// How the ring's pages have worn. Cost: 16 bytes of each.
  public func wear<Memory: NonvolatileMemory & ~Copyable>(in memory: inout Memory) -> Wear {
    var journal = journal
    var wear = Wear(fewest: .max, most: 0, total: 0, rated: journal.ratedCycles, retired: 0)
    for page in 0..<layout.ring.pageCount {
      let erases = journal.header(at: page, in: &memory).erases
      if erases < wear.fewest { wear.fewest = erases }
      if erases > wear.most { wear.most = erases }
      wear.total &+= UInt64(erases)
      if journal.value(of: .retired, UInt16(truncatingIfNeeded: page)) != nil { wear.retired &+= 1 }
    }
    return wear
  }

  /// Reads again what the pages that count say, and when a bit was corrected or something is lost there, writes all that holds into the
  /// next page. True if it did. What this store knows is what was stored: damage that came since the mount is healed whole.
  ///
  /// Cost: as a mount; at most one turn of the page.
  public mutating func scrub<Memory: NonvolatileMemory & ~Copyable>(
    in memory: inout Memory
  ) throws(StoreError) -> Bool {
    do throws(StoreError) {
      let found = try Journal<capacity>(mounting: layout.ring, in: &memory)
      if found.condition.isDisjoint(with: [.corrected, .degraded, .lastUpdateUnknown]),
        found.count == journal.count
      {
        return false
      }
    } catch {
      // Nothing counts on the memory any more: all the more it is to be written.
    }
    journal.needsSnapshot = true
    guard journal.turn(in: &memory) else { throw journal.fault }
    return true
  }
}
