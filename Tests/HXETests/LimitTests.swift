import HXE
import Testing

@Suite("Limits")
struct LimitTests {
  let limits = ImageLimits(
    sectionBytes: 120, manifestBytes: 20, sections: 3, objects: 3, mailboxes: 2, textBytes: 10, bindings: 2)

  private func refused(_ image: TestImage, at offset: Int?, found: UInt32 = 0, expected: UInt32 = 0) {
    let error = refusal(image.bytes, limits: limits)
    guard let offset else {
      #expect(error == nil)
      return
    }
    expect(error, .metadataBudgetExceeded, at: offset, found: found, expected: expected)
    #expect(error?.code == .noSpace)
    #expect(refusal(image.bytes) == nil)
  }

  @Test("a table of more entries is refused before it is read")
  func sections() {
    var image = TestImage()
    image.sections = [.init(7, []), .init(7, []), .init(7, [])]
    refused(image, at: nil)
    image.sections.append(.init(7, []))
    refused(image, at: 0x44, found: 4, expected: 3)
  }

  @Test("a known section of more bytes is refused at its size, one to be skipped is not")
  func sectionBytes() {
    for type in [1, 2, 3, 0x5349_4721] as [UInt32] {
      var image = TestImage.with(.init(type, [UInt8](repeating: 0x20, count: 120)))
      refused(image, at: nil)
      image.sections[0].bytes.append(0x20)
      refused(image, at: image.table + 8, found: 121, expected: 120)
    }
    refused(.with(.init(7, [UInt8](repeating: 0, count: 5000))), at: nil)
  }

  @Test("values and commands are counted apart, over all their sections")
  func objects() {
    let values = valueEntry(1, 1) + valueEntry(1, 2)
    let commands = commandEntry(1, 1) + commandEntry(1, 2) + commandEntry(1, 3)
    var image = TestImage.with(
      .init(1, values, count: 2), .init(2, commands, count: 3), .init(1, valueEntry(2, 1), count: 1))
    refused(image, at: nil)
    image.sections[2] = .init(1, valueEntry(2, 1) + valueEntry(2, 2), count: 2)
    refused(image, at: image.table + 32 + 12, found: 4, expected: 3)
    image.sections[2] = .init(2, commandEntry(2, 1), count: 1)
    refused(image, at: image.table + 32 + 12, found: 4, expected: 3)
  }

  @Test("mailboxes are counted over both forms, bindings over all mailboxes")
  func mailboxes() {
    let json = Array(#"[{"target":"a"},{"target":"b"}]"#.utf8)
    refused(.with(.init(3, json)), at: nil)
    let more = Array(#"[{"target":"a"},{"target":"b"},{"target":"c"}]"#.utf8)
    let image = TestImage.with(.init(3, more))
    refused(image, at: image.content + 31, found: 3, expected: 2)
    let fixed = word(16) + [UInt8](repeating: 0, count: 12) + Array("c\0".utf8)
    let both = TestImage.with(.init(3, json), .init(3, fixed, count: 1))
    refused(both, at: both.table + 16 + 12, found: 3, expected: 2)
    let bound = Array(#"[{"target":"a","bindings":[{"pid":1}]},{"target":"b","bindings":[{"pid":1}]}]"#.utf8)
    refused(.with(.init(3, bound)), at: nil)
    let overbound = Array(
      #"[{"target":"a","bindings":[{"pid":1}]},{"target":"b","bindings":[{"pid":1},{"pid":2}]}]"#.utf8)
    let bindings = TestImage.with(.init(3, overbound))
    refused(bindings, at: bindings.content + 75, found: 3, expected: 2)
  }

  @Test("strings are counted as kept, those named twice once")
  func textBytes() {
    let pool = Array("12345\0abcde\0f\0".utf8)
    func image(_ unit: UInt16) -> TestImage {
      .with(
        .init(
          1, valueEntry(1, 1, name: 40, unit: 46) + valueEntry(1, 2, name: 46, unit: unit) + pool, count: 2))
    }
    refused(image(40), at: nil)
    let over = image(52)
    refused(over, at: over.content + 28, found: 11, expected: 10)
  }

  @Test("a longer manifest is refused at its length")
  func manifestBytes() {
    refused(.with(manifest: #"{"a":"0123456789012"#.dropLast(2) + "\"}"), at: nil)
    let image = TestImage.with(manifest: #"{"a":"01234567890123"}"#)
    refused(image, at: image.table, found: 22, expected: 20)
  }

  @Test("what is wrong in itself is refused for that, whatever the limits")
  func precedence() {
    var image = TestImage.with(.init(7, []), .init(1, [UInt8](repeating: 0, count: 200), size: 9999))
    expect(refusal(image.bytes, limits: limits), .sectionOutOfBounds, at: image.table + 24)
    image = .with(.init(7, [1, 2, 3]), .init(1, [UInt8](repeating: 0, count: 200), count: 11))
    image.sections[1].offset = UInt32(image.content) + 2
    expect(refusal(image.bytes, limits: limits), .sectionOverlap, at: image.table + 20)
    image = TestImage.with(manifest: "{}")
    image.patches = [(image.table, 100)]
    expect(refusal(image.bytes, limits: limits), .manifestTruncated, at: image.table)
  }

  @Test("the profile of a microcontroller takes every golden image")
  func embedded() throws {
    for name in try Vectors.good().keys {
      #expect(verdict(try Vectors.bytes(name + ".hxe"), limits: .embedded).error == nil, "\(name)")
    }
  }
}
