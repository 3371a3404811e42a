public import HSXHAL

/// The trust blob (the signed list of keys), in two copies: the older is overwritten, the newest that is whole holds.
///
/// A half of the partition begins with 20 bytes ('HSXT', version, length, CRC-32 of the blob as words, CRC-32), the blob at byte 32.
extension Store {
  /// The most bytes that a blob may have; 0 if the layout has no place for one.
  public var trustCapacity: Int { layout.trust.isEmpty ? 0 : layout.trust.count / 2 &- 32 }

  /// The version and length of the newest whole blob, nil if there is none. Cost: a reading of both.
  public func trust<Memory: NonvolatileMemory & ~Copyable>(
    in memory: inout Memory
  ) -> (version: UInt32, length: Int)? {
    guard let copy = newestTrust(in: &memory) else { return nil }
    return (copy.version, copy.length)
  }

  /// Reads the newest whole blob from its start: as many bytes as `bytes` has, at most its length. False if there is none.
  public func readTrust<Memory: NonvolatileMemory & ~Copyable>(
    into bytes: inout MutableSpan<UInt8>, in memory: inout Memory
  ) throws(StoreError) -> Bool {
    guard let copy = newestTrust(in: &memory), bytes.count <= copy.length else { return false }
    do { try memory.read(at: copy.offset &+ 32, into: &bytes) } catch { throw .memory(error) }
    return true
  }

  /// Replaces the blob. When it returns, the new one holds; if power fails before, the old one may hold.
  ///
  /// The version must be above the newest's; else it fails with `imageSize`, as it does for a blob that is too long.
  public mutating func setTrust<Memory: NonvolatileMemory & ~Copyable>(
    _ blob: Span<UInt8>, version: UInt32, in memory: inout Memory
  ) throws(StoreError) {
    guard blob.count > 0, blob.count <= trustCapacity else {
      throw .imageSize(found: blob.count, expected: trustCapacity)
    }
    let half = layout.trust.count / 2
    let newest = newestTrust(in: &memory)
    if let newest, version <= newest.version {
      throw .imageSize(
        found: Int(truncatingIfNeeded: version), expected: Int(truncatingIfNeeded: newest.version))
    }
    var start = layout.trust.lowerBound
    if newest?.offset == start { start &+= half }
    try memory.clear(from: start, size: half)
    try memory.settle()
    let unit = memory.geometry.writeUnit > 4 ? memory.geometry.writeUnit : 4
    var checksum = RecordCode.start
    var index = 0
    while index < blob.count {
      var chunk = InlineArray<32, UInt8>(repeating: memory.geometry.erasedValue)
      for place in 0..<unit where index &+ place < blob.count { chunk[place] = blob[index &+ place] }
      do {
        try memory.program(chunk.span.extracting(0..<unit), at: start &+ 32 &+ index)
      } catch {
        throw .memory(error)
      }
      var place = 0
      while place < unit, index &+ place < blob.count {
        checksum = RecordCode.fold(checksum, Store.word(chunk.span, place, blob.count &- index))
        place &+= 4
      }
      index &+= unit
    }
    try memory.settle()
    var words = Words(Words.trust)
    words[0] = Store.trustMagic
    words[1] = version
    words[2] = UInt32(truncatingIfNeeded: blob.count)
    words[3] = ~checksum
    try words.write(at: start, in: &memory)
    try memory.settle()
    guard newestTrust(in: &memory)?.offset == start else { throw .memory(.refused(at: start)) }
  }

  private static var trustMagic: UInt32 { 0x5458_5348 }

  /// Four bytes from `place`, those at and behind `end` as zeros.
  private static func word(_ bytes: Span<UInt8>, _ place: Int, _ end: Int) -> UInt32 {
    var word: UInt32 = 0
    for index in 0..<4 where place &+ index < end {
      word |= UInt32(bytes[place &+ index]) &<< UInt32(truncatingIfNeeded: index &* 8)
    }
    return word
  }

  private func newestTrust<Memory: NonvolatileMemory & ~Copyable>(
    in memory: inout Memory
  ) -> (offset: Int, version: UInt32, length: Int)? {
    var found: (offset: Int, version: UInt32, length: Int)?
    guard trustCapacity > 0 else { return nil }
    for copy in 0..<2 {
      let offset = layout.trust.lowerBound &+ copy &* (layout.trust.count / 2)
      var words = Words(Words.trust)
      guard words.read(at: offset, in: &memory), words[0] == Store.trustMagic, words[2] > 0,
        words[2] <= UInt32(truncatingIfNeeded: trustCapacity), found == nil || words[1] > found?.version ?? 0
      else { continue }
      let length = Int(truncatingIfNeeded: words[2])
      guard trustChecksum(at: offset &+ 32, length, in: &memory) == words[3] else { continue }
      found = (offset, words[1], length)
    }
    return found
  }

  /// The CRC-32 of a blob, nil if it cannot be read.
  private func trustChecksum<Memory: NonvolatileMemory & ~Copyable>(
    at offset: Int, _ length: Int, in memory: inout Memory
  ) -> UInt32? {
    var checksum = RecordCode.start
    var index = 0
    while index < length {
      var bytes = InlineArray<4, UInt8>(repeating: 0)
      var span = bytes.mutableSpan
      do { try memory.read(at: offset &+ index, into: &span) } catch { return nil }
      checksum = RecordCode.fold(checksum, Store.word(bytes.span, 0, length &- index))
      index &+= 4
    }
    return ~checksum
  }
}
