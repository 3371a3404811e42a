import HSXHAL

/// The ring of records: everything small that must survive a power cut, as pages of which the newest counts.
///
/// A page is a header, a snapshot of all that holds, a COMMIT, and behind it one record a change. When it is full the next
/// page takes over with a snapshot of the same; a turn of the page never changes what holds. `Docs/persistence_layout.md`
/// has the bytes, the faults, and the argument.
///
/// The journal is a value beside its memory: 64 bytes, and four for each of `capacity` entries. It allocates nothing.
public struct Journal<let capacity: Int>: Sendable {
  /// The ring's first byte.
  let start: UInt32
  /// Bytes of a page.
  let size: UInt32
  /// What a page may be erased at most; 0 if it does not wear.
  let ratedCycles: UInt32
  /// The page that counts, by its sequence.
  var sequence: UInt32 = 0
  /// The newest page of which it is proved that its COMMIT was programmed to the end; it is not erased before a newer is.
  var sound: UInt32 = 0
  /// The highest sequence ever seen on the memory.
  var highest: UInt32 = 0
  /// The highest erase count seen, for a page whose own is lost.
  var highestErases: UInt32 = 0
  /// Where the memory failed last.
  var faultOffset: UInt32 = 0
  /// Cells of a page.
  private let cellCount: UInt16
  /// The next free cell of the page.
  var tail: UInt16 = 0
  /// Pages of the ring.
  let pages: UInt8
  /// Bytes of a cell.
  let cellSize: UInt8
  /// How many pages before this one belong to it.
  var depth: UInt8 = 0
  /// The same of the sound page.
  var soundDepth: UInt8 = 0
  let isErasedZero: Bool
  /// Pages that must be left beside those that count: two where a program that was cut short can read otherwise at each boot,
  /// so that the newest sound page stands while one that may not be is replaced; else one.
  let spare: UInt8
  /// The next record needs a new page with a snapshot: nothing is programmed behind a tail found at mount, nor behind a
  /// record that read back wrong.
  var needsSnapshot = true
  /// More stands on the memory than the table has room for.
  var isOverfull = false
  /// What is wrong with the memory, as far as it is known.
  public internal(set) var condition: Condition = []
  /// What holds.
  var table = LiveTable<capacity>()

  @inline(never)
  init(_ ring: Ring, _ geometry: Geometry) {
    start = UInt32(truncatingIfNeeded: ring.offset)
    size = UInt32(truncatingIfNeeded: ring.pageSize)
    pages = UInt8(truncatingIfNeeded: ring.pageCount)
    ratedCycles = geometry.ratedCycles
    let cell = geometry.writeUnit > 8 ? geometry.writeUnit : 8
    cellSize = UInt8(truncatingIfNeeded: cell)
    cellCount = UInt16(truncatingIfNeeded: ring.pageSize / cell &- PageHeader.cells)
    isErasedZero = geometry.erasedValue == 0
    spare = geometry.eraseUnit > 0 ? 2 : 1
  }

  /// Where the ring lies.
  public var ring: Ring { Ring(offset: Int(start), pageSize: Int(size), pageCount: Int(pages)) }
  var cells: Int { Int(cellCount) }
  /// The most pages that may belong together: so many are read at a mount.
  var deepest: UInt8 { pages &- spare < 4 ? pages &- spare : 4 }
  /// Pages without which the ring cannot turn.
  var fewestPages: Int { Int(spare) &+ 1 }
  var fault: StoreError { .memory(.refused(at: Int(truncatingIfNeeded: faultOffset))) }

  /// What is stored of `kind` and `argument`: nil if nothing is. Reads no memory.
  public func value(of kind: Record.Kind, _ argument: UInt16) -> UInt16? {
    table[kind.rawValue, argument]
  }

  /// Entries that hold.
  public var count: Int { table.count }

  /// The entry number `index`, 0 to `count` - 1, ordered by kind and argument. Reads no memory.
  public func record(at index: Int) -> Record {
    table.record(at: index)
  }
}
