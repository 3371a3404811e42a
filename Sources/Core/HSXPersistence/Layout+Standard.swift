public import HSXHAL

extension Layout {
  /// The layout for a memory of this shape: nil if it is too small.
  ///
  /// - NOR of 64 units of at least 2 KiB and more: 8 units of ring, 4 of log, 2 of trust, slots of 16 (64 KiB to 255).
  /// - NOR with fewer, at least 7: 2 of log, all else ring, but for at most 32 pages.
  /// - FRAM, EEPROM and files from 1 MiB: 16 pages of 8 KiB, 64 KiB of log, 16 KiB of trust, slots of 120 KiB.
  /// - From 128 KiB: 4 pages of 4 KiB, 8 KiB of log, 4 KiB of trust, three slots of what is left.
  /// - Smaller, at least 1 KiB: two pages of seven sixteenths each, the rest log.
  public static func standard(for geometry: Geometry) -> Layout? {
    if geometry.eraseUnit > 0 { return erasing(geometry) }
    if geometry.size >= 0x10_0000 {
      let slots = (geometry.size &- 0x4_0000) / 0x1_E000
      return Layout(
        ring: Ring(offset: 0x2000, pageSize: 0x2000, pageCount: 16),
        log: Ring(offset: 0x2_2000, pageSize: 0x1000, pageCount: 16), trust: 0x3_2000..<0x3_6000,
        slotsOffset: 0x4_0000, slotSize: 0x1_E000, slotCount: min(slots, mostSlots), validating: geometry)
    }
    if geometry.size >= 0x2_0000 {
      let slotSize = min((geometry.size &- 0xA000) / 3, 0x3_FC00) & ~0xFF
      return Layout(
        ring: Ring(offset: 0x2000, pageSize: 0x1000, pageCount: 4),
        log: Ring(offset: 0x6000, pageSize: 0x1000, pageCount: 2), trust: 0x8000..<0x9000,
        slotsOffset: 0xA000, slotSize: slotSize, slotCount: 3, validating: geometry)
    }
    let start = 2 &* superblockSize
    let page = geometry.size / 16 &* 7 & ~0x1F
    let logStart = start &+ 2 &* page
    let logPage = (geometry.size &- logStart) / 2 & ~0x1F
    let hasLog = logPage >= 128
    return Layout(
      ring: Ring(offset: start, pageSize: page, pageCount: 2),
      log: Ring(offset: logStart, pageSize: hasLog ? logPage : 0, pageCount: hasLog ? 2 : 0),
      trust: 0..<0, slotsOffset: 0, slotSize: 0, slotCount: 0, validating: geometry)
  }

  private static func erasing(_ geometry: Geometry) -> Layout? {
    // Small erase units are taken together, so that a page holds something.
    let unit = (2047 &+ geometry.eraseUnit) / geometry.eraseUnit &* geometry.eraseUnit
    let units = geometry.size / unit
    guard units >= 7 else { return nil }
    guard units >= 64 else {
      let pages = min(units &- 4, 32)
      return Layout(
        ring: Ring(offset: 2 &* unit, pageSize: unit, pageCount: pages),
        log: Ring(offset: (2 &+ pages) &* unit, pageSize: unit, pageCount: 2),
        trust: 0..<0, slotsOffset: 0, slotSize: 0, slotCount: 0, validating: geometry)
    }
    let least = (0xFFFF &+ unit) / unit
    let slot = unit &* min(max(least, 16), max(0x3_FC00 / unit, 1))
    let start = 16 &* unit
    return Layout(
      ring: Ring(offset: 2 &* unit, pageSize: unit, pageCount: 8),
      log: Ring(offset: 10 &* unit, pageSize: unit, pageCount: 4),
      trust: (14 &* unit)..<(16 &* unit), slotsOffset: start, slotSize: slot,
      slotCount: min((geometry.size &- start) / slot, mostSlots), validating: geometry)
  }
}
