public import HSXHAL

extension Store {
  /// Takes a slot for an image that is to come.
  ///
  /// Free slots are taken first, then retired ones, then those of transfers given up, then the one rejected longest ago: a
  /// remedy must be able to come. Active slots, fallbacks, verified images and the factory's are never taken.
  ///
  /// If a transfer of the same hash and length was cut short, it goes on where `Staging.offset` says, a multiple of 256.
  /// `source` is kept nowhere before the seal. Cost: on a resume, one reading of what is there already.
  ///
  /// Fails with `hashRejected`, `noSlot`, `imageSize`.
  public mutating func stage<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    length: Int?, sha256: InlineArray<32, UInt8>?, digest: Digest.Type, in memory: inout Memory
  ) throws(StoreError) -> Staging<Digest> {
    var identity = Words(Words.identity)
    if let sha256 { identity.setBytes(sha256) }
    identity[8] = UInt32(truncatingIfNeeded: length ?? 0)
    let known = sha256 != nil && length != nil
    let room = layout.slotSize &- ImageDescriptor.imageStart
    if let length, length <= 0 || length > room { throw .imageSize(found: length, expected: room) }
    var writer = try claim(identity, isKnown: known, isHashKnown: sha256 != nil, in: &memory)
    writer.limit = length ?? room
    writer.isExact = length != nil
    var staging = Staging<Digest>(writer)
    staging.announced = identity
    staging.isAnnounced = sha256 != nil
    if staging.writer.taken > 0 {
      do throws(StoreError) {
        try hash(&staging.digest, of: writer.slot, length: writer.taken, in: &memory)
      } catch {
        // What cannot be read has to come again.
        staging.digest = Digest()
        staging.writer.taken = 0
        try prepare(writer.slot, identity, isKnown: known, in: &memory)
      }
    }
    busy |= 1 &<< UInt32(writer.slot)
    return staging
  }

  /// Takes the image's next bytes, any number of them. They are lasting after each erase unit, or each 4 KiB.
  ///
  /// Fails with `imageSize` when there are more than announced, or than the slot holds; then nothing was taken. After a failure
  /// of the memory nothing more can be written: pause, and stage again.
  public mutating func write<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ bytes: Span<UInt8>, to staging: inout Staging<Digest>, in memory: inout Memory
  ) throws(StoreError) {
    try put(bytes, &staging.writer, in: &memory)
    staging.digest.update(bytes)
  }

  /// Ends a transfer that may go on later, after a restart too. On a memory without erase units it will go on within 256 bytes
  /// of where it stands, else at the start of the erase unit that it is in.
  public mutating func pause<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ staging: inout Staging<Digest>, in memory: inout Memory
  ) throws(StoreError) {
    let writer = staging.writer
    free(writer.slot)
    guard !writer.isBroken, memory.geometry.eraseUnit == 0 else { return }
    try remark(writer, in: &memory)
  }

  /// Ends a transfer that will not go on. The slot is free.
  public mutating func abandon<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ staging: inout Staging<Digest>, in memory: inout Memory
  ) throws(StoreError) {
    free(staging.slot)
    staging.writer.isBroken = true
    try change(staging.slot, to: .empty, in: &memory)
  }

  /// Completes the image: reads it back, compares its hash with what was written and what was announced, writes its descriptor,
  /// and lets the slot be VERIFIED. When it returns, that is lasting.
  ///
  /// `descriptor` tells what the image is; its hash and length are filled in here. Fails with `imageSize` when bytes are
  /// missing (more may still be written); with `hashMismatch` or `hashRejected` when it is not what was announced or is not
  /// wanted, with `damaged` when it reads back otherwise: then the slot is free.
  public mutating func seal<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ staging: inout Staging<Digest>, as descriptor: ImageDescriptor, in memory: inout Memory
  ) throws(StoreError) {
    let length = staging.writer.taken
    if length == 0 || staging.writer.isExact && length != staging.writer.limit {
      throw .imageSize(found: length, expected: staging.writer.limit)
    }
    try pad(&staging.writer, in: &memory)
    // Whatever happens from here, no more bytes are taken.
    staging.writer.isBroken = true
    var identity = Words(Words.identity)
    identity.setBytes(staging.digest.finish())
    identity[8] = UInt32(truncatingIfNeeded: length)
    let slot = staging.slot
    do throws(StoreError) {
      guard !staging.isAnnounced || identity.isSame(as: staging.announced) else { throw .hashMismatch(slot) }
      _ = try find(identity, in: &memory)
      try compare(identity, slot, with: Digest.self, in: &memory)
    } catch {
      try abandon(&staging, in: &memory)
      throw error
    }
    try describe(
      slot, identity, descriptor.about, isWritten: staging.isAnnounced && staging.writer.isExact,
      in: &memory)
    free(slot)
  }

  /// Reads a slot's descriptor and image and compares the hash. Cost: one reading of the image.
  ///
  /// Fails with `damaged`, or with `slotState` if there is no image.
  public func verify<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, digest: Digest.Type, in memory: inout Memory
  ) throws(StoreError) {
    let descriptor = try descriptor(of: slot, in: &memory)
    try compare(descriptor.identity, slot, with: digest, in: &memory)
  }

  /// Compares a slot's image with the hash and length in `identity`.
  private func compare<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ identity: Words, _ slot: UInt16, with _: Digest.Type, in memory: inout Memory
  ) throws(StoreError) {
    var digest = Digest()
    try hash(&digest, of: slot, length: Int(truncatingIfNeeded: identity[8]), in: &memory)
    var found = Words(Words.identity)
    found.setBytes(digest.finish())
    guard found.isSame(as: identity) else { throw .damaged(slot) }
  }

  /// Folds the first bytes of a slot's image into a digest. Fails with `damaged`.
  @inline(never)
  private func hash<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ digest: inout Digest, of slot: UInt16, length: Int, in memory: inout Memory
  ) throws(StoreError) {
    var bytes = InlineArray<256, UInt8>(repeating: 0)
    var offset = 0
    while offset < length {
      let count = length &- offset < 256 ? length &- offset : 256
      var all = bytes.mutableSpan
      var span = all._mutatingExtracting(0..<count)
      do { try read(slot, at: offset, into: &span, in: &memory) } catch { throw .damaged(slot) }
      digest.update(bytes.span.extracting(0..<count))
      offset &+= count
    }
  }
}
