import HSXHAL
import HSXLinux
import HSXPersistence
import HSXSigning

/// The images of one app, each with a revision one higher than the last, and with a value that is swapped in with it.
enum Images {
  private static let length = 9_001

  /// The bytes of the image of a revision.
  private static func bytes(_ revision: UInt16) -> [UInt8] {
    var choice = Sequence64(state: UInt64(revision))
    return (0..<length).map { _ in UInt8(choice.next(below: 256)) }
  }

  private static func activeSlot(_ store: Writing.Ledger) -> UInt16? {
    store.slots.indices.first { store.state(of: $0).isActive }
  }

  /// The revision of the active image and the value that belongs to it; 0 before the first. The image is verified.
  static func read(
    _ store: inout Writing.Ledger, in device: inout WeakenedDevice
  ) throws(StoreError) -> (revision: UInt16, value: UInt16) {
    guard let slot = activeSlot(store) else { return (0, 0) }
    try store.verify(slot, digest: SHA256Digest.self, in: &device)
    let value = store.value(of: Writing.imageTwins.0, generation: store.state(of: slot).generation)
    return (try store.descriptor(of: slot, in: &device).revision, value ?? 0)
  }

  /// Stages the image of the next revision, in pieces, and swaps it in with its value; confirms the one before, if need be.
  static func replace(
    _ store: inout Writing.Ledger, _ isAnnounced: Bool, in device: inout WeakenedDevice
  ) throws {
    var batch = Batch<64>()
    var generation: UInt8 = 0
    if let slot = activeSlot(store) {
      generation = store.state(of: slot).generation
      try store.confirm(slot, into: &batch)
    }
    // Sealed, and the power failed before it was swapped in: nobody overwrites it unasked.
    for slot in store.slots.indices where store.state(of: slot).phase == .verified {
      try store.release(slot, into: &batch)
    }
    try store.commit(batch, in: &device)
    batch.removeAll()
    let revision = try read(&store, in: &device).revision + 1
    let image = bytes(revision)
    Console.say("try \(Writing.imageTwins.0) \(revision) \(Writing.imageTwins.1) \(revision)")
    var digest = SHA256Digest()
    digest.update(image.span)
    // Where a transfer of it was cut short, this goes on with it.
    var staging = try store.stage(
      length: isAnnounced ? length : nil, sha256: isAnnounced ? digest.finish() : nil,
      digest: SHA256Digest.self, in: &device)
    while staging.offset < length {
      let piece = image.span.extracting(staging.offset..<min(staging.offset + 1_500, length))
      try store.write(piece, to: &staging, in: &device)
    }
    var descriptor = ImageDescriptor()
    descriptor.setName([0x70].span)
    descriptor.revision = revision
    try store.seal(&staging, as: descriptor, in: &device)
    generation = try store.activate(
      staging.slot, attempts: 3, generation: generation, into: &batch, in: &device)
    try batch.append(Record(.value(generation: generation), Writing.imageTwins.0, revision))
    try store.commit(batch, in: &device)
    Console.say("stored \(Writing.imageTwins.0) \(revision) \(Writing.imageTwins.1) \(revision)")
  }
}
