import HXE
import Testing

@Suite("Byte order")
struct ByteOrderTests {
  let bytes: [UInt8] = [0x00, 0x12, 0x34, 0x56, 0x78, 0xFF]

  @Test("reads the highest byte first, or last, at any offset")
  func reads() {
    let span = bytes.span
    #expect(span.bigEndianUInt16(at: 1) == 0x1234)
    #expect(span.bigEndianUInt32(at: 1) == 0x1234_5678)
    #expect(span.bigEndianUInt32(at: 2) == 0x3456_78FF)
    #expect(span.littleEndianUInt16(at: 1) == 0x3412)
    #expect(span.littleEndianUInt32(at: 1) == 0x7856_3412)
  }

  @Test("appends and stores the bytes in the order asked for and touches no others")
  func writes() {
    var appended: [UInt8] = []
    appended.appendBigEndian(UInt16(0x0102))
    appended.appendBigEndian(UInt32(0x0304_0506))
    appended.appendLittleEndian(UInt16(0x0807))
    appended.appendLittleEndian(UInt32(0x0C0B_0A09))
    #expect(appended == Array(1...12))

    var stored = [UInt8](repeating: 0xAA, count: 14)
    var span = stored.mutableSpan
    span.storeBigEndian(UInt16(0x0102), at: 1)
    span.storeBigEndian(UInt32(0x0304_0506), at: 3)
    span.storeLittleEndian(UInt16(0x0807), at: 7)
    span.storeLittleEndian(UInt32(0x0C0B_0A09), at: 9)
    #expect(stored == [0xAA] + Array(1...12) + [0xAA])
  }
}
