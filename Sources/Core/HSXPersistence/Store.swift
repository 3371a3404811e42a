public import HSXHAL

/// What survives a power cut: the records, the image slots, the log, in one memory that its superblock describes.
///
/// A value beside its memory, which is passed in: the same memory each time, and nobody else writes to it. It allocates nothing.
public struct Store<let capacity: Int>: Sendable {
  /// Where everything lies.
  public let layout: Layout
  /// The ring of records.
  public internal(set) var journal: Journal<capacity>
  /// The audit trail.
  public var log: AuditLog
  /// Whether only one superblock is left.
  private let hasOneSuperblock: Bool
  /// A bit for each slot that is being written now.
  var busy: UInt32 = 0

  /// What is wrong with the memory, as far as it is known.
  public var condition: Condition {
    var condition = journal.condition
    if hasOneSuperblock { condition.insert(.superblockDamaged) }
    if journal.table.count(of: Record.Kind.retired.rawValue) > 0 { condition.insert(.worn) }
    return condition
  }

  /// Lays out an empty store. Everything that was there is lost, but for how often the pages of the ring were erased.
  ///
  /// The superblocks come last: a cut before leaves a memory that is `unformatted`.
  public static func format<Memory: NonvolatileMemory & ~Copyable>(
    _ layout: Layout, in memory: inout Memory
  ) throws(StoreError) -> Store {
    let geometry = memory.geometry
    guard layout.fits(geometry) else { throw .layout(needed: layout.ring.pageSize, available: geometry.size) }
    for copy in 0..<2 {
      try memory.clear(from: Layout.superblock(copy, geometry), size: Layout.superblockExtent(geometry))
    }
    try memory.settle()
    let log = layout.log
    try memory.clear(from: log.offset, size: log.pageCount &* log.pageSize)
    try memory.clear(from: layout.trust.lowerBound, size: layout.trust.count)
    let journal = try Journal<capacity>(formatting: layout.ring, in: &memory)
    var words = layout.words(geometry)
    for copy in 0..<2 {
      try words.write(at: Layout.superblock(copy, geometry), in: &memory)
      try memory.settle()
    }
    return Store(layout: layout, journal: journal, hasOneSuperblock: false)
  }

  /// Finds what holds. Writes nothing.
  ///
  /// Fails with `unformatted` if there is no superblock, with `noSoundPage` if the ring is lost.
  public init<Memory: NonvolatileMemory & ~Copyable>(mounting memory: inout Memory) throws(StoreError) {
    var hasOne = false
    let layout = try Layout.read(in: &memory, hasOne: &hasOne)
    let journal = try Journal<capacity>(mounting: layout.ring, in: &memory)
    self.init(layout: layout, journal: journal, hasOneSuperblock: hasOne)
  }

  private init(layout: Layout, journal: Journal<capacity>, hasOneSuperblock: Bool) {
    self.layout = layout
    self.journal = journal
    log = AuditLog(layout.log)
    self.hasOneSuperblock = hasOneSuperblock
  }

  /// Whether this boot has written: until then what holds may have been read from a word that a cut left weak, and be read
  /// otherwise at the next boot. A value that equals what is stored is acknowledged without being written only behind this.
  public var isSettled: Bool { !journal.needsSnapshot }

  /// The number stored under `key` in a generation, 0 or 1; nil if there is none. Reads no memory.
  public func value(of key: UInt16, generation: UInt8) -> UInt16? {
    journal.value(of: .value(generation: generation), key)
  }

  /// Stores one number under `key`. When it returns, it is lasting. A number that is stored already is not written again.
  public mutating func setValue<Memory: NonvolatileMemory & ~Copyable>(
    _ value: UInt16, of key: UInt16, generation: UInt8, in memory: inout Memory
  ) throws(StoreError) {
    let records: InlineArray<1, Record> = [Record(.value(generation: generation), key, value)]
    try journal.commit(records.span, in: &memory)
  }

  /// Makes all records of a batch hold, or after a cut none. When it returns, they hold; an empty batch is nothing to do.
  public mutating func commit<Memory: NonvolatileMemory & ~Copyable>(
    _ batch: borrowing Batch<capacity>, in memory: inout Memory
  ) throws(StoreError) {
    try journal.commit(batch.span, in: &memory)
  }
}

extension Record.Kind {
  /// The kind of values in a generation, 0 or 1.
  public static func value(generation: UInt8) -> Record.Kind { generation == 0 ? .value0 : .value1 }
}

extension Condition {
  /// One of the two superblocks is lost. The next format writes it anew.
  public static var superblockDamaged: Condition { Condition(rawValue: 16) }
}

extension Layout {
  /// The layout that the memory's superblock names. Writes nothing.
  ///
  /// Fails with `unformatted` if no copy can be read, or none fits this memory.
  public static func read<Memory: NonvolatileMemory & ~Copyable>(
    in memory: inout Memory
  ) throws(StoreError) -> Layout {
    var hasOne = false
    return try read(in: &memory, hasOne: &hasOne)
  }

  static func read<Memory: NonvolatileMemory & ~Copyable>(
    in memory: inout Memory, hasOne: inout Bool
  ) throws(StoreError) -> Layout {
    let geometry = memory.geometry
    var found: Layout?
    hasOne = true
    for copy in 0..<2 {
      var words = Words(Words.superblock)
      guard words.read(at: superblock(copy, geometry), in: &memory), let layout = Layout(words, geometry)
      else { continue }
      if found != nil { hasOne = false }
      found = found ?? layout
    }
    guard let found else { throw .unformatted }
    return found
  }
}
