import Foundation
import HSXProtocol
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
    let folder = try TemporaryFolder()
    let store = kind == "protocol store" ? folder.path("store") : nil
    try await Daemon.with(store: store) { daemon in
      let client = try daemon.client()
      var places = Placeholders(images: Vector.folder.path)
      for step in steps {
        try client.send(places.filled(step.request))
        let reply = try client.reply()
        // A handle or session of this reply is what the document's placeholder stands for.
        places.note(reply)
        let expected = try #require(JSONTree(text: Array(places.filled(step.reply).utf8)))
        if let difference = reply.difference(from: expected) {
          Issue.record("\(step.request)\n answered \(reply)\n \(difference)")
        }
      }
    }
    _ = folder
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

  mutating func note(_ reply: JSONTree) {
    if let known = reply["session"]["id"].text { session = known }
    if let known = reply["handle"].integer { handle = String(known) }
    if let known = reply["reload"]["new_pid"].integer { pid = String(known) }
  }
}

extension JSONTree {
  /// Members that clients decide by: they have to be the same, not only of the same type.
  private static let exact: Set<String> = ["status", "error", "code", "reason", "reply", "state"]

  /// Where a reply has other members or types than the one that is documented; nil if it has not.
  fileprivate func difference(from expected: JSONTree, path: String = "") -> String? {
    switch (self, expected) {
    case (.object(let found), .object(let expected)):
      let names = (Set(found.keys), Set(expected.keys))
      guard names.0 == names.1 else {
        return "\(path): lacks \(names.1.subtracting(names.0)), has \(names.0.subtracting(names.1)) more"
      }
      for (name, value) in expected {
        if Self.exact.contains(name), case .string = value, found[name] != value {
          return "\(path).\(name): \(String(describing: found[name]))"
        }
        if let difference = found[name]?.difference(from: value, path: "\(path).\(name)") {
          return difference
        }
      }
      return nil
    case (.array(let found), .array(let expected)):
      guard let first = found.first, let model = expected.first else { return nil }
      return first.difference(from: model, path: path + "[0]")
    case (.null, .null), (.string, .string), (.bool, .bool), (.integer, .integer), (.number, .number),
      (.integer, .number), (.number, .integer):
      return nil
    default: return "\(path): \(self) instead of \(expected)"
    }
  }
}
