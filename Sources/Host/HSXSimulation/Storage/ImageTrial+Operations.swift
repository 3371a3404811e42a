import HSXHAL
import HSXPersistence

extension ImageTrial {
  /// Asks the store for it. False if there is nothing to ask for. Throws what the store throws.
  mutating func carryOut(_ operation: ImageOperation) throws(StoreError) -> Bool {
    var batch = Batch<24>()
    let active = activeSlot
    switch operation {
    case .stage(let image): return try stage(image)
    case .activate(let image, let attempts):
      guard let slot = verifiedSlot(of: image) else { throw .noSlot }
      let values = observed.values
      let generation = try store.activate(slot, attempts: attempts, into: &batch, in: &memory)
      let kind = Record.Kind.value(generation: generation)
      if let value = values[0] {
        try batch.append(Record(kind, 1, value))
      } else if store.value(of: 1, generation: generation) != nil {
        // What an older image left in this generation.
        try batch.append(.tombstone(kind, 1))
      }
      try batch.append(Record(kind, 2, UInt16(image)))
    case .takeAttempts: try store.takeAttempts(into: &batch)
    case .setValue(let key, let value):
      guard let active else { return false }
      let generation = store.state(of: active).generation
      try store.setValue(value, of: UInt16(key + 1), generation: generation, in: &memory)
      return true
    case .confirm: if let active { try store.confirm(active, into: &batch) }
    case .reject: if let active { try store.reject(active, .request, into: &batch) }
    case .fail: if let active { try store.fail(active, .fault, attempts: 2, into: &batch) }
    case .release:
      for slot in store.slots.indices {
        let phase = store.state(of: slot).phase
        if phase == .rejected || phase == .retired { try store.release(slot, into: &batch) }
      }
    }
    try store.commit(batch, in: &memory)
    return batch.count > 0
  }

  /// Sends what is missing of an image. One that is there already is not sent again.
  private mutating func stage(_ image: Int) throws(StoreError) -> Bool {
    if verifiedSlot(of: image) != nil { return false }
    let known = known(image)
    let bytes = known.bytes
    var staging = try store.stage(
      length: bytes.count, sha256: known.digest, digest: SimulatedDigest.self, in: &memory)
    var chunk = 37 + image % 3 * 64
    while staging.offset < bytes.count {
      let end = min(bytes.count, staging.offset + chunk)
      try store.write(bytes.span.extracting(staging.offset..<end), to: &staging, in: &memory)
      // A sender pauses now and then and goes on.
      if image % 4 == 3, staging.offset < bytes.count, staging.offset > 128, chunk != 255 {
        chunk = 255
        try store.pause(&staging, in: &memory)
        staging = try store.stage(
          length: bytes.count, sha256: known.digest, digest: SimulatedDigest.self, in: &memory)
      }
    }
    var descriptor = ImageDescriptor()
    descriptor.setName([0x61].span)
    descriptor.revision = UInt16(truncatingIfNeeded: image)
    try store.seal(&staging, as: descriptor, in: &memory)
    return true
  }

  private var activeSlot: UInt16? {
    let table = store.slots
    return table.indices.first { table[$0].isActive }
  }

  private mutating func verifiedSlot(of image: Int) -> UInt16? {
    let table = store.slots
    for slot in table.indices where table[slot].phase == .verified {
      if imageNumber(in: slot) == image { return slot }
    }
    return nil
  }

  /// What to do next: the same again if it did not happen, else something small.
  func again(_ operation: ImageOperation, _ number: Int) -> ImageOperation {
    let small = ImageOperation.setValue(number % 2, UInt16(truncatingIfNeeded: number))
    switch operation {
    case .stage(let image): return observed.verified == image || observed.active == image ? small : operation
    case .activate(let image, _): return observed.verified == image ? operation : small
    case .confirm where observed.active != 0 && !observed.isConfirmed: return operation
    case .reject, .fail: return small
    default: return number % 3 == 0 ? .takeAttempts : small
    }
  }

  /// The boots behind the last cut: two without a change, one that goes on, one that looks, one more change, and a last look.
  mutating func finish(_ operation: ImageOperation, _ number: Int, before: ImageState)
    -> Result<StorageOutcome, StorageProblem>
  {
    boot()
    let first = observed
    boot()
    let second = observed
    perform(again(operation, number))
    boot()
    boot()
    perform(.setValue(number % 2, UInt16(truncatingIfNeeded: number &+ 1)))
    boot()
    if let problem { return .failure(problem) }
    return .success(first != second ? .wavered : first == before ? .old : .new)
  }
}
