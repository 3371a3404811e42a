import Foundation
import HXE
import Testing

@Suite("Manifest rules")
struct ManifestTests {
  private func manifest(_ json: String) -> Manifest? {
    let result = verdict(TestImage.with(manifest: json).bytes)
    #expect(result.error == nil, "\(json)")
    return result.metadata?.manifest
  }

  @Test("every field is read, unknown ones are kept in the text, null is as good as none")
  func fields() throws {
    let json =
      #"{"image_name":"\u00e9","version":"1.2.3-rc","security_counter":4294967295,"pid":7,"required_caps":33,"#
      + #""stack_size":4096,"heap_size":0,"fram_keys":[{"key":4660,"mode":"load","length":4},{"mode":"save","key":0},"#
      + #"{"key":65535,"mode":"loadsave"},{"key":1,"x":{}}],"more":{"deep":[1.5]}} "#
    let read = try #require(manifest(json))
    #expect(read.imageName == Array("é".utf8))
    #expect(read.version == Array("1.2.3-rc".utf8))
    #expect(read.securityCounter == .max)
    #expect(read.preferredPID == 7)
    #expect(read.requiredCapabilities?.rawValue == 33)
    #expect(read.stackSize == 4096)
    #expect(read.heapSize == 0)
    let keys: [Manifest.StorageKey] = [
      .init(key: 4660, mode: .load, length: 4), .init(key: 0, mode: .save, length: 2),
      .init(key: 65535, mode: .loadAndSave, length: 2), .init(key: 1, mode: .loadAndSave, length: 2),
    ]
    #expect(read.storageKeys == keys)
    #expect(read.json == Array(json.utf8))
    var empty = Manifest()
    empty.json = Array("{}".utf8)
    #expect(manifest("{}") == empty)
    let nulls = #"{"image_name":null,"version":null,"security_counter":null,"pid":null,"fram_keys":null}"#
    empty.json = Array(nulls.utf8)
    #expect(manifest(nulls) == empty)
  }

  @Test("what is no object, or a field of another kind, is refused at its byte")
  func invalid() {
    let cases = [
      ("", ""), ("[]", "["), ("7", "7"), ("{} x", "x"), ("{}\0", "\0"), (#"{"pid":-1}"#, "-1"),
      (#"{"pid":1.5}"#, "1.5"),
      (#"{"pid":"7"}"#, "\"7"), (#"{"pid":4294967296}"#, "4294967296"), (#"{"image_name":7}"#, "7"),
      (#"{"version":[]}"#, "[]"), (#"{"security_counter":-1}"#, "-1"), (#"{"stack_size":true}"#, "true"),
      (#"{"required_caps":[]}"#, "[]"), (#"{"fram_keys":{}}"#, "{}"), (#"{"fram_keys":[1]}"#, "1"),
      (#"{"fram_keys":[{"mode":"load"}]}"#, #"{"m"#), (#"{"fram_keys":[{"key":65536}]}"#, "65536"),
      (#"{"fram_keys":[{"key":1,"mode":"LOAD"}]}"#, "\"LOAD"), (#"{"fram_keys":[{"key":1,"mode":2}]}"#, "2"),
      (#"{"fram_keys":[{"key":1,"length":-2}]}"#, "-2"), (#"{"pid":7"#, ""), (#"{"a":"\ud800"}"#, "\\ud800"),
    ]
    for (json, mark) in cases {
      let image = TestImage.with(manifest: json)
      let start = json.utf8.count - tail(json, from: mark)
      expect(refusal(image.bytes), .manifestInvalid, at: image.table + 4 + start, json)
    }
  }

  /// The bytes from the first place of `mark` to the end; none for an empty one.
  private func tail(_ json: String, from mark: String) -> Int {
    json.range(of: mark).map { json[$0.lowerBound...].utf8.count } ?? 0
  }

  @Test("it begins behind read-only data, behind an empty table, or behind the last section of any type")
  func place() {
    var image = TestImage.with(manifest: "{}")
    image.rodata = [1, 2, 3]
    image.trailer = [1]
    #expect(verdict(image.bytes).metadata?.manifest != nil)
    image.gap = []
    image.sections = [.init(1, []), .init(9, [])]
    #expect(verdict(image.bytes).metadata?.manifest != nil)
    image.sections = [.init(1, valueEntry(1, 1), count: 1), .init(9, [1, 2, 3])]
    let result = verdict(image.bytes)
    #expect(result.metadata?.manifest != nil && result.metadata?.values.count == 1)
    image.version = 1
    image.sections = []
    #expect(verdict(image.bytes).metadata?.manifest != nil)
    image.flags = 0
    #expect(verdict(image.bytes).metadata.map { $0.manifest == nil } == true)
  }

  @Test("one that the file does not hold whole is refused where it begins")
  func truncated() {
    var image = TestImage.with(manifest: "{}")
    let start = image.table
    for length in 0..<6 {
      let bytes = Array(image.bytes[..<(start + length)])
      expect(refusal(bytes), .manifestTruncated, at: start, expected: UInt32(start + (length < 4 ? 4 : 6)))
    }
    for length in [3, 0x7FFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFC &- UInt32(start)] as [UInt32] {
      image.patches = [(start, length)]
      expect(refusal(image.bytes), .manifestTruncated, at: start, "\(length)")
    }
    image.patches = [(start, 1)]
    expect(refusal(image.bytes), .manifestInvalid, at: start + 5)
  }
}
