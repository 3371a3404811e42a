import HSXHAL
import HSXPersistence

// What a firmware links when it uses the ring, and nothing else.

typealias Ring256 = Journal<256>

@_cdecl("ring_mount") public func ring_mount(_ flash: UnsafeMutableRawPointer, _ ring: UnsafeMutableRawPointer) -> Bool {
  let region = Ring(offset: 0, pageSize: 4096, pageCount: 14)
  do throws(StoreError) {
    let journal = try unsafe Ring256(mounting: region, in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    unsafe ring.initializeMemory(as: Ring256.self, to: journal)
    return true
  } catch { return false }
}

@_cdecl("ring_format") public func ring_format(_ flash: UnsafeMutableRawPointer, _ ring: UnsafeMutableRawPointer) -> Bool {
  let region = Ring(offset: 0, pageSize: 4096, pageCount: 14)
  do throws(StoreError) {
    let journal = try unsafe Ring256(formatting: region, in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    unsafe ring.initializeMemory(as: Ring256.self, to: journal)
    return true
  } catch { return false }
}

@_cdecl("ring_commit") public func ring_commit(
  _ flash: UnsafeMutableRawPointer, _ ring: UnsafeMutableRawPointer, _ records: UnsafeRawPointer, _ count: Int
) -> Bool {
  let span = unsafe Span(
    _unsafeStart: records.assumingMemoryBound(to: Record.self), count: count)
  do throws(StoreError) {
    try unsafe ring.assumingMemoryBound(to: Ring256.self).pointee.commit(
      span, in: &flash.assumingMemoryBound(to: Flash.self).pointee)
    return true
  } catch { return false }
}

@_cdecl("ring_value") public func ring_value(_ ring: UnsafeRawPointer, _ key: UInt16) -> Int32 {
  guard let value = unsafe ring.assumingMemoryBound(to: Ring256.self).pointee.value(of: .value0, key) else { return -1 }
  return Int32(value)
}
