public import HSXHAL
public import HSXPersistence

/// The journal that the harness drives: room for as many entries as its keys, and for retired pages.
public typealias StoreJournal = Journal<24>

/// A memory, a ring in it, and what is to be stored there.
public struct StorageConfiguration: Equatable, Sendable {
  /// Names it in reports and replays.
  public var name: String
  /// The cells of the memory.
  public var family: MemoryFamily
  /// Its shape: the ring, and a unit before and behind it that must stay untouched.
  public var geometry: Geometry
  /// The ring.
  public var ring: Ring
  /// How many keys are used, at most 16.
  public var keys: Int
  /// Changes in a batch, at most.
  public var largestBatch: Int

  /// A configuration; nil if its geometry is none.
  public init?(
    _ name: String, _ family: MemoryFamily, unit: Int, erased: UInt8 = 0xFF, page: Int, sectors: Int = 1,
    pages: Int,
    keys: Int, largestBatch: Int, rated: UInt32 = 0
  ) {
    let guardBytes = page
    guard
      let geometry = Geometry(
        size: pages * page + 2 * guardBytes, writeUnit: unit, eraseUnit: family == .fram ? 0 : page / sectors,
        erasedValue: erased, ratedCycles: rated)
    else { return nil }
    self.name = name
    self.family = family
    self.geometry = geometry
    self.keys = keys
    self.largestBatch = largestBatch
    ring = Ring(offset: guardBytes, pageSize: page, pageCount: pages)
  }

  /// An erased memory that guards what is not the ring's.
  public var memory: SimulatedMemory {
    var memory = SimulatedMemory(family, geometry)
    let end = ring.offset + ring.pageSize * ring.pageCount
    memory.protected = [0..<ring.offset, end..<geometry.size]
    return memory
  }

  /// All that are explored: each family, write units from 1 to 32, both erased values, rings of 2 to 5 pages, a table
  /// that makes continuations and one that does not, a page of two sectors, one that is too small for all, pages that wear out.
  public static let all: [StorageConfiguration] = [
    StorageConfiguration("nor1", .nor, unit: 1, page: 256, pages: 4, keys: 10, largestBatch: 5),
    StorageConfiguration("nor2z", .nor, unit: 2, erased: 0, page: 192, pages: 5, keys: 14, largestBatch: 4),
    StorageConfiguration("nor4", .nor, unit: 4, page: 256, pages: 3, keys: 10, largestBatch: 4),
    StorageConfiguration("nor8", .nor, unit: 8, page: 192, pages: 6, keys: 14, largestBatch: 4),
    StorageConfiguration("nor8t", .nor, unit: 8, page: 192, pages: 4, keys: 16, largestBatch: 6),
    StorageConfiguration("nor4w", .nor, unit: 4, page: 256, pages: 6, keys: 10, largestBatch: 4, rated: 5),
    StorageConfiguration("nor8s", .nor, unit: 8, page: 256, sectors: 2, pages: 3, keys: 8, largestBatch: 4),
    StorageConfiguration("nor16", .nor, unit: 16, page: 384, pages: 7, keys: 14, largestBatch: 4),
    StorageConfiguration("nor32z", .nor, unit: 32, erased: 0, page: 512, pages: 4, keys: 6, largestBatch: 3),
    StorageConfiguration("ecc8", .eccNOR, unit: 8, page: 192, pages: 6, keys: 14, largestBatch: 4),
    StorageConfiguration("ecc16", .eccNOR, unit: 16, page: 512, pages: 4, keys: 10, largestBatch: 4),
    StorageConfiguration("ecc32", .eccNOR, unit: 32, page: 1024, pages: 4, keys: 16, largestBatch: 4),
    StorageConfiguration("fram1", .fram, unit: 1, page: 256, pages: 2, keys: 12, largestBatch: 5),
    StorageConfiguration("fram1z", .fram, unit: 1, erased: 0, page: 256, pages: 3, keys: 12, largestBatch: 5),
    StorageConfiguration("fram8", .fram, unit: 8, page: 192, pages: 5, keys: 14, largestBatch: 4),
  ].compactMap { $0 }

  /// The configuration of this name.
  public static func named(_ name: some StringProtocol) -> StorageConfiguration? {
    all.first { $0.name == name }
  }
}
