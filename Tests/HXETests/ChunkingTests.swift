import HXE
import Testing

@Suite("Chunking")
struct ChunkingTests {
  static let chunkings: [Chunking] =
    [.size(1), .size(2), .size(7), .size(64), .size(4096)] + (1...4).map { .random(seed: $0) }

  /// What a stream of unknown length may say instead of a fault that needs the length.
  static let sizeFaults: Set<ImageError.Reason> = [
    .truncated, .metadataOutOfBounds, .sectionOutOfBounds, .manifestTruncated,
  ]

  @Test("the verdict, its reason, offset and facts are those of the whole, however the bytes are cut")
  func vectors() throws {
    for (file, bytes) in try Vectors.all() {
      let whole = verdict(bytes)
      for chunking in Self.chunkings {
        // One byte at a time is slow for the large image only.
        if bytes.count > 10_000, case .size(1...7) = chunking { continue }
        #expect(verdict(bytes, chunking) == whole, "\(file), \(chunking)")
      }
    }
  }

  @Test("without the length, only faults of size are seen later, and still by the same field")
  func unknownLength() throws {
    for (file, bytes) in try Vectors.all() {
      let known = verdict(bytes)
      let unknown = verdict(bytes, totalKnown: false)
      for chunking in Self.chunkings where bytes.count < 10_000 {
        #expect(verdict(bytes, chunking, totalKnown: false) == unknown, "\(file), \(chunking)")
      }
      if let error = known.error, Self.sizeFaults.contains(error.reason) {
        #expect(unknown.error != nil, "\(file)")
      } else {
        #expect(unknown == known, "\(file)")
      }
    }
  }

  @Test("any good image cut short is refused, at the same field whether the length was told or not")
  func everyPrefix() throws {
    for name in ["thermostat", "legacy_mailbox", "manifest", "sum_v1", "unknown_section", "hello"] {
      let bytes = try Vectors.bytes(name + ".hxe")
      for length in 0..<bytes.count {
        let prefix = Array(bytes[..<length])
        let known = verdict(prefix)
        let unknown = verdict(prefix, .size(13), totalKnown: false)
        #expect(known.error.map { Self.sizeFaults.contains($0.reason) } ?? false, "\(name), \(length)")
        #expect(unknown.error?.reason == known.error?.reason, "\(name), \(length)")
        #expect(unknown.error?.offset == known.error?.offset, "\(name), \(length)")
      }
    }
  }

  @Test("a random change anywhere gives one verdict, whole and in chunks, and never a crash")
  func mutations() throws {
    let images = try Vectors.all().map(\.bytes).filter { $0.count < 1000 }
    for seed in 1...3000 as ClosedRange<UInt64> {
      var generator = Generator(seed: seed)
      let bytes = mutated(generator.pick(images), &generator)
      let whole = verdict(bytes)
      #expect(verdict(bytes, .random(seed: seed)) == whole, "seed \(seed)")
      let unknown = verdict(bytes, .random(seed: seed), totalKnown: false)
      if whole.error == nil { #expect(unknown == whole, "seed \(seed)") }
      if unknown.error == nil { #expect(unknown == whole, "seed \(seed)") }
    }
  }

  @Test("a parser that has thrown throws the same again, and takes nothing more")
  func failedParser() throws {
    let bytes = try Vectors.bytes("bad/code_unaligned.hxe")
    var parser = ImageParser(totalBytes: nil, limits: .desktop, checksum: .compact)
    let first = firstError(&parser, bytes)
    #expect(first?.reason == .codeUnaligned)
    let consumed = parser.bytesConsumed
    #expect(consumed == 0x10)
    #expect(firstError(&parser, bytes) == first)
    #expect(parser.bytesConsumed == consumed)
    #expect(finishError(&parser) == first)
  }

  @Test("nothing beyond the known length is consumed, and nothing after the end")
  func excess() throws {
    let bytes = try Vectors.bytes("hello.hxe")
    var parser = ImageParser(totalBytes: UInt32(bytes.count), limits: .desktop, checksum: .fast)
    let longer = bytes + [1, 2, 3]
    var position = 0
    while try parser.next(in: longer.span, at: &position) != nil {}
    #expect(position == bytes.count)
    try parser.finish()
    #expect(parser.isFinished)
    #expect(try parser.next(in: longer.span, at: &position) == nil)
    #expect(position == bytes.count)
    try parser.finish()
    #expect(parser.imageCRC == parser.header?.crc32)
  }

  @Test("a file that ends before its told length is refused where it ends")
  func shorterThanTold() throws {
    let bytes = try Vectors.bytes("hello.hxe")
    var parser = ImageParser(totalBytes: UInt32(bytes.count) + 1, limits: .desktop, checksum: .fast)
    #expect(firstError(&parser, bytes) == nil)
    let length = UInt32(bytes.count)
    let expected = ImageError(.truncated, at: length, found: length, expected: length + 1)
    #expect(finishError(&parser) == expected)
  }

  @Test("the header comes at its last byte and says whether a manifest is still to come")
  func header() throws {
    let bytes = try Vectors.bytes("manifest.hxe")
    var parser = ImageParser(totalBytes: nil, limits: .desktop, checksum: .fast)
    var position = 0
    let first = try parser.next(in: bytes.span.extracting(first: 96), at: &position)
    #expect(first == parser.header.map { .header($0) })
    #expect(!parser.isManifestKnown)
    position = 96
    while try parser.next(in: bytes.span, at: &position) != nil {}
    #expect(parser.isManifestKnown)
    #expect(!parser.isFinished)
  }

  @Test("one call and a stream give the same header and metadata")
  func convenience() throws {
    let bytes = try Vectors.bytes("thermostat.hxe")
    let (header, metadata) = try ImageParser.parse(bytes.span, limits: .desktop, checksum: .fast)
    let streamed = verdict(bytes, .size(5))
    #expect(streamed.header == header)
    #expect(streamed.metadata == metadata)
  }
}

/// Gives `bytes` to `parser` until it throws.
private func firstError(_ parser: inout ImageParser, _ bytes: [UInt8]) -> ImageError? {
  var position = 0
  do throws(ImageError) {
    while try parser.next(in: bytes.span, at: &position) != nil {}
    return nil
  } catch {
    return error
  }
}

private func finishError(_ parser: inout ImageParser) -> ImageError? {
  do throws(ImageError) {
    try parser.finish()
    return nil
  } catch {
    return error
  }
}

/// The bytes with a few changes of the kinds that hurt: bits, numbers at the edges, cuts, copies. Most get a CRC
/// that fits, so that what is behind it is judged too.
func mutated(_ bytes: [UInt8], _ generator: inout Generator) -> [UInt8] {
  var bytes = bytes
  for _ in 0...generator.below(3) where !bytes.isEmpty {
    let place = generator.below(bytes.count)
    switch generator.below(6) {
    case 0: bytes[place] ^= 1 << UInt8(generator.below(8))
    case 1: bytes[place] = generator.byte()
    case 2:
      let edges: [UInt32] = [
        0, 1, 2, 3, 4, 0x20, 0x60, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0xFFFF_FFF0, 0xFFFF_FFFF,
      ]
      let aligned = place & ~3
      if aligned + 4 <= bytes.count {
        bytes.replaceSubrange(aligned..<(aligned + 4), with: word(generator.pick(edges)))
      }
    case 3: bytes.removeLast(min(bytes.count, generator.below(30)))
    case 4: bytes.insert(contentsOf: generator.bytes(generator.below(5)), at: place)
    default:
      let other = generator.below(bytes.count)
      bytes[place] = bytes[other]
    }
  }
  return generator.below(4) == 0 ? bytes : sealed(bytes)
}
