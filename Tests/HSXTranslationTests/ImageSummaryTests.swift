import Foundation
import HSXProtocol
import HSXTranslation
import HXE
import Testing

struct ImageSummaryTests {
  private static let images = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/vectors/images")

  private func summary(of bytes: [UInt8]) throws -> ImageSummary {
    let (header, metadata) = try ImageParser.parse(bytes.span, limits: .desktop, checksum: .fast)
    return ImageSummary(header: header, metadata: metadata, size: bytes.count)
  }

  private func object(_ data: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test("the summary of every golden image is what the reference toolchain says of it")
  func vectors() throws {
    let expected = try object(Data(contentsOf: Self.images.appending(path: "expected.json")))
    let good = try #require(expected["good"] as? [String: [String: Any]])
    #expect(good.count == 17)
    let fields = [
      "version", "flags", "entry", "code_len", "ro_len", "bss_size", "req_caps", "crc32", "app_name",
      "allow_multiple", "size",
    ]
    for (name, image) in good {
      let bytes = Array(try Data(contentsOf: Self.images.appending(path: "\(name).hxe")))
      let found = try object(summary(of: bytes).json())
      let header = try #require(found["header"] as? [String: Any])
      #expect(Set(header.keys) == Set(fields))
      #expect(header as NSDictionary == image.filter { fields.contains($0.key) } as NSDictionary, "\(name)")
      let metadata = try #require(image["metadata"] as? [String: Any])
      for part in ["values", "commands", "mailboxes"] {
        #expect(found[part] as? NSArray == metadata[part] as? NSArray, "\(name) \(part)")
      }
      #expect(
        Set(found.keys) == [
          "header", "sections", "values", "commands", "mailboxes", "manifest", "signature",
        ])
      #expect(found["signature"] is NSNull)
    }
  }

  @Test("a manifest is shown with all its fields, and a section table entry with its name")
  func manifest() throws {
    let bytes = Array(try Data(contentsOf: Self.images.appending(path: "manifest.hxe")))
    let found = try object(summary(of: bytes).json())
    let manifest = try JSONSerialization.jsonObject(with: Data(bytes[132...])) as? NSDictionary
    #expect(manifest != nil && found["manifest"] as? NSDictionary == manifest)
    let unknown = Array(try Data(contentsOf: Self.images.appending(path: "unknown_section.hxe")))
    let sections = try #require(try object(summary(of: unknown).json())["sections"] as? [[String: Any]])
    #expect(sections.count == 1 && sections[0]["name"] is NSNull)
    #expect(Set(sections[0].keys) == ["type", "name", "offset", "size", "count"])
  }

  @Test("the text has its keys in order, is the same each time, and reads back as the same summary")
  func text() throws {
    var builder = ImageBuilder()
    builder.code = [0x25, 0, 0, 0]
    var value = ImageBuilder.Value(ValueDescriptor(), name: Array("a/b".utf8))
    value.descriptor.initial = 0x3C00
    builder.values = [value]
    builder.mailboxes = [
      ImageBuilder.Mailbox(
        target: Array("m".utf8), json: Array(#"{"bindings":[{"pid":1}],"target":"m"}"#.utf8))
    ]
    let summary = try summary(of: builder.build())
    let text = String(decoding: try summary.json(), as: UTF8.self)
    #expect(
      text
        == #"{"commands":[],"header":{"allow_multiple":true,"app_name":null,"bss_size":0,"code_len":4,"#
        + #""crc32":\#(summary.header.crc32),"entry":0,"flags":2,"req_caps":0,"ro_len":0,"size":221,"version":2},"#
        + #""mailboxes":[{"bindings":[{"flags":null,"pid":1}],"capacity":null,"mode_mask":3,"owner_pid":null,"#
        + #""target":"m"}],"manifest":null,"sections":[{"count":1,"name":".value","offset":132,"size":24,"type":1},"#
        + #"{"count":1,"name":".mailbox","offset":156,"size":65,"type":3}],"signature":null,"#
        + #""values":[{"auth_level":0,"epsilon_raw":0,"flags":0,"group_id":0,"group_name":null,"init_raw":15360,"#
        + #""max_raw":0,"min_raw":0,"name":"a/b","persist_key":0,"unit":null,"value_id":0}]}"#)
    #expect(try JSONDecoder().decode(ImageSummary.self, from: summary.json()) == summary)
    #expect(try JSONDecoder().decode(ImageSummary.self, from: summary.json(indented: true)) == summary)
  }

  @Test("any JSON is passed on as it was")
  func tree() throws {
    let text = #"{"a":[null,true,1,-2.5,"x",{}],"b":9223372036854775807}"#
    let tree = try #require(JSONTree(text: Array(text.utf8)))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(String(decoding: try encoder.encode(tree), as: UTF8.self) == text)
    #expect(JSONTree(text: Array("{".utf8)) == nil)
  }
}
