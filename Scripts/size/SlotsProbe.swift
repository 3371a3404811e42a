import HSXHAL
import HSXPersistence

// What a firmware links when it uses image slots beside the ring: staging, sealing, the swap, rolling back. The superblock and
// SHA-256 are not the slots'.

struct Digest: StreamingDigest {
  private var state: UInt32 = 0
  mutating func update(_ bytes: Span<UInt8>) { unsafe bytes.withUnsafeBytes { unsafe digest_update($0.baseAddress!, $0.count) } }
  mutating func finish() -> InlineArray<32, UInt8> { InlineArray(repeating: digest_finish()) }
}

@_extern(c, "digest_update") func digest_update(_ bytes: UnsafeRawPointer, _ count: Int)
@_extern(c, "digest_finish") func digest_finish() -> UInt8

typealias Store256 = Store<256>

@_cdecl("slots_stage") public func slots_stage(
  _ flash: UnsafeMutableRawPointer, _ store: UnsafeMutableRawPointer, _ staging: UnsafeMutableRawPointer,
  _ hash: UnsafeRawPointer, _ length: Int
) -> Bool {
  let sha256 = unsafe hash.assumingMemoryBound(to: InlineArray<32, UInt8>.self).pointee
  do throws(StoreError) {
    let new = try unsafe store.assumingMemoryBound(to: Store256.self).pointee.stage(
      length: length, sha256: sha256, digest: Digest.self, in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    unsafe staging.initializeMemory(as: Staging<Digest>.self, to: new)
    return true
  } catch { return false }
}

@_cdecl("slots_write") public func slots_write(
  _ flash: UnsafeMutableRawPointer, _ store: UnsafeMutableRawPointer, _ staging: UnsafeMutableRawPointer,
  _ bytes: UnsafeRawPointer, _ count: Int
) -> Bool {
  let span = unsafe Span(_unsafeStart: bytes.assumingMemoryBound(to: UInt8.self), count: count)
  do throws(StoreError) {
    try unsafe store.assumingMemoryBound(to: Store256.self).pointee.write(
      span, to: &staging.assumingMemoryBound(to: Staging<Digest>.self).pointee,
      in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    return true
  } catch { return false }
}

@_cdecl("slots_end") public func slots_end(
  _ flash: UnsafeMutableRawPointer, _ store: UnsafeMutableRawPointer, _ staging: UnsafeMutableRawPointer, _ how: Int,
  _ descriptor: UnsafeRawPointer
) -> Bool {
  do throws(StoreError) {
    switch how {
    case 0:
      try unsafe store.assumingMemoryBound(to: Store256.self).pointee.pause(
        &staging.assumingMemoryBound(to: Staging<Digest>.self).pointee,
        in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    case 1:
      try unsafe store.assumingMemoryBound(to: Store256.self).pointee.abandon(
        &staging.assumingMemoryBound(to: Staging<Digest>.self).pointee,
        in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    default:
      try unsafe store.assumingMemoryBound(to: Store256.self).pointee.seal(
        &staging.assumingMemoryBound(to: Staging<Digest>.self).pointee,
        as: descriptor.assumingMemoryBound(to: ImageDescriptor.self).pointee,
        in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    }
    return true
  } catch { return false }
}

@_cdecl("slots_read") public func slots_read(
  _ flash: UnsafeMutableRawPointer, _ store: UnsafeMutableRawPointer, _ slot: UInt16, _ offset: Int,
  _ bytes: UnsafeMutableRawPointer, _ count: Int
) -> Bool {
  var span = unsafe MutableSpan(_unsafeStart: bytes.assumingMemoryBound(to: UInt8.self), count: count)
  do throws(StoreError) {
    try unsafe store.assumingMemoryBound(to: Store256.self).pointee.read(
      slot, at: offset, into: &span, in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    return true
  } catch { return false }
}

@_cdecl("slots_verify") public func slots_verify(
  _ flash: UnsafeMutableRawPointer, _ store: UnsafeMutableRawPointer, _ slot: UInt16
) -> Bool {
  do throws(StoreError) {
    try unsafe store.assumingMemoryBound(to: Store256.self).pointee.verify(
      slot, digest: Digest.self, in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    return true
  } catch { return false }
}

@_cdecl("slots_change") public func slots_change(
  _ flash: UnsafeMutableRawPointer, _ store: UnsafeMutableRawPointer, _ batch: UnsafeMutableRawPointer,
  _ slot: UInt16, _ how: Int
) -> Bool {
  let batch = unsafe batch.assumingMemoryBound(to: Batch<256>.self)
  let store = unsafe store.assumingMemoryBound(to: Store256.self)
  do throws(StoreError) {
    switch how {
    case 0:
      _ = try unsafe store.pointee.activate(
        slot, attempts: 3, into: &batch.pointee, in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    case 1: try unsafe store.pointee.takeAttempts(into: &batch.pointee)
    case 2: try unsafe store.pointee.confirm(slot, into: &batch.pointee)
    case 3: try unsafe store.pointee.reject(slot, .fault, into: &batch.pointee)
    case 4: try unsafe store.pointee.fail(slot, .load, attempts: 3, into: &batch.pointee)
    case 5: try unsafe store.pointee.release(slot, into: &batch.pointee)
    default:
      try unsafe store.pointee.commit(batch.pointee, in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    }
    return true
  } catch { return false }
}
