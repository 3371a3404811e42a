import HSXHAL
import HSXSigning
import HSXSimulation
import Testing

@testable import HSXPersistence

/// A store in a simulated memory, mounted again at will.
struct StoreFixture {
  var memory: SimulatedMemory
  var store: Store<256>

  /// A store just formatted: 4 MiB that are overwritten byte by byte, or NOR with 4 KiB sectors.
  init(_ family: MemoryFamily = .nor, size: Int = 0x4_0000, writeUnit: Int = 8, eraseUnit: Int = 4096) throws
  {
    let unit = family == .fram ? 0 : eraseUnit
    let geometry = try #require(
      Geometry(
        size: size, writeUnit: writeUnit, eraseUnit: unit, erasedValue: 0xFF,
        ratedCycles: unit == 0 ? 0 : 100_000))
    memory = SimulatedMemory(family, geometry)
    store = try Store.format(try #require(Layout.standard(for: geometry)), in: &memory)
  }

  static func file() throws -> StoreFixture { try StoreFixture(.fram, size: 0x40_0000, writeUnit: 1) }

  /// As after a restart.
  mutating func restart() throws {
    memory.powerUp()
    store = try Store(mounting: &memory)
  }

  mutating func stage(_ image: [UInt8], announced: Bool = true) throws -> Staging<SHA256Digest> {
    try store.stage(
      length: announced ? image.count : nil, sha256: announced ? hash(image) : nil, digest: SHA256Digest.self,
      in: &memory)
  }

  /// Writes the rest of an image, in chunks of `chunk` bytes, up to `end`.
  mutating func write(
    _ image: [UInt8], to staging: inout Staging<SHA256Digest>, upTo end: Int? = nil, chunk: Int = 256
  ) throws {
    while staging.offset < end ?? image.count {
      let next = min(staging.offset + chunk, end ?? image.count)
      try store.write(image[staging.offset..<next].span, to: &staging, in: &memory)
    }
  }

  /// Stages and seals an image; its slot is VERIFIED.
  mutating func install(_ image: [UInt8], as name: String, chunk: Int = 256) throws -> UInt16 {
    var staging = try stage(image)
    try write(image, to: &staging, chunk: chunk)
    try store.seal(&staging, as: descriptor(name), in: &memory)
    return staging.slot
  }

  /// Installs an image and lets it be active and confirmed.
  mutating func run(_ image: [UInt8], as name: String) throws -> UInt16 {
    let slot = try install(image, as: name)
    try activate(slot)
    try change { store, batch throws(StoreError) in try store.confirm(slot, into: &batch) }
    return slot
  }

  @discardableResult
  mutating func activate(_ slot: UInt16, attempts: Int = 3) throws -> UInt8 {
    var batch = Batch<256>()
    let generation = try store.activate(slot, attempts: attempts, into: &batch, in: &memory)
    try store.commit(batch, in: &memory)
    return generation
  }

  /// Commits what `body` puts into a batch; answers the records.
  @discardableResult
  mutating func change(_ body: (inout Store<256>, inout Batch<256>) throws(StoreError) -> Void) throws -> Int
  {
    var batch = Batch<256>()
    try body(&store, &batch)
    try store.commit(batch, in: &memory)
    return batch.count
  }

  func phase(_ slot: UInt16) -> SlotState.Phase { store.state(of: slot).phase }

  /// The image in a slot.
  mutating func read(_ slot: UInt16, _ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    try store.read(slot, at: 0, into: &span, in: &memory)
    return bytes
  }
}

/// The SHA-256 of some bytes.
func hash(_ bytes: [UInt8]) -> InlineArray<32, UInt8> {
  var digest = SHA256Digest()
  digest.update(bytes.span)
  return digest.finish()
}

/// An image that differs in each byte and for each seed.
func image(_ count: Int, seed: UInt8 = 1) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &* 7) ^ seed &* 0x35 }
}

/// A descriptor of this app.
func descriptor(_ name: String) -> ImageDescriptor {
  var descriptor = ImageDescriptor()
  descriptor.setName(Array(name.utf8).span)
  return descriptor
}
