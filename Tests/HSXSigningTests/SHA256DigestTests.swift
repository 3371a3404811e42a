import HSXHAL
import HSXSigning
import Testing

@Suite struct SHA256DigestTests {
  @Test("“abc”, whole and byte by byte, has the digest of FIPS 180-4")
  func publishedVector() {
    let expected: [UInt8] = [
      0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA, 0x41, 0x41, 0x40, 0xDE, 0x5D, 0xAE, 0x22, 0x23,
      0xB0, 0x03, 0x61, 0xA3, 0x96, 0x17, 0x7A, 0x9C, 0xB4, 0x10, 0xFF, 0x61, 0xF2, 0x00, 0x15, 0xAD,
    ]
    let bytes = Array("abc".utf8)
    for step in [1, 3] {
      var digest = SHA256Digest()
      for start in stride(from: 0, to: 3, by: step) {
        digest.update(bytes.span.extracting(start..<(start + step)))
      }
      let found = digest.finish()
      #expect(found.indices.map { found[$0] } == expected)
    }
  }
}
