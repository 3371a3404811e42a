public import HSXHAL
public import HSXPersistence

/// The store that the harness drives through its images.
public typealias ImageStore = Store<24>

/// A memory with a whole store in it: superblocks, a ring, four slots.
public struct ImageConfiguration: Equatable, Sendable {
  /// Names it in reports and replays.
  public var name: String
  /// The cells of the memory.
  public var family: MemoryFamily
  /// Its shape.
  public var geometry: Geometry
  /// What lies where.
  public var layout: Layout
  /// Of the cases of a scope, one in so many: large slots have many.
  public var share: Int

  /// A configuration; nil if its layout is none.
  public init?(
    _ name: String, _ family: MemoryFamily, unit: Int, erased: UInt8 = 0xFF, sector: Int, slot: Int,
    share: Int = 1
  ) {
    let pages = 4
    let ringOffset = 2 * sector
    let slotsOffset = ringOffset + pages * sector
    guard
      let geometry = Geometry(
        size: slotsOffset + 4 * slot, writeUnit: unit, eraseUnit: family == .fram ? 0 : sector,
        erasedValue: erased,
        ratedCycles: 0),
      let layout = Layout(
        ring: Ring(offset: ringOffset, pageSize: sector, pageCount: pages),
        log: Ring(offset: slotsOffset, pageSize: sector, pageCount: 0), trust: slotsOffset..<slotsOffset,
        slotsOffset: slotsOffset, slotSize: slot, slotCount: 4, validating: geometry)
    else { return nil }
    self.name = name
    self.family = family
    self.geometry = geometry
    self.layout = layout
    self.share = share
  }

  /// All that are explored; in the large ones a transfer goes on where it was cut short.
  public static let all: [ImageConfiguration] = [
    ImageConfiguration("images-nor1", .nor, unit: 1, sector: 256, slot: 768),
    ImageConfiguration("images-nor8", .nor, unit: 8, sector: 256, slot: 1024),
    ImageConfiguration("images-nor32z", .nor, unit: 32, erased: 0, sector: 1024, slot: 1024),
    ImageConfiguration("images-ecc8", .eccNOR, unit: 8, sector: 512, slot: 1024),
    ImageConfiguration("images-ecc32", .eccNOR, unit: 32, sector: 1024, slot: 1024),
    ImageConfiguration("images-nor4L", .nor, unit: 4, sector: 1024, slot: 10_240, share: 50),
    ImageConfiguration("images-ecc8L", .eccNOR, unit: 8, sector: 512, slot: 10_240, share: 50),
    ImageConfiguration("images-fram1L", .fram, unit: 1, sector: 256, slot: 10_240, share: 50),
    ImageConfiguration("images-fram1", .fram, unit: 1, sector: 256, slot: 1024),
    ImageConfiguration("images-fram4z", .fram, unit: 4, erased: 0, sector: 512, slot: 768),
  ].compactMap { $0 }

  /// The configuration of this name.
  public static func named(_ name: some StringProtocol) -> ImageConfiguration? {
    all.first { $0.name == name }
  }

  /// Bytes of the image number `number`, and what they are: no two alike.
  func image(_ number: Int) -> [UInt8] {
    var random = SeededGenerator(seed: UInt64(number) &+ 77)
    let room = layout.slotSize - 256
    let count = 1 + Int(random.next() % UInt64(room))
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }
}

/// A digest for simulated images: it tells them apart, and no more is needed of it.
public struct SimulatedDigest: StreamingDigest {
  private var lanes = SIMD4<UInt64>(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344)
  private var count: UInt64 = 0

  /// The digest of nothing.
  public init() {}

  /// Takes bytes.
  public mutating func update(_ bytes: Span<UInt8>) {
    for index in bytes.indices {
      lanes[Int(count & 3)] = (lanes[Int(count & 3)] ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3
      count &+= 1
    }
  }

  /// The bytes of the digest.
  public mutating func finish() -> InlineArray<32, UInt8> {
    var result = InlineArray<32, UInt8>(repeating: 0)
    for index in 0..<32 {
      var mixed = SeededGenerator(seed: lanes[index / 8] ^ count << 32 ^ lanes[(index / 8 + 1) & 3])
      result[index] = UInt8(truncatingIfNeeded: mixed.next() >> UInt64(index % 8 * 8))
    }
    return result
  }
}
