import HXE
import Testing

@Suite("Section rules")
struct SectionTests {
  private func read(_ image: TestImage) -> Metadata? { verdict(image.bytes).metadata }

  @Test("sections are read in any order of table and file, also two of one type, with gaps between")
  func order() throws {
    var image = TestImage.with(
      .init(2, commandEntry(1, 1), count: 1, offset: 300), .init(1, valueEntry(1, 1), count: 1, offset: 250),
      .init(0x7F00_0001, [1, 2, 3], count: 9, offset: 280),
      .init(1, valueEntry(2, 2) + valueEntry(1, 2), count: 2, offset: 200))
    // Each at its offset, nothing in between.
    var file = [UInt8](repeating: 0, count: 316 - image.content)
    for section in image.sections {
      let start = Int(section.offset ?? 0) - image.content
      file.replaceSubrange(start..<(start + section.bytes.count), with: section.bytes)
    }
    for index in image.sections.indices {
      image.sections[index].size = UInt32(image.sections[index].bytes.count)
      image.sections[index].bytes = []
    }
    image.trailer = file
    #expect(refusal(image.bytes) == nil)
    let metadata = try #require(read(image))
    #expect(metadata.values.map(\.objectID) == [0x0202, 0x0102, 0x0101])
    #expect(metadata.commands.map(\.objectID) == [0x0101])
    #expect(metadata.sections.map(\.offset) == [300, 250, 280, 200])
  }

  @Test("a table that does not lie at the end of read-only data is found where the header says")
  func gap() throws {
    var image = TestImage.with(.init(1, valueEntry(1, 1), count: 1))
    image.gap = [1, 2, 3, 4, 5]
    #expect(try #require(read(image)).values.count == 1)
  }

  @Test("a table must end within the file, however its count wraps")
  func tableBounds() {
    let image = TestImage.with(.init(1, valueEntry(1, 1), count: 1))
    let table = image.table
    for count in [3, 0x1000_0000, 0x1000_0001, 0xFFFF_FFFF] as [UInt32] {
      var wrong = image
      wrong.patches = [(0x44, count)]
      expect(refusal(wrong.bytes), .metadataOutOfBounds, at: 0x44, "\(count)")
    }
    var cut = image.bytes
    cut.removeLast(cut.count - table - 15)
    expect(
      refusal(cut), .metadataOutOfBounds, at: 0x44, found: UInt32(table + 16), expected: UInt32(table + 15))
    cut.removeLast(16)
    expect(refusal(cut), .truncated, at: 0x0C)
  }

  @Test("a section lies behind the table and within the file, however its numbers wrap")
  func sectionBounds() {
    let base = TestImage.with(.init(7, [1, 2, 3, 4]), .init(8, [5, 6, 7, 8]))
    let entry = base.table + 16
    let end = UInt32(base.content + 8)
    let cases: [(offset: UInt32?, size: UInt32?, at: Int?)] = [
      (0, nil, 4), (UInt32(base.table), nil, 4), (UInt32(base.content) - 1, nil, 4), (end + 1, 0, 4),
      (0xFFFF_FFFF, 1, 4), (end, 0, nil), (end, 1, 8), (end - 4, 5, 8), (end - 4, 0xFFFF_FFFF, 8),
      (end - 4, 0x8000_0000, 8), (end - 4, 0 &- (end - 4), 8), (end - 4, 4, nil), (end - 1, 1, nil),
    ]
    for (offset, size, at) in cases {
      var image = base
      image.sections[1].offset = offset
      image.sections[1].size = size
      let error = refusal(image.bytes)
      if let at {
        expect(error, .sectionOutOfBounds, at: entry + at, "\(offset ?? 0), \(size ?? 0)")
      } else {
        #expect(error == nil, "\(offset ?? 0), \(size ?? 0)")
      }
    }
  }

  @Test("sections that share a byte are refused by the later entry; those without bytes share none")
  func overlap() {
    let base = TestImage.with(.init(7, [UInt8](repeating: 0, count: 10)), .init(8, [], offset: 0, size: 0))
    let entry = base.table + 16
    let start = UInt32(base.content) + 4
    let cases: [(first: (UInt32, UInt32), second: (UInt32, UInt32), at: Int?)] = [
      ((start, 4), (start, 4), 4), ((start, 4), (start + 3, 1), 4), ((start, 4), (start + 2, 20), 4),
      ((start, 4), (start + 4, 2), nil), ((start, 4), (start - 2, 2), nil), ((start, 4), (start - 2, 3), 8),
      ((start, 4), (start - 1, 6), 8), ((start, 4), (start + 1, 0), nil), ((start, 0), (start - 1, 4), nil),
      ((start, 0), (start, 0), nil),
    ]
    for (first, second, at) in cases {
      var image = base
      image.trailer = [UInt8](repeating: 0, count: 30)
      (image.sections[0].offset, image.sections[0].size) = first
      (image.sections[1].offset, image.sections[1].size) = second
      let error = refusal(image.bytes)
      if let at {
        expect(error, .sectionOverlap, at: entry + at, "\(first), \(second)")
      } else {
        #expect(error == nil, "\(first), \(second)")
      }
    }
  }

  @Test("a count must have room in its section, however the product wraps")
  func counts() {
    for (type, size) in [(1, 20), (2, 16)] as [(UInt32, UInt32)] {
      let entry = type == 1 ? valueEntry(1, 1) : commandEntry(1, 1)
      // The last two make a product of 2^32 and a little more.
      let wrapping = type == 1 ? [0x3333_3334, 0x0CCC_CCCD] : [0x1000_0000, 0x1000_0001] as [UInt32]
      for count in [2, 0xFFFF_FFFF] + wrapping {
        let image = TestImage.with(.init(type, entry, count: count))
        expect(refusal(image.bytes), .sectionTruncated, at: image.table + 12, found: size, "\(count)")
      }
      #expect(refusal(TestImage.with(.init(type, entry, count: 1)).bytes) == nil)
      #expect(refusal(TestImage.with(.init(type, entry + [0xFF], count: 0)).bytes) == nil)
    }
    let empty = TestImage.with(.init(3, [], count: 1))
    expect(refusal(empty.bytes), .sectionTruncated, at: empty.table + 12)
    #expect(refusal(TestImage.with(.init(3, [], count: 0)).bytes) == nil)
  }

  @Test("a string is found at its offset, absent at 0, shared, empty, or even within the entries")
  func strings() throws {
    let pool = Array("degC\0Å\0".utf8)
    let image = TestImage.with(
      .init(
        1, valueEntry(1, 1, name: 40, unit: 45, groupName: 44) + valueEntry(1, 2, name: 40, unit: 1) + pool,
        count: 2))
    let metadata = try #require(read(image))
    let values = metadata.values
    func string(_ range: TextRange?) -> String? {
      guard let range else { return nil }
      let span = metadata.text(range)
      return String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }
    #expect(values.map { string($0.name) } == ["degC", "degC"])
    #expect(string(values[0].unit) == "Å")
    #expect(string(values[0].groupName) == "")
    #expect(values[1].groupName == nil)
    // Byte 1 of the section is the first value's number, 1, and byte 2 its flags, 0.
    #expect(string(values[1].unit) == "\u{1}")
    #expect(values[0].name == values[1].name)
    #expect(metadata.text.count == 7)
  }

  @Test("each string field is refused at its own offset in the entry")
  func stringFaults() {
    let pool = Array("ok\0".utf8) + [0xC3, 0x28, 0] + Array("open".utf8)
    func check(_ image: TestImage, _ size: Int, _ fields: [Int], _ set: (inout [UInt8], Int, UInt16) -> Void)
    {
      let faults: [(UInt16, ImageError.Reason)] = [
        (UInt16(size * 2 + 10), .stringOutOfRange), (0xFFFF, .stringOutOfRange),
        (UInt16(size * 2 + 6), .stringUnterminated), (UInt16(size * 2 + 9), .stringUnterminated),
        (UInt16(size * 2 + 3), .stringNotUTF8),
      ]
      for field in fields {
        for (offset, reason) in faults {
          var wrong = image
          set(&wrong.sections[0].bytes, size + field, offset)
          expect(refusal(wrong.bytes), reason, at: image.content + size + field & ~1, "\(field)")
        }
      }
    }
    let store: (inout [UInt8], Int, UInt16) -> Void = { bytes, at, offset in
      bytes.replaceSubrange(at..<(at + 2), with: half(offset))
    }
    let values = TestImage.with(.init(1, valueEntry(1, 1) + valueEntry(1, 2) + pool, count: 2))
    check(values, 20, [6, 8, 18], store)
    let commands = TestImage.with(.init(2, commandEntry(1, 1) + commandEntry(1, 2) + pool, count: 2))
    check(commands, 16, [8, 10], store)
    // The group's name is the low half of a field of four bytes; its high half says nothing.
    var group = commands
    group.sections[0].bytes.replaceSubrange(28..<32, with: word(0xFFFF_0000 | 35))
    expect(refusal(group.bytes), .stringNotUTF8, at: group.content + 16 + 12)
    group.sections[0].bytes.replaceSubrange(28..<32, with: word(0xFFFF_0000 | 32))
    #expect(refusal(group.bytes) == nil)
  }

  @Test(
    "the same number twice is refused at the second entry, also across sections; a value and a command may share"
  )
  func duplicates() {
    var image = TestImage.with(.init(1, valueEntry(1, 1) + valueEntry(1, 2) + valueEntry(1, 1), count: 3))
    expect(refusal(image.bytes), .duplicateValue, at: image.content + 40, found: 0x0101)
    image = .with(.init(1, valueEntry(1, 1), count: 1), .init(1, valueEntry(1, 1), count: 1))
    expect(refusal(image.bytes), .duplicateValue, at: image.content + 20)
    image = .with(.init(2, commandEntry(1, 1), count: 1), .init(2, commandEntry(1, 1), count: 1))
    expect(refusal(image.bytes), .duplicateCommand, at: image.content + 16)
    image = .with(.init(1, valueEntry(1, 1), count: 1), .init(2, commandEntry(1, 1), count: 1))
    #expect(refusal(image.bytes) == nil)
  }

  @Test("a handler lies within code, on a multiple of 4")
  func handlers() {
    for (handler, isGood) in [(0, true), (4, true), (2, false), (8, false), (0xFFFF_FFFC, false)]
      as [(UInt32, Bool)]
    {
      let image = TestImage.with(
        .init(2, commandEntry(1, 1) + commandEntry(1, 2, handler: handler), count: 2))
      if isGood {
        #expect(refusal(image.bytes) == nil)
      } else {
        expect(refusal(image.bytes), .handlerOutOfRange, at: image.content + 20, found: handler, expected: 8)
      }
    }
  }

  @Test("the first signature section is kept as it is, all are counted, empty ones too")
  func signatures() throws {
    let type: UInt32 = 0x5349_4721
    let image = TestImage.with(.init(type, [1, 2, 3]), .init(type, [4, 5]), .init(type, []))
    let bytes = image.bytes
    var parser = ImageParser(totalBytes: nil, limits: .desktop, checksum: .compact)
    var position = 0
    while try parser.next(in: bytes.span, at: &position) != nil {}
    try parser.finish()
    #expect(parser.signatureCount == 3)
    let first = SignatureSection(fileOffset: UInt32(image.content), bytes: [1, 2, 3])
    #expect(parser.metadata.signature == first)
    let empty = TestImage.with(.init(type, []))
    let none = SignatureSection(fileOffset: UInt32(empty.content), bytes: [])
    #expect(verdict(empty.bytes).metadata?.signature == none)
    let single = TestImage.with(.init(9, [7]), .init(type, [1, 2, 3]), .init(type, [4]))
    let expected = SignatureSection(fileOffset: UInt32(single.content + 1), bytes: [1, 2, 3])
    #expect(verdict(single.bytes, .size(2)).metadata?.signature == expected)
  }

  @Test("fields of the table are judged before the contents, and those in file order")
  func precedence() {
    var image = TestImage.with(
      .init(1, valueEntry(1, 1) + valueEntry(1, 1), count: 2),
      .init(2, commandEntry(1, 1, handler: 2), count: 1))
    expect(refusal(image.bytes), .duplicateValue, at: image.content + 20)
    image.sections.swapAt(0, 1)
    expect(refusal(image.bytes), .handlerOutOfRange, at: image.content + 4)
    image.sections[1].count = 3
    expect(refusal(image.bytes), .sectionTruncated, at: image.table + 16 + 12)
    image.sections[0].offset = 5
    expect(refusal(image.bytes), .sectionOutOfBounds, at: image.table + 4)
  }
}
