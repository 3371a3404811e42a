public import HSXHAL

/// Where everything lies in a memory, as its superblock says.
///
/// A layout from `standard(for:)`, `init(validating:)` or `read(in:)` fits the memory it was made for: its parts lie inside, overlap
/// nowhere, and are whole units.
public struct Layout: Equatable, Sendable {
  let ringOffset: UInt32
  let ringPageSize: UInt32
  let logOffset: UInt32
  let logPageSize: UInt32
  let trustOffset: UInt32
  let trustSize: UInt32
  let slotsOffset: UInt32
  let slotSizeBytes: UInt32
  let ringPages: UInt8
  let logPages: UInt8
  let slots: UInt8

  /// The ring of records.
  public var ring: Ring { Layout.ring(ringOffset, ringPageSize, ringPages) }
  /// The ring of the audit log; no pages if there is none.
  public var log: Ring { Layout.ring(logOffset, logPageSize, logPages) }
  /// Where the two copies of the trust blob lie, each in one half.
  public var trust: Range<Int> {
    Int(truncatingIfNeeded: trustOffset)..<Int(truncatingIfNeeded: trustOffset &+ trustSize)
  }
  /// Image slots.
  public var slotCount: Int { Int(slots) }
  /// Bytes of a slot, its descriptor included.
  public var slotSize: Int { Int(truncatingIfNeeded: slotSizeBytes) }

  /// The first byte of a slot.
  public func offset(ofSlot slot: Int) -> Int {
    Int(truncatingIfNeeded: slotsOffset) &+ slot &* slotSize
  }

  private static func ring(_ offset: UInt32, _ pageSize: UInt32, _ pages: UInt8) -> Ring {
    Ring(
      offset: Int(truncatingIfNeeded: offset), pageSize: Int(truncatingIfNeeded: pageSize),
      pageCount: Int(pages))
  }

  /// The most slots that a layout may have.
  public static var mostSlots: Int { 32 }

  /// The layout with these parts, or nil if they do not fit the memory.
  ///
  /// `trust` and the slots may be empty, `log` may have no pages; else it has at least two. On a memory with erase units the
  /// ring has at least three pages, and each part consists of whole erase units, each half of `trust` too.
  public init?(
    ring: Ring, log: Ring, trust: Range<Int>, slotsOffset: Int, slotSize: Int, slotCount: Int,
    validating geometry: Geometry
  ) {
    guard
      let ringOffset = UInt32(exactly: ring.offset), let ringPageSize = UInt32(exactly: ring.pageSize),
      let ringPages = UInt8(exactly: ring.pageCount), let logOffset = UInt32(exactly: log.offset),
      let logPageSize = UInt32(exactly: log.pageSize), let logPages = UInt8(exactly: log.pageCount),
      let trustOffset = UInt32(exactly: trust.lowerBound), let trustSize = UInt32(exactly: trust.count),
      let slotsOffset = UInt32(exactly: slotsOffset), let slotSize = UInt32(exactly: slotSize),
      let slots = UInt8(exactly: slotCount)
    else { return nil }
    self.ringOffset = ringOffset
    self.ringPageSize = ringPageSize
    self.ringPages = ringPages
    self.logOffset = logOffset
    self.logPageSize = logPageSize
    self.logPages = logPages
    self.trustOffset = trustOffset
    self.trustSize = trustSize
    self.slotsOffset = slotsOffset
    self.slotSizeBytes = slotSize
    self.slots = slots
    guard fits(geometry) else { return nil }
  }

  /// Bytes of a superblock.
  static var superblockSize: Int { 64 }

  /// Where the superblocks stand, `copy` 0 or 1: each in erase units of its own, on a large file in a page of its own.
  static func superblock(_ copy: Int, _ geometry: Geometry) -> Int {
    let distance =
      geometry.eraseUnit > 0
      ? superblockExtent(geometry) : geometry.size >= 0x2_0000 ? 4096 : superblockSize
    return copy &* distance
  }

  /// Bytes that a superblock keeps for itself: whole erase units.
  @inline(never)
  static func superblockExtent(_ geometry: Geometry) -> Int {
    let unit = geometry.eraseUnit > 0 ? geometry.eraseUnit : superblockSize
    var extent = unit
    while extent < superblockSize { extent &+= unit }
    return extent
  }

  /// The superblock that names these parts.
  func words(_ geometry: Geometry) -> Words {
    var words = Words(Words.superblock)
    words[0] = Layout.magic
    words[1] = Layout.version | UInt32(geometry.writeUnit) &<< 16 | UInt32(geometry.erasedValue) &<< 24
    words[2] = UInt32(truncatingIfNeeded: geometry.size)
    words[3] = UInt32(truncatingIfNeeded: geometry.eraseUnit)
    words[4] = ringOffset
    words[5] = ringPageSize
    words[6] = logOffset
    words[7] = logPageSize
    words[8] = trustOffset
    words[9] = trustSize
    words[10] = slotsOffset
    words[11] = slotSizeBytes
    words[12] = UInt32(ringPages) | UInt32(logPages) &<< 8 | UInt32(slots) &<< 16
    return words
  }

  /// The layout that a superblock names, or nil if it is another memory's, another version's, or nonsense.
  init?(_ words: borrowing Words, _ geometry: Geometry) {
    ringOffset = words[4]
    ringPageSize = words[5]
    logOffset = words[6]
    logPageSize = words[7]
    trustOffset = words[8]
    trustSize = words[9]
    slotsOffset = words[10]
    slotSizeBytes = words[11]
    ringPages = UInt8(truncatingIfNeeded: words[12])
    logPages = UInt8(truncatingIfNeeded: words[12] &>> 8)
    slots = UInt8(truncatingIfNeeded: words[12] &>> 16)
    guard
      words[0] == Layout.magic,
      words[1] == Layout.version | UInt32(geometry.writeUnit) &<< 16 | UInt32(geometry.erasedValue) &<< 24,
      words[2] == UInt32(truncatingIfNeeded: geometry.size),
      words[3] == UInt32(truncatingIfNeeded: geometry.eraseUnit),
      words[12] &>> 24 | words[13] | words[14] == 0, fits(geometry)
    else { return nil }
  }

  /// 'HSXS'.
  static var magic: UInt32 { 0x5358_5348 }
  private static var version: UInt32 { 1 }
}
