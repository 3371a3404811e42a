import HXE
import Testing

@Suite("CRC-32")
struct CRC32Tests {
  static let algorithms: [(name: String, algorithm: CRC32.Algorithm)] = [
    ("compact", .compact), ("fast", .fast),
  ]

  @Test("gives the check value that is published for it, and those of common texts")
  func publishedValues() {
    let values: [(String, UInt32)] = [
      ("123456789", 0xCBF4_3926), ("", 0), ("a", 0xE8B7_BE43), ("abc", 0x3524_41C2),
      ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
    ]
    for (text, expected) in values {
      for (name, algorithm) in Self.algorithms {
        let bytes = Array(text.utf8)
        #expect(CRC32.checksum(bytes.span, algorithm) == expected, "\(name) of \(text)")
      }
    }
  }

  @Test("is the same bit by bit, at every length around the fast path's blocks and at any alignment")
  func agreesWithBitwise() {
    var generator = Generator(seed: 1)
    let bytes = generator.bytes(600)
    for length in 0...260 {
      let start = generator.below(64)
      let expected = bitwiseCRC(Array(bytes[start..<(start + length)]))
      for (name, algorithm) in Self.algorithms {
        let found = CRC32.checksum(bytes.span.extracting(start..<(start + length)), algorithm)
        #expect(found == expected, "\(name), \(length) bytes from \(start)")
      }
    }
  }

  @Test("does not depend on how the bytes are cut")
  func pieces() {
    var generator = Generator(seed: 2)
    let bytes = generator.bytes(5000)
    let expected = bitwiseCRC(bytes)
    for (name, algorithm) in Self.algorithms {
      for _ in 0..<20 {
        var crc = CRC32(algorithm)
        var start = 0
        while start < bytes.count {
          let count = min(generator.below(300), bytes.count - start)
          crc.update(bytes.span.extracting(start..<(start + count)))
          start += count
        }
        #expect(crc.value == expected, "\(name)")
      }
    }
  }
}
