public import HSXHAL

extension Store {
  /// Takes a slot for an image that is to come.
  ///
  /// Free slots are taken first, then retired ones, then those of transfers given up, then the one rejected longest ago: a
  /// remedy must be able to come. Active slots, fallbacks, verified images and the factory's are never taken.
  ///
  /// If a transfer of the same hash and length was cut short, it goes on where `Staging.offset` says, a multiple of 256.
  /// Cost: an erase; on a resume, one reading of what is there already.
  ///
  /// Fails with `hashRejected`, `noSlot`, `imageSize`.
  public mutating func stage<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    length: Int?, sha256: InlineArray<32, UInt8>?, digest: Digest.Type, in memory: inout Memory
  ) throws(StoreError) -> Staging<Digest> {
    var staging = Staging<Digest>(length ?? room)
    staging.writer.isLengthKnown = length != nil
    if let sha256 {
      staging.writer.identity.setHash(sha256)
      staging.writer.isHashKnown = true
    }
    staging.writer.identity[8] = UInt32(truncatingIfNeeded: staging.writer.limit)
    // What cannot be read has to come again.
    let isReady =
      claim(&staging.writer, in: &memory)
      && (staging.writer.taken > 0
        && hash(&staging.digest, staging.writer.slot, staging.writer.taken, in: &memory)
        || prepare(&staging.writer, in: &memory))
    try staging.writer.require(isReady)
    busy |= 1 &<< UInt32(truncatingIfNeeded: staging.writer.slot)
    return staging
  }

  /// Takes the image's next bytes, any number of them. They are lasting after each 4 KiB.
  ///
  /// Fails with `imageSize` when there are more than announced, or than the slot holds; then nothing was taken. After a failure
  /// of the memory nothing more can be written: pause, and stage again.
  public mutating func write<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ bytes: Span<UInt8>, to staging: inout Staging<Digest>, in memory: inout Memory
  ) throws(StoreError) {
    let isDone = put(bytes, &staging.writer, in: &memory)
    try staging.writer.require(isDone)
    staging.digest.update(bytes)
  }

  /// Ends a transfer that may go on later, after a restart too. On a memory without erase units it will go on within 256 bytes
  /// of where it stands, else at the start of the erase unit that it is in.
  public mutating func pause<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ staging: inout Staging<Digest>, in memory: inout Memory
  ) throws(StoreError) {
    let isClosed = staging.writer.isClosed
    close(&staging.writer)
    if isClosed || memory.geometry.eraseUnit > 0 { return }
    let isDone = mark(&staging.writer, in: &memory)
    try staging.writer.require(isDone)
  }

  /// Ends a transfer that will not go on. The slot is free.
  public mutating func abandon<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ staging: inout Staging<Digest>, in memory: inout Memory
  ) throws(StoreError) {
    close(&staging.writer)
    let isDone = record(&staging.writer, 0, in: &memory)
    try staging.writer.require(isDone)
  }

  /// Completes the image: writes its descriptor, reads everything back, compares the hash with that of what came and what was
  /// announced, and lets the slot be VERIFIED. When it returns, that is lasting.
  ///
  /// `descriptor` tells what the image is; its hash and length are filled in here. Fails with `imageSize` when bytes are
  /// missing (more may still be written); with `hashMismatch` or `hashRejected` when it is not what was announced or is not
  /// wanted, with `damaged` when it reads back otherwise: then the slot is free.
  public mutating func seal<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ staging: inout Staging<Digest>, as descriptor: ImageDescriptor, in memory: inout Memory
  ) throws(StoreError) {
    var isDone = finish(&staging.writer, in: &memory)
    if isDone {
      var descriptor = descriptor
      descriptor.sha256 = staging.digest.finish()
      descriptor.length = staging.writer.taken
      isDone =
        describe(&staging.writer, &descriptor, in: &memory)
        && (check(staging.writer.slot, Digest.self, in: &memory)
          || staging.writer.fail(.damaged(staging.slot)))
      close(&staging.writer)
      // What is not as it should be is free again.
      isDone = record(&staging.writer, isDone ? SlotState.Phase.verified.bits : 0, in: &memory) && isDone
    }
    try staging.writer.require(isDone)
  }

  /// Reads a slot's descriptor and image and compares the hash. Cost: one reading of the image.
  ///
  /// Fails with `damaged`, also if the memory refuses to read (`descriptor` and `read` tell that apart), or with `slotState` if
  /// there is no image.
  public mutating func verify<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, digest: Digest.Type, in memory: inout Memory
  ) throws(StoreError) {
    guard raw(Int(slot)) & 7 >= SlotState.Phase.verified.bits else { throw obstacle(Int(slot)) }
    guard check(Int(slot), digest, in: &memory) else { throw .damaged(slot) }
  }

  /// Whether a slot's descriptor can be read, and its image is the one that it names.
  @inline(never)
  private mutating func check<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ slot: Int, _: Digest.Type, in memory: inout Memory
  ) -> Bool {
    var descriptor = ImageDescriptor()
    var digest = Digest()
    guard load(&descriptor, slot, in: &memory),
      hash(&digest, slot, Int(truncatingIfNeeded: descriptor.identity.word(8)), in: &memory)
    else { return false }
    // The second part is known to be whole; its place takes the hash that was found.
    descriptor.about.setHash(digest.finish())
    return descriptor.about.isSame(as: &descriptor.identity, 32)
  }

  /// Folds the first bytes of a slot's image into a digest. False if they cannot be read; then the digest is of nothing.
  @inline(never)
  private mutating func hash<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ digest: inout Digest, _ slot: Int, _ length: Int, in memory: inout Memory
  ) -> Bool {
    var words = Words(0)
    let start = self.start(slot) &+ ImageDescriptor.imageStart
    var offset = 0
    while offset < length {
      let count = length &- offset < 64 ? length &- offset : 64
      guard words.fetch(at: start &+ offset, count, in: &memory) else {
        digest = Digest()
        return false
      }
      digest.update(words.bytes.span.extracting(0..<(count & 127)))
      offset &+= 64
    }
    return true
  }
}
