import HSXHAL
import HSXPersistence

// What a firmware links when it uses the store without image slots: the superblock is read, values are stored one by one and in batches.

typealias Store256 = Store<256>

@_cdecl("store_mount") public func store_mount(_ flash: UnsafeMutableRawPointer, _ store: UnsafeMutableRawPointer) -> Bool {
  do throws(StoreError) {
    let mounted = try unsafe Store256(mounting: &flash.assumingMemoryBound(to: Flash.self).pointee)
    unsafe store.initializeMemory(as: Store256.self, to: mounted)
    return true
  } catch { return false }
}

@_cdecl("store_format") public func store_format(_ flash: UnsafeMutableRawPointer, _ store: UnsafeMutableRawPointer) -> Bool {
  let geometry = unsafe flash.assumingMemoryBound(to: Flash.self).pointee.geometry
  guard let layout = Layout.standard(for: geometry) else { return false }
  do throws(StoreError) {
    let new = try unsafe Store256.format(layout, in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    unsafe store.initializeMemory(as: Store256.self, to: new)
    return true
  } catch { return false }
}

@_cdecl("store_set") public func store_set(
  _ flash: UnsafeMutableRawPointer, _ store: UnsafeMutableRawPointer, _ key: UInt16, _ value: UInt16
) -> Bool {
  do throws(StoreError) {
    try unsafe store.assumingMemoryBound(to: Store256.self).pointee.setValue(
      value, of: key, generation: 0, in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    return true
  } catch { return false }
}

@_cdecl("store_commit") public func store_commit(
  _ flash: UnsafeMutableRawPointer, _ store: UnsafeMutableRawPointer, _ batch: UnsafeMutableRawPointer,
  _ key: UInt16, _ value: UInt16
) -> Bool {
  let batch = unsafe batch.assumingMemoryBound(to: Batch<256>.self)
  do throws(StoreError) {
    try unsafe batch.pointee.append(Record(.value0, key, value))
    try unsafe store.assumingMemoryBound(to: Store256.self).pointee.commit(
      batch.pointee, in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    return true
  } catch { return false }
}
