import HXE
import Testing

@testable import HSXPersistence

/// The record as the layout says it, made by another implementation of the CRC.
private func bytesUnderCRC(sequence: UInt32, index: UInt32, data: UInt32) -> [UInt8] {
  [sequence, index, data].flatMap { word in
    stride(from: 0, to: 32, by: 8).map { UInt8(truncatingIfNeeded: word >> $0) }
  }
}

private let kinds = (1...16).map { UInt8($0) }

@Suite struct RecordCodeTests {
  @Test("a record's CRC is zlib's over sequence, index, argument and value, under its kind's mark")
  func checksumIsZlibs() {
    for (sequence, index, kind, data): (UInt32, Int, UInt8, UInt32) in [
      (1, 0, 1, 0), (7, 511, 16, 0xFFFF_FFFF), (0x8000_0001, 65_535, 9, 0x1234_5678),
    ] {
      let page = RecordCode.fold(RecordCode.start, sequence)
      let bytes = bytesUnderCRC(sequence: sequence, index: UInt32(index), data: data)
      let expected = CRC32.checksum(bytes.span, .fast) ^ UInt32(kind) &* 0x9E37_79B1
      #expect(RecordCode.checksum(page: page, index: index, kind: kind, data: data) == expected)
    }
  }

  @Test("every kind reads back as itself, and no kind as another")
  func kindsAreApart() {
    let page = RecordCode.fold(RecordCode.start, 77)
    for kind in kinds {
      let checksum = RecordCode.checksum(page: page, index: 5, kind: kind, data: 0xBEEF_0102)
      let cell = RecordCode.decode(page: page, index: 5, data: 0xBEEF_0102, checksum: checksum)
      #expect(cell.code == kind && !cell.isCorrected && cell.data == 0xBEEF_0102)
      #expect(RecordCode.decode(page: page, index: 6, data: 0xBEEF_0102, checksum: checksum).code == Cell.bad)
      let other = RecordCode.fold(RecordCode.start, 78)
      #expect(
        RecordCode.decode(page: other, index: 5, data: 0xBEEF_0102, checksum: checksum).code == Cell.bad)
    }
  }

  @Test("each of a record's 64 bits, flipped, is put right, whatever its kind")
  func everyFlippedBit() {
    let page = RecordCode.fold(RecordCode.start, 9)
    for kind in kinds {
      let data: UInt32 = 0x0001_0203 &* UInt32(kind)
      let checksum = RecordCode.checksum(page: page, index: 3, kind: kind, data: data)
      for bit in 0..<64 {
        let cell = RecordCode.decode(
          page: page, index: 3, data: bit < 32 ? data ^ 1 << UInt32(bit) : data,
          checksum: bit < 32 ? checksum : checksum ^ 1 << UInt32(bit - 32))
        #expect(cell.code == kind && cell.isCorrected && cell.data == data, "kind \(kind), bit \(bit)")
      }
    }
  }

  @Test("no two or three flipped bits make a record, of any kind, and no two are taken for one")
  func severalFlippedBits() {
    // What a flipped bit does to the syndrome, the data bits first; and what tells two kinds apart.
    let columns = (0..<32).map { RecordCode.fold(0, 1 << UInt32($0)) } + (0..<32).map { 1 << UInt32($0) }
    let zero = RecordCode.checksum(page: 0, index: 0, kind: 0, data: 0)
    let weights = Set(kinds.map { RecordCode.checksum(page: 0, index: 0, kind: $0, data: 0) ^ zero })
    #expect(weights.count == kinds.count)
    var differences: Set<UInt32> = [0]
    for first in weights { for second in weights { differences.insert(first ^ second) } }
    for first in 0..<64 {
      #expect(!differences.contains(columns[first]))
      for second in 0..<first {
        let two = columns[first] ^ columns[second]
        #expect(!differences.contains(two))
        for third in 0..<second where differences.contains(two ^ columns[third]) {
          Issue.record("bits \(first), \(second) and \(third)")
        }
      }
    }
  }

  @Test("each of a header's 128 bits, flipped, is put right; two are never")
  func headers() {
    let header = PageHeader(sequence: 0xDEAD_0001, depth: 3, count: 500, erases: 77)
    let low = UInt64(header.first) | UInt64(header.sequence) << 32
    let high = UInt64(header.erases) | UInt64(header.checksum) << 32
    func read(_ flips: [Int]) -> PageHeader {
      var (low, high) = (low, high)
      for bit in flips { if bit < 64 { low ^= 1 << UInt64(bit) } else { high ^= 1 << UInt64(bit - 64) } }
      return PageHeader(low, high)
    }
    for first in 0..<128 {
      let found = read([first])
      #expect(found.sequence == 0xDEAD_0001 && found.depth == 3 && found.count == 500 && found.erases == 77)
      for second in 0..<first where read([first, second]).sequence != 0 {
        Issue.record("bits \(first) and \(second)")
      }
    }
  }
}
