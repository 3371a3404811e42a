import HSXHAL
import HSXPersistence
import HSXProvisioning
import HXE

/// The image of a transfer, on its way into a slot or complete in it.
struct StagedImage<Digest: StreamingDigest> {
  /// The transfer; nil if it is over and the slot could not be freed yet.
  var handle: UInt64?
  let target: PersistTarget
  var staging: Staging<Digest>
  /// Its revision, once it is complete and proved.
  var revision: UInt32?

  var slot: UInt16 { staging.slot }
}

extension Storage where Memory: ~Copyable {
  // MARK: Staging

  /// Takes a slot for the image of a transfer. Answers where an earlier transfer of the same image goes on.
  mutating func stage(
    _ handle: UInt64, _ target: PersistTarget, length: Int?, sha256: [UInt8]?
  ) throws(StoreError) -> Int {
    var hash: InlineArray<32, UInt8>?
    if let sha256 {
      var bytes = InlineArray<32, UInt8>(repeating: 0)
      for index in 0..<min(32, sha256.count) { bytes[index] = sha256[index] }
      hash = bytes
    }
    let staging = try store.stage(length: length, sha256: hash, digest: Digest.self, in: &memory)
    staged.append(StagedImage(handle: handle, target: target, staging: staging))
    knownKeys.removeAll { $0.slot == staging.slot }
    return staging.offset
  }

  /// Takes the next bytes of a transfer, if its image is staged.
  mutating func write(_ handle: UInt64, _ bytes: Span<UInt8>) throws(StoreError) {
    guard let index = staged.firstIndex(where: { $0.handle == handle }) else { return }
    try store.write(bytes, to: &staged[index].staging, in: &memory)
  }

  /// Completes the image of a transfer, as the next revision of its app; nil if it is not staged.
  mutating func seal(
    _ handle: UInt64, app: ShortName, crc32: UInt32, source: Source
  ) throws(StoreError) -> StagedImage<Digest>? {
    guard let index = staged.firstIndex(where: { $0.handle == handle }) else { return nil }
    let revision = nextRevision(of: app)
    var descriptor = ImageDescriptor()
    descriptor.setName(app.span)
    descriptor.revision = revision
    descriptor.crc32 = crc32
    descriptor.source = source.number
    do throws(StoreError) {
      try store.seal(&staged[index].staging, as: descriptor, in: &memory)
    } catch {
      // The slot is free already then, and may be another's by the next look.
      switch error {
      case .hashMismatch, .hashRejected, .damaged: staged.remove(at: index)
      default: break
      }
      throw error
    }
    staged[index].revision = UInt32(revision)
    return staged[index]
  }

  /// Ends the staging of a transfer that is over: one that may go on later keeps what came, of others nothing stays.
  mutating func unstage(_ handle: UInt64, mayGoOn: Bool) throws(StoreError) {
    guard let index = staged.firstIndex(where: { $0.handle == handle }) else { return }
    if staged[index].revision != nil {
      staged[index].handle = nil
      return try releaseComplete()
    }
    var image = staged.remove(at: index)
    if mayGoOn {
      try store.pause(&image.staging, in: &memory)
    } else {
      try store.abandon(&image.staging, in: &memory)
    }
  }

  /// Frees the slots of complete images whose transfers are over. Nobody else overwrites them, so whoever fails here tries
  /// again.
  mutating func releaseComplete() throws(StoreError) {
    while let index = staged.firstIndex(where: { $0.handle == nil }) {
      try release(staged[index].slot)
      staged.remove(at: index)
    }
  }

  /// Forgets that the image of a transfer waits: it is active now.
  mutating func noteActivated(_ handle: UInt64) {
    staged.removeAll { $0.handle == handle }
  }

  /// Frees a slot.
  mutating func release(_ slot: UInt16) throws(StoreError) {
    var batch = StateBatch()
    try store.release(slot, into: &batch)
    try store.commit(batch, in: &memory)
  }

  // MARK: Reading

  /// Bytes of a slot's image.
  mutating func bytes(of slot: UInt16, at offset: Int, count: Int) throws(StoreError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    try store.read(slot, at: offset, into: &span, in: &memory)
    return bytes
  }

  /// Compares a slot's image with its hash.
  ///
  /// - Throws: `damaged` only if what stands there is another or nothing; `memory` if the memory refused to read, which says
  ///   nothing of that.
  mutating func verify(_ slot: UInt16) throws(StoreError) {
    let descriptor = try store.descriptor(of: slot, in: &memory)
    var digest = Digest()
    var offset = 0
    while offset < descriptor.length {
      let piece: [UInt8]
      do throws(StoreError) {
        piece = try bytes(of: slot, at: offset, count: min(1024, descriptor.length - offset))
      } catch {
        if case .memory(.unreadable) = error { throw .damaged(slot) }
        throw error
      }
      digest.update(piece.span)
      offset += piece.count
    }
    let found = digest.finish()
    let expected = descriptor.sha256
    for index in expected.indices where found[index] != expected[index] { throw .damaged(slot) }
  }

  /// What a slot's image declares, without its hash having been compared; nil if it cannot be read as an image.
  mutating func metadata(of slot: UInt16, limits: ImageLimits, checksum: CRC32.Algorithm) -> Metadata? {
    let length: Int
    do throws(StoreError) { length = try store.descriptor(of: slot, in: &memory).length } catch { return nil }
    var parser = ImageParser(
      totalBytes: UInt32(truncatingIfNeeded: length), limits: limits, checksum: checksum)
    var offset = 0
    while offset < length {
      var piece: [UInt8] = []
      do throws(StoreError) {
        piece = try bytes(of: slot, at: offset, count: min(1024, length - offset))
      } catch {
        return nil
      }
      var position = 0
      do throws(ImageError) {
        while try parser.next(in: piece.span, at: &position) != nil {}
      } catch {
        return nil
      }
      offset += piece.count
    }
    do throws(ImageError) { try parser.finish() } catch { return nil }
    return parser.metadata
  }

  /// The persist keys that a slot's image declares; none if it cannot be read. Reads the image the first time only.
  mutating func keys(of slot: UInt16, limits: ImageLimits, checksum: CRC32.Algorithm) -> [UInt16] {
    if let known = knownKeys.first(where: { $0.slot == slot }) { return known.keys }
    guard let metadata = metadata(of: slot, limits: limits, checksum: checksum) else { return [] }
    let keys = metadata.values.map { $0.persistKey }.filter { $0 != 0 }
    knownKeys.append((slot: slot, keys: keys))
    return keys
  }

  /// What is known of a slot.
  mutating func facts(of slot: UInt16) -> SlotFacts {
    let table = store.slots
    var facts = SlotFacts(slot: UInt8(truncatingIfNeeded: slot), state: table[slot])
    facts.isFallback = table.active(of: slot).flatMap { table.fallback(of: $0) } == slot
    guard table[slot].phase.rawValue >= SlotState.Phase.verified.rawValue else { return facts }
    do throws(StoreError) {
      let descriptor = try store.descriptor(of: slot, in: &memory)
      var name = ShortName()
      for index in 0..<descriptor.nameCount { name.append(descriptor.nameByte(index)) }
      facts.app = name
      facts.revision = UInt32(descriptor.revision)
      facts.length = UInt32(truncatingIfNeeded: descriptor.length)
      facts.crc32 = descriptor.crc32
      facts.source = descriptor.source
      let hash = descriptor.sha256
      facts.sha256 = hash.indices.map { hash[$0] }
    } catch {
      if case .memory(let fault) = error { facts.fault = fault } else { facts.isDamaged = true }
    }
    return facts
  }

  /// All slots.
  mutating func allFacts() -> [SlotFacts] {
    var all: [SlotFacts] = []
    for slot in store.slots.indices { all.append(facts(of: slot)) }
    return all
  }

  /// The slot from which an app boots. If that cannot be read itself, the record says whose it is: the image before it has
  /// the name.
  mutating func activeSlot(of app: ShortName) -> SlotFacts? {
    let table = store.slots
    for slot in table.indices where table[slot].isActive {
      var facts = facts(of: slot)
      if facts.app == nil, let fallback = table.fallback(of: slot) {
        facts.app = self.facts(of: fallback).app
      }
      if facts.app == app { return facts }
    }
    return nil
  }

  /// Whether a slot's image was read and is not what was written. One reading of it.
  mutating func isDamaged(_ slot: UInt16) -> Bool {
    do throws(StoreError) { try verify(slot) } catch { return error == .damaged(slot) }
    return false
  }

  private mutating func nextRevision(of app: ShortName) -> UInt16 {
    // Nothing comes behind the highest number; it is given again rather than 0, which says that none is known.
    var highest: UInt32 = 0
    for facts in allFacts() where facts.app == app { highest = max(highest, facts.revision ?? 0) }
    return UInt16(truncatingIfNeeded: min(highest &+ 1, 0xFFFF))
  }
}

extension Source {
  /// The kind, as a slot remembers it.
  fileprivate var number: UInt32 {
    switch self {
    case .file: 1
    case .rpc: 2
    case .can: 3
    case .sd: 4
    case .uart: 5
    case .store: 6
    }
  }
}
