import HSXProtocol
import Testing

/// What a reply must have: lines of a path and a type.
///
/// A path leads through objects by names and into the first item of an array by `0`. The types are `s`tring, `n`umber,
/// `i`nteger, `b`ool, `o`bject, `a`rray, and `*` for whatever is there; with `?` it may also be null, but must be there.
struct Shape {
  private let lines: [(path: [String], type: String)]

  init(_ text: String) {
    lines = text.split(whereSeparator: \.isWhitespace).map { word in
      let parts = word.split(separator: ":")
      return (parts[0].split(separator: ".").map(String.init), String(parts[1]))
    }
  }

  /// What is wrong with a reply; empty if nothing is.
  func faults(of reply: JSONTree) -> [String] {
    var faults: [String] = []
    if reply["version"] != .integer(1) { faults.append("version") }
    if reply["status"] != .string("ok") { faults.append("status \(reply["error"])") }
    if reply.names.contains("seq") { faults.append("a top-level seq") }
    for (path, type) in lines {
      var place = reply
      var isThere = true
      for step in path {
        if case .array(let items) = place, step == "0" {
          guard let first = items.first else {
            isThere = false
            break
          }
          place = first
        } else if case .object(let members) = place, let member = members[step] {
          place = member
        } else {
          isThere = false
          break
        }
      }
      let name = path.joined(separator: ".")
      if !isThere {
        faults.append("no \(name)")
      } else if !Self.is(place, type) {
        faults.append("\(name): \(place)")
      }
    }
    return faults
  }

  private static func `is`(_ tree: JSONTree, _ type: String) -> Bool {
    if type.hasSuffix("?"), tree == .null { return true }
    return switch (type.first, tree) {
    case ("s", .string), ("n", .integer), ("n", .number), ("i", .integer), ("b", .bool), ("o", .object),
      ("a", .array), ("*", _):
      true
    default: false
    }
  }
}
