import HSXHAL
import Testing

@testable import HSXTransfer

@Suite("The block code")
struct CodeTests {
  private func full(_ data: [UInt8]) -> BlockBuffer {
    var buffer = BlockBuffer()
    for index in 0..<32 { buffer.store(index, word(data[index * 8..<index * 8 + 8])) }
    return buffer
  }

  @Test("makes the parity that another implementation makes")
  func parity() throws {
    for block: Vectors.Code in try Vectors.read("code") {
      let buffer = full(bytes(block.data))
      let parity = bytes(block.parity)
      for number in 0..<16 {
        #expect(buffer.paritySymbol(number) == word(parity[number * 8..<number * 8 + 8]))
      }
    }
  }

  @Test("rebuilds every pattern of one to sixteen missing symbols that the other implementation solves")
  func erasures() throws {
    for block: Vectors.Code in try Vectors.read("code") {
      let (data, parity) = (bytes(block.data), bytes(block.parity))
      for pattern in block.erasures {
        var buffer = BlockBuffer()
        // Parity first for some, so that data evicts it from its places.
        let isParityFirst = pattern[0].count % 2 == 0
        if isParityFirst { store(parity, pattern[1], in: &buffer) }
        for index in 0..<32 where !pattern[0].contains(index) {
          buffer.store(index, word(data[index * 8..<index * 8 + 8]))
        }
        store(parity, pattern[1], in: &buffer)
        #expect(buffer.deficit == 0)
        buffer.rebuild()
        #expect((0..<256).allSatisfy { buffer.bytes[$0] == data[$0] })
      }
    }
  }

  private func store(_ parity: [UInt8], _ numbers: [Int], in buffer: inout BlockBuffer) {
    for number in numbers { buffer.store(32 + number, word(parity[number * 8..<number * 8 + 8])) }
  }

  @Test("counts what is missing, whatever comes twice or too much")
  func deficits() {
    var buffer = BlockBuffer()
    #expect(buffer.deficit == 32)
    for _ in 0..<3 { buffer.store(5, 1) }
    #expect(buffer.deficit == 31)
    for number in 32..<60 { buffer.store(number, 2) }
    #expect(buffer.deficit == 15)
    buffer.store(-1, 0)
    for index in 0..<32 { buffer.store(index, 3) }
    #expect(buffer.deficit == 0)
    #expect(buffer.data == .max)
  }

  @Test("multiplies as the polynomial says")
  func field() {
    // By tables of powers of 2, which the code does not use.
    var (power, logarithm) = ([UInt8](repeating: 0, count: 255), [Int](repeating: 0, count: 256))
    var value = 1
    for exponent in 0..<255 {
      power[exponent] = UInt8(value)
      logarithm[value] = exponent
      value = value << 1 ^ (value & 0x80 != 0 ? 0x11D : 0)
    }
    for left in 1...255 {
      for right in 1...255 {
        let expected = power[(logarithm[left] + logarithm[right]) % 255]
        if GaloisField.product(UInt8(left), UInt8(right)) != expected { Issue.record("\(left) × \(right)") }
      }
      #expect(GaloisField.product(UInt8(left), GaloisField.inverse(UInt8(left))) == 1)
    }
    for shift in 0..<8 {
      let one = UInt64(0xC3) << UInt64(8 * shift)
      #expect(GaloisField.products(one, 0x57) == UInt64(GaloisField.product(0xC3, 0x57)) << UInt64(8 * shift))
    }
  }

  @Test("whitens as the formula says, and takes it out again")
  func whitening() throws {
    for vector: Vectors.White in try Vectors.read("whitening") {
      var buffer = full([UInt8](repeating: 0, count: 256))
      buffer.whiten(session: vector.session, block: vector.block)
      let expected = bytes(vector.bytes)
      #expect((0..<256).allSatisfy { buffer.bytes[$0] == expected[$0] })
      buffer.whiten(session: vector.session, block: vector.block)
      #expect((0..<256).allSatisfy { buffer.bytes[$0] == 0 })
    }
  }

  @Test("has the CRC-16 of the CCITT")
  func checksums() throws {
    for vector: Vectors.Checksum in try Vectors.read("crc16") {
      let data = bytes(vector.bytes)
      let buffer = full(data + [UInt8](repeating: 0xAA, count: 256 - data.count))
      #expect(buffer.crc16(data.count) == vector.crc)
    }
  }

  @Test("counts the bits of a frame as independent code does, one by one")
  func lengths() throws {
    for vector: Vectors.Length in try Vectors.read("lengths") {
      let data = bytes(vector.data)
      let frame = CANFrame(identifier: vector.identifier, bytes: data.span)
      #expect(frame?.bitsOnWire == vector.bits)
    }
  }
}
