/// Where a ring of pages lies in the memory.
public struct Ring: Equatable, Sendable {
  /// Its first byte.
  public let offset: Int
  /// Bytes of a page, a multiple of the erase unit.
  public let pageSize: Int
  /// Pages, 2 to 32; on a memory with erase units at least 3.
  public let pageCount: Int

  /// The ring of these pages.
  public init(offset: Int, pageSize: Int, pageCount: Int) {
    self.offset = offset
    self.pageSize = pageSize
    self.pageCount = pageCount
  }
}

/// What went wrong on the memory, as far as the mount could tell.
public struct Condition: OptionSet, Equatable, Sendable {
  /// The conditions, a bit each.
  public let rawValue: UInt8

  /// The conditions with these bits.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Something that had been stored is damaged beyond correction. What was lost is not known any more.
  public static var degraded: Condition { Condition(rawValue: 1) }
  /// Behind the newest that can be read stands something that cannot: a write that was cut short, or a newer state.
  public static var lastUpdateUnknown: Condition { Condition(rawValue: 2) }
  /// Flipped bits were corrected.
  public static var corrected: Condition { Condition(rawValue: 4) }
  /// Pages were retired, or have passed 95 % of their rated cycles.
  public static var worn: Condition { Condition(rawValue: 8) }
}
