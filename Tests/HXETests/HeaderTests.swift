import HXE
import Testing

/// The refusal of an image, the same whole and byte by byte.
func refusal(_ bytes: [UInt8], limits: ImageLimits = .desktop) -> ImageError? {
  let whole = verdict(bytes, limits: limits)
  #expect(verdict(bytes, .size(1), limits: limits) == whole)
  return whole.error
}

/// Whether an error has this reason and offset, and the numbers where they are given.
func expect(
  _ error: ImageError?, _ reason: ImageError.Reason, at offset: Int, found: UInt32? = nil,
  expected: UInt32? = nil, _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(error?.reason == reason, "\(comment)", sourceLocation: sourceLocation)
  #expect(error.map { Int($0.offset) } == offset, "\(comment)", sourceLocation: sourceLocation)
  if let found { #expect(error?.found == found, "\(comment)", sourceLocation: sourceLocation) }
  if let expected { #expect(error?.expected == expected, "\(comment)", sourceLocation: sourceLocation) }
}

@Suite("Header rules")
struct HeaderTests {
  /// The header's fields by offset, each with a wrong value and the refusal due, in file order.
  static let faults: [(offset: Int, value: UInt32, reason: ImageError.Reason, at: Int)] = [
    (0x00, 0x4858_4553, .badMagic, 0x00), (0x04, 0x0003_0000, .unsupportedVersion, 0x04),
    (0x04, 0x0000_0000, .unsupportedVersion, 0x04), (0x08, 2, .entryUnaligned, 0x08),
    (0x08, 8, .entryOutOfRange, 0x08), (0x08, 0xFFFF_FFFC, .entryOutOfRange, 0x08),
    (0x0C, 0, .entryOutOfRange, 0x08), (0x0C, 7, .codeUnaligned, 0x0C), (0x0C, 0x1_0004, .codeTooLarge, 0x0C),
    (0x0C, 0xFFFF_FFFC, .codeTooLarge, 0x0C), (0x0C, 0x1_0000, .truncated, 0x0C),
    (0x10, 0x1_0001, .rodataTooLarge, 0x10), (0x10, 0xFFFF_FFFF, .rodataTooLarge, 0x10),
    (0x10, 0xC001, .memoryExceeded, 0x10), (0x10, 0x1_0000, .memoryExceeded, 0x10),
    (0x10, 0xC000, .truncated, 0x10), (0x10, 1, .truncated, 0x10), (0x14, 0x1_0001, .bssTooLarge, 0x14),
    (0x14, 0xFFFF_FFFF, .bssTooLarge, 0x14), (0x14, 0xC001, .memoryExceeded, 0x14),
    (0x20, 0x7465_7380, .appNameNotASCII, 0x20), (0x40, 0x5F, .metadataOverlapsImage, 0x40),
    (0x40, 1, .metadataOverlapsImage, 0x40), (0x40, 0x67, .metadataOverlapsImage, 0x40),
    (0x40, 0x69, .metadataOutOfBounds, 0x40), (0x40, 0xFFFF_FFFF, .metadataOutOfBounds, 0x40),
    (0x48, 1, .reservedNotZero, 0x48), (0x5C, 0x0100_0000, .reservedNotZero, 0x48),
    (0x1C, 0x1234_5678, .crcMismatch, 0x1C),
  ]

  private func patched(_ patches: [(offset: Int, value: UInt32)]) -> [UInt8] {
    var bytes = TestImage().bytes
    for patch in patches { bytes.replaceSubrange(patch.offset..<(patch.offset + 4), with: word(patch.value)) }
    return bytes
  }

  @Test("each wrong field is refused for its own reason, at its offset")
  func single() {
    #expect(refusal(TestImage().bytes) == nil)
    for fault in Self.faults {
      let error = refusal(patched([(fault.offset, fault.value)]))
      expect(error, fault.reason, at: fault.at, "\(fault)")
    }
  }

  @Test("of two wrong fields the one that comes first in the file wins, the CRC last of all")
  func precedence() {
    // An entry point of 8 is right beside more code, so the hopeless one stands for it.
    let header = Self.faults.filter { $0.reason != .crcMismatch && ($0.offset, $0.value) != (8, 8) }
    for first in header {
      for second in header where second.offset > first.offset && second.at > first.at {
        let error = refusal(patched([(second.offset, second.value), (first.offset, first.value)]))
        expect(error, first.reason, at: first.at, "\(first) before \(second)")
      }
      let error = refusal(patched([(first.offset, first.value), (0x1C, 0xDEAD_BEEF)]))
      expect(error, first.reason, at: first.at, "\(first) before the CRC")
    }
  }

  @Test("a CRC that does not fit is named with the one that does")
  func crc() {
    let bytes = TestImage().bytes
    let claimed = bytes.span.bigEndianUInt32(at: 0x1C)
    var wrong = bytes
    wrong[0x1F] ^= 1
    expect(refusal(wrong), .crcMismatch, at: 0x1C, found: claimed, expected: claimed ^ 1)
  }

  @Test(
    "in version 2 the CRC leaves out name, table and reserved bytes; in version 1 it has no name to leave out"
  )
  func crcCoverage() {
    var bytes = TestImage().bytes
    bytes[0x20] = UInt8(ascii: "b")
    #expect(refusal(bytes) == nil)
    var image = TestImage()
    image.version = 1
    bytes = image.bytes
    #expect(refusal(bytes) == nil)
    bytes[0x20] ^= 1
    expect(refusal(bytes), .crcMismatch, at: 0x1C)
  }

  @Test("every length that fits memory to the byte is taken, one more is not")
  func memory() {
    var image = TestImage()
    image.rodata = [UInt8](repeating: 1, count: 0xC000)
    #expect(refusal(image.bytes) == nil)
    image.bss = 1
    expect(refusal(image.bytes), .memoryExceeded, at: 0x14, found: 0x1_0001, expected: 0x1_0000)
    // Rodata of any length, bss behind it on a multiple of 4.
    image.rodata = [1, 2, 3, 4, 5]
    image.bss = 0xC000 - 8
    #expect(refusal(image.bytes) == nil)
    image.bss += 1
    expect(refusal(image.bytes), .memoryExceeded, at: 0x14, found: 0x1_0001)
    image.bss = 0
    image.code = [UInt8](repeating: 0, count: 0x1_0000)
    image.entry = 0xFFFC
    #expect(refusal(image.bytes) == nil)
  }

  @Test("a name is trimmed, may be empty or 31 characters long, and ends at its NUL")
  func names() throws {
    func name(_ bytes: [UInt8]) -> String? {
      var image = TestImage()
      image.name = bytes
      return verdict(image.bytes).header.map { text($0.appName) }
    }
    #expect(name(Array(" \t\r\n\u{B}\u{C}blink er \n".utf8)) == "blink er")
    #expect(name([]) == "")
    #expect(name(Array("   ".utf8)) == "")
    #expect(name([UInt8](repeating: UInt8(ascii: "x"), count: 31)) == String(repeating: "x", count: 31))
    // What stands behind the NUL is no part of the name.
    #expect(name(Array("a\0".utf8) + [0xFF, 0x80]) == "a")
    var image = TestImage()
    image.name = [UInt8](repeating: UInt8(ascii: "x"), count: 32)
    expect(refusal(image.bytes), .appNameUnterminated, at: 0x20)
    image.name[31] = 0x80
    expect(refusal(image.bytes), .appNameNotASCII, at: 0x20, found: 0x80)
  }

  @Test("reserved flag bits and unknown capabilities are kept, and a count without a table means none")
  func kept() {
    var image = TestImage()
    image.flags = 0xFFFC
    image.capabilities = 0xFFFF_FFFF
    image.patches = [(0x44, 0xFFFF_FFFF)]
    let header = verdict(image.bytes).header
    #expect(header?.flags == 0xFFFC)
    #expect(header?.requiredCapabilities.rawValue == 0xFFFF_FFFF)
    #expect(header?.allowsMultipleInstances == false)
    #expect(header?.metadataCount == 0xFFFF_FFFF)
  }

  @Test("a header cut short is refused where it ends, once the fields before are right")
  func cut() {
    let bytes = TestImage().bytes
    for length in 0..<96 {
      expect(refusal(Array(bytes[..<length])), .truncated, at: length, found: UInt32(length), "\(length)")
    }
    expect(refusal(Array(bytes[..<40])), .truncated, at: 40, expected: 96)
    expect(refusal(Array(bytes[..<5])), .truncated, at: 5, expected: 32)
    expect(refusal(Array(patched([(8, 2)])[..<40])), .entryUnaligned, at: 8)
    var named = bytes
    named[0x24] = 0xFF
    expect(refusal(Array(named[..<0x30])), .appNameNotASCII, at: 0x20)
  }

  @Test("code cut short is the length of code's fault, read-only data cut short that of its own")
  func cutContents() {
    var image = TestImage()
    image.rodata = [1, 2, 3]
    let bytes = image.bytes
    for length in 96..<104 { expect(refusal(Array(bytes[..<length])), .truncated, at: 0x0C, expected: 104) }
    for length in 104..<107 { expect(refusal(Array(bytes[..<length])), .truncated, at: 0x10, expected: 107) }
    #expect(refusal(bytes) == nil)
  }

  @Test("bytes behind the last part are allowed, and the CRC covers them")
  func trailer() {
    var image = TestImage()
    image.trailer = [9, 8, 7]
    var bytes = image.bytes
    #expect(refusal(bytes) == nil)
    bytes[bytes.count - 1] ^= 1
    expect(refusal(bytes), .crcMismatch, at: 0x1C)
  }
}
