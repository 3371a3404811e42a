// Consuming bytes. Whatever is consumed goes through here, past the header, and into the CRC.
extension ImageParser {
  /// Consumes what the chunk has of the bytes up to the file offset `end`; nil if that is nothing.
  mutating func take(upTo end: UInt32, _ chunk: Span<UInt8>, _ position: inout Int) -> Range<Int>? {
    let limit = min(end, bound)
    guard position < chunk.count, limit > bytesConsumed else { return nil }
    let wanted = limit &- bytesConsumed
    let count = min(chunk.count - position, Int(clamping: wanted))
    let range = position..<(position + count)
    crc.update(chunk.extracting(range))
    position += count
    bytesConsumed &+= UInt32(truncatingIfNeeded: count)
    return range
  }

  /// Consumes up to the file offset `end`; whether it is reached or already passed.
  mutating func skip(to end: UInt32, _ chunk: Span<UInt8>, _ position: inout Int) -> Bool {
    _ = take(upTo: end, chunk, &position)
    return bytesConsumed >= end
  }

  /// Consumes into the buffer until that holds `count` bytes; whether it does.
  mutating func fill(to count: UInt32, _ chunk: Span<UInt8>, _ position: inout Int) -> Bool {
    let missing = count &- UInt32(truncatingIfNeeded: buffer.count)
    guard missing > 0 else { return true }
    if buffer.isEmpty { buffer.reserveCapacity(Int(clamping: count)) }
    guard let range = take(upTo: bytesConsumed &+ missing, chunk, &position) else { return false }
    for index in range { buffer.append(chunk[index]) }
    return UInt32(truncatingIfNeeded: buffer.count) == count
  }

  /// Consumes a big-endian number of four bytes; nil until all are there.
  mutating func takeNumber(_ chunk: Span<UInt8>, _ position: inout Int) -> UInt32? {
    let missing = UInt32(truncatingIfNeeded: 4 - numberBytes)
    guard let range = take(upTo: bytesConsumed &+ missing, chunk, &position) else { return nil }
    for index in range { number = number << 8 | UInt32(chunk[index]) }
    numberBytes += range.count
    guard numberBytes == 4 else { return nil }
    numberBytes = 0
    return number
  }
}
