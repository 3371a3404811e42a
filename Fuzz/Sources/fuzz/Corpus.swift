import Foundation

/// What inputs are made of: the golden vectors, in the order of their names.
struct Corpus {
  /// Images, good and bad.
  let images: [[UInt8]]
  /// Those of them that are not bad.
  let goodImages: [[UInt8]]
  /// Sources in assembly language.
  let sources: [[UInt8]]
  /// JSON texts: manifests, mailbox sections, and tables of vectors.
  let texts: [[UInt8]]

  /// Tests/Fixtures/vectors.
  init() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Tests/Fixtures/vectors")
    func files(_ path: String, _ suffix: String) throws -> [[UInt8]] {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: path).path)
      return try names.filter { $0.hasSuffix(suffix) }.sorted().map { name in
        [UInt8](try Data(contentsOf: folder.appending(path: path).appending(path: name)))
      }
    }
    goodImages = try files("images", ".hxe")
    images = goodImages + (try files("images/bad", ".hxe"))
    sources = try files("sources", ".mvasm")
    let tables = try files("images", ".json").map { Array($0.prefix(4096)) }
    let spoken = [
      #"{"version":1,"mailboxes":[{"target":"app:ping","capacity":64,"mode":"RDWR","bindings":[1,2,-3]}]}"#,
      #"[{"a":[1e5,-0.25,{"b":"\ud83d\ude00\n\\\/é€"}],"c":null,"d":true,"e":false}]"#,
      #"{"stack":4096,"heap":0,"capabilities":["mailboxes","values"],"name":"thermostat","n":[[],{},""]}"#,
      String(repeating: "[", count: 31) + "1" + String(repeating: "]", count: 31),
      "-9223372036854775808", "9223372036854775807", "\"\\u0000\"", " 1e-400 ",
    ]
    texts = tables + spoken.map { Array($0.utf8) }
  }
}
