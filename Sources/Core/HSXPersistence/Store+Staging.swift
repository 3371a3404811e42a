public import HSXHAL

extension Store {
  /// Takes a slot for an image that is to come.
  ///
  /// Free slots are taken first, then retired ones, then those of transfers given up, then the one rejected longest ago: a
  /// remedy must be able to come. Active slots, fallbacks, verified images and the factory's are never taken.
  ///
  /// If a transfer that named the same hash and length was cut short, it goes on where `Staging.offset` says, a multiple of 256.
  /// Cost: an erase; on a resume, one reading of what is there already.
  ///
  /// Fails with `hashRejected`, `noSlot`, `imageSize`.
  @inline(__always)
  public mutating func stage<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    length: Int?, sha256: InlineArray<32, UInt8>?, digest: Digest.Type, in memory: inout Memory
  ) throws(StoreError) -> Staging<Digest> {
    var staging = Staging<Digest>(length, sha256)
    let outcome = begin(&staging, in: &memory)
    try require(outcome, &staging.writer)
    return staging
  }

  @inline(never)
  private mutating func begin<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ staging: inout Staging<Digest>, in memory: inout Memory
  ) -> Outcome {
    var outcome = claim(&staging.writer, in: &memory)
    // What cannot be read has to come again.
    if outcome.isDone,
      staging.writer.taken == 0
        || !hash(&staging.digest, staging.writer.slot, staging.writer.taken, in: &memory)
    {
      outcome = prepare(&staging.writer, in: &memory)
    }
    if outcome.isDone { busy |= 1 &<< UInt32(truncatingIfNeeded: staging.writer.slot) }
    return outcome
  }

  /// Takes the image's next bytes, any number of them. Of a transfer that can go on, since its hash and length are known, they are
  /// lasting after each 4 KiB.
  ///
  /// Fails with `imageSize` when there are more than announced, or than the slot holds; then nothing was taken. After a failure
  /// of the memory nothing more can be written: pause, and stage again.
  public mutating func write<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ bytes: Span<UInt8>, to staging: inout Staging<Digest>, in memory: inout Memory
  ) throws(StoreError) {
    let outcome = put(bytes, &staging.writer, in: &memory)
    try require(outcome, &staging.writer)
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
    let outcome = mark(&staging.writer, in: &memory)
    try require(outcome, &staging.writer)
  }

  /// Ends a transfer that will not go on. The slot is free.
  public mutating func abandon<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ staging: inout Staging<Digest>, in memory: inout Memory
  ) throws(StoreError) {
    close(&staging.writer)
    // It may be sealed, and its image in use.
    let mayBeFree = SlotState.allows(raw(staging.writer.slot) & 7, 0)
    let outcome = mayBeFree ? record(&staging.writer, 0, in: &memory) : .closed
    try require(outcome, &staging.writer)
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
    let outcome = complete(&staging, descriptor, in: &memory)
    try require(outcome, &staging.writer)
  }

  @inline(never)
  private mutating func complete<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ staging: inout Staging<Digest>, _ descriptor: ImageDescriptor, in memory: inout Memory
  ) -> Outcome {
    let slot = staging.writer.slot
    if staging.writer.isClosed { return .closed }
    let taken = staging.writer.taken
    if taken == 0 || staging.writer.isLengthKnown && taken != staging.writer.limit {
      return .wrongSize
    }
    var outcome = finish(&staging.writer, in: &memory)
    if outcome.isDone {
      var about = descriptor.about
      var identity = staging.writer.identity
      identity.setHash(staging.digest.finish())
      identity[8] = UInt32(truncatingIfNeeded: taken)
      outcome = describe(&staging.writer, &identity, &about, in: &memory)
      if outcome.isDone, !check(slot, Digest.self, in: &memory) {
        outcome = .damaged
      }
      close(&staging.writer)
      // What is not as it should be is free again.
      let last = record(&staging.writer, outcome.isDone ? SlotState.Phase.verified.bits : 0, in: &memory)
      if outcome.isDone { outcome = last }
    }
    return outcome
  }

  /// Reads a slot's descriptor and image and compares the hash. Cost: one reading of the image.
  ///
  /// Fails with `damaged`, also if the memory refuses to read (`descriptor` and `read` tell that apart), or with `slotState` if
  /// there is no image.
  public mutating func verify<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ slot: UInt16, digest: Digest.Type, in memory: inout Memory
  ) throws(StoreError) {
    guard SlotState.isSealed(raw(Int(slot))) else { throw obstacle(Int(slot)) }
    guard check(Int(slot), digest, in: &memory) else { throw .damaged(slot) }
  }

  /// Whether a slot's descriptor can be read, and its image is the one that it names.
  @inline(never)
  private mutating func check<Digest: StreamingDigest, Memory: NonvolatileMemory & ~Copyable>(
    _ slot: Int, _: Digest.Type, in memory: inout Memory
  ) -> Bool {
    var digest = Digest()
    var words = Words(Words.about)
    guard load(&words, slot, in: &memory) else { return false }
    var found = words
    words.size = Words.identity &* 4
    guard load(&words, slot, in: &memory), words[8] &- 1 < UInt32(truncatingIfNeeded: room),
      hash(&digest, slot, Int(truncatingIfNeeded: words[8]), in: &memory)
    else { return false }
    // The second part is known to be whole; its place takes the hash that was found.
    found.setHash(digest.finish())
    return Words.areSame(&found, &words, 32)
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
      digest.update(words.bytes.span.extracting(0..<((count &- 1) & 63 &+ 1)))
      offset &+= 64
    }
    return true
  }
}
