import Foundation
import HSXProtocol
import HSXServer
import Logging
import NIOCore
import NIOPosix
import Testing

/// `Docs/executive_protocol.md` against a running host: what a second implementation is written from has to be true.
@Suite("The document of the protocol") struct ProtocolDocumentTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func document() throws -> String {
    try String(contentsOf: root.appending(path: "Docs/executive_protocol.md"), encoding: .utf8)
  }

  @Test("every example is answered as it says", arguments: ["protocol", "protocol store"])
  func examples(_ kind: String) async throws {
    let steps = Example.all(in: try Self.document(), kind: kind)
    #expect(steps.count > 5)
    let folder = FileManager.default.temporaryDirectory.appending(path: "hsx-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let host = try ServerFixture.host(
      storage: kind == "protocol store" ? folder.appending(path: "store") : nil)
    let channel = try await host.listen(at: .unix(path: folder.appending(path: "d.sock").path))
    let client = try LineClient(unix: folder.appending(path: "d.sock").path)
    var places = Placeholders(images: Self.root.appending(path: "Tests/Fixtures/vectors/images").path)
    for step in steps {
      let text = try await client.call(places.filled(step.request))
      let reply = try JSONSerialization.jsonObject(with: Data(text.utf8))
      // A handle or session of this reply is what the document's placeholder stands for.
      places.note(reply)
      let expected = try JSONSerialization.jsonObject(with: Data(places.filled(step.reply).utf8))
      if let difference = Shape.difference(reply, expected, path: "") {
        Issue.record("\(step.request)\n answered \(text)\n \(difference)")
      }
    }
    client.close()
    try await channel.close()
    await host.stop()
  }

  @Test("the table of roles is that of the code")
  func roles() throws {
    let document = try Self.document()
    for name in CommandName.allCases {
      let row =
        "| `\(name.rawValue)` | \(name.role?.rawValue ?? "none") | \(name.roleToChange?.rawValue ?? "") |"
      #expect(document.contains(row), "\(row)")
    }
  }

  @Test("every command has an example")
  func completeness() throws {
    let examples =
      Example.all(in: try Self.document(), kind: "protocol").map(\.request)
      + Example.all(in: try Self.document(), kind: "protocol store").map(\.request)
    for name in CommandName.allCases {
      #expect(examples.contains { $0.contains("\"cmd\":\"\(name.rawValue)\"") }, "\(name.rawValue)")
    }
  }
}

/// A request and its reply, as the document shows them.
private struct Example {
  var request: String
  var reply: String

  static func all(in document: String, kind: String) -> [Example] {
    var examples: [Example] = []
    var isInside = false
    var request: String?
    for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isInside = line == "```\(kind)"
      } else if isInside, line.hasPrefix("> ") {
        request = String(line.dropFirst(2))
      } else if isInside, line.hasPrefix("< "), let asked = request {
        examples.append(Example(request: asked, reply: String(line.dropFirst(2))))
        request = nil
      }
    }
    return examples
  }
}

/// What stands in the examples for what is different each time.
private struct Placeholders {
  let images: String
  private var session = ""
  private var handle = ""
  private var pid = ""

  init(images: String) { self.images = images }

  func filled(_ text: String) -> String {
    text.replacingOccurrences(of: "IMAGES", with: images).replacingOccurrences(of: "SESSION", with: session)
      .replacingOccurrences(of: "HANDLE", with: handle).replacingOccurrences(of: "PID", with: pid)
  }

  mutating func note(_ reply: Any) {
    guard let reply = reply as? [String: Any] else { return }
    if let known = (reply["session"] as? [String: Any])?["id"] as? String { session = known }
    if let known = reply["handle"] as? NSNumber { handle = known.stringValue }
    if let known = (reply["reload"] as? [String: Any])?["new_pid"] as? NSNumber { pid = known.stringValue }
  }
}

/// Whether two JSON values have the same members and types. Only what clients decide by has to be the same.
private enum Shape {
  private static let exact: Set<String> = [
    "status", "error", "code", "reason", "reply", "state", "mbx_status",
  ]

  static func difference(_ found: Any, _ expected: Any, path: String) -> String? {
    switch (found, expected) {
    case (let found as [String: Any], let expected as [String: Any]):
      let missing = Set(expected.keys).subtracting(found.keys)
      let more = Set(found.keys).subtracting(expected.keys)
      // What a task declares and holds differs from moment to moment in number, not in kind.
      if !missing.isEmpty || !more.isEmpty { return "\(path): lacks \(missing), has \(more) more" }
      for (key, value) in expected {
        guard let other = found[key] else { continue }
        if exact.contains(key), let text = value as? String, text != other as? String {
          return "\(path).\(key): \(other) instead of \(text)"
        }
        if let difference = difference(other, value, path: "\(path).\(key)") { return difference }
      }
      return nil
    case (let found as [Any], let expected as [Any]):
      guard let first = found.first, let model = expected.first else { return nil }
      return difference(first, model, path: path + "[0]")
    case (is NSNull, is NSNull), (is String, is String), (is NSNumber, is NSNumber): return nil
    default: return "\(path): \(found) instead of \(expected)"
    }
  }
}
