import HSXHAL

extension Layout {
  /// Whether the parts lie inside the memory, apart from each other, in whole units, and are of a size to be of use.
  ///
  /// Numbers may be anything: they come from a superblock.
  func fits(_ geometry: Geometry) -> Bool {
    let unit = geometry.eraseUnit > 0 ? geometry.eraseUnit : geometry.writeUnit > 8 ? geometry.writeUnit : 8
    let extent = UInt64(Layout.superblockExtent(geometry))
    var parts = InlineArray<6, Part>(repeating: Part(0, 0, 0))
    parts[0] = Part(UInt64(Layout.superblock(0, geometry)), extent, 1)
    parts[1] = Part(UInt64(Layout.superblock(1, geometry)), extent, 1)
    parts[2] = Part(UInt64(ringOffset), UInt64(ringPageSize), UInt64(ringPages))
    parts[3] = Part(UInt64(logOffset), UInt64(logPageSize), UInt64(logPages))
    // Two halves, each in units of its own.
    parts[4] = Part(UInt64(trustOffset), UInt64(trustSize) / 2, trustSize == 0 ? 0 : 2)
    parts[5] = Part(UInt64(slotsOffset), UInt64(slotSizeBytes), UInt64(slots))
    for index in 0..<6 {
      let part = parts[index]
      guard part.end <= UInt64(geometry.size) else { return false }
      guard part.count > 0 else { continue }
      guard part.size > 0, part.start % UInt64(unit) == 0 else { return false }
      guard index < 2 || part.size % UInt64(unit) == 0 else { return false }
      for other in 0..<index where parts[other].count > 0 {
        guard part.start >= parts[other].end || part.end <= parts[other].start else { return false }
      }
    }
    let fewest = geometry.eraseUnit > 0 ? 3 : 2
    guard trustSize % 2 == 0, ringPages >= fewest, ringPages <= 32, logPages != 1, logPages <= 64,
      Int(slots) <= Layout.mostSlots
    else { return false }
    // Room for a header and a few cells; cells are counted in 16 bits. A slot holds its descriptor and some image; its
    // progress is counted in 1,023 steps of 256.
    return ringPageSize >= 256 && ringPageSize <= 0x7_0000 && (logPages == 0 || logPageSize >= 128)
      && (slots == 0 || slotSizeBytes >= 512 && slotSizeBytes <= 0x3_FC00)
      && (trustSize == 0 || trustSize >= 64)
  }

  /// A stretch of the memory: pieces of one size.
  private struct Part {
    let start: UInt64
    let size: UInt64
    let count: UInt64

    init(_ start: UInt64, _ size: UInt64, _ count: UInt64) {
      self.start = start
      self.size = size
      self.count = count
    }

    /// The first byte behind it; the numbers are below 2^32, 2^32 and 2^8.
    var end: UInt64 { start &+ size &* count }
  }
}
