import Foundation
import HXE
import Testing

@Suite("JSON against Foundation")
struct JSONFoundationTests {
  @Test("reads generated texts as Foundation does, and disagrees on no mutated one")
  func foundation() throws {
    var generator = Generator(seed: 42)
    var valid = 0
    var invalid = 0
    for round in 0..<3000 {
      let text = Array(generatedJSON(&generator, depth: 4).utf8)
      #expect(
        canonical(text) == canonicalByFoundation(text), "\(round): \(String(decoding: text, as: UTF8.self))")
      let mutant = mutatedJSON(text, &generator)
      if isOutsideOracle(mutant) { continue }
      let ours = jsonFault(mutant)
      let theirs = try? JSONSerialization.jsonObject(with: Data(mutant), options: .fragmentsAllowed)
      if ours == nil { valid += 1 } else { invalid += 1 }
      #expect(
        (ours == nil) == (theirs != nil),
        "\(round): \(String(decoding: mutant, as: UTF8.self)): \(String(describing: ours))")
    }
    // Both kinds must come up often, or the comparison shows nothing.
    #expect(valid > 300 && invalid > 300)
  }
}

/// The text in one spelling: names sorted, integers as digits, other numbers as `#`, strings as their bytes.
private func canonical(_ text: [UInt8]) -> String? {
  var reader = JSONReader(text.span)
  guard let token = nextToken(&reader), let spelling = canonicalValue(token, &reader) else { return nil }
  return nextToken(&reader)?.kind == .end ? spelling : nil
}

private func canonicalValue(_ token: JSONToken, _ reader: inout JSONReader) -> String? {
  switch token.kind {
  case .integer(let number): return "\(number)"
  case .number: return "#"
  case .bool(let flag): return "\(flag)"
  case .null: return "null"
  case .string(let text): return "\(reader.decode(text))"
  case .beginArray:
    var elements: [String] = []
    while let element = nextToken(&reader), element.kind != .endArray {
      guard let spelling = canonicalValue(element, &reader) else { return nil }
      elements.append(spelling)
    }
    return "[" + elements.joined(separator: ",") + "]"
  case .beginObject:
    var members: [String] = []
    while let member = nextToken(&reader), case .name(let name) = member.kind {
      guard let value = nextToken(&reader), let spelling = canonicalValue(value, &reader) else { return nil }
      members.append("\(reader.decode(name)):" + spelling)
    }
    return "{" + members.sorted().joined(separator: ",") + "}"
  default: return nil
  }
}

private func canonicalByFoundation(_ text: [UInt8]) -> String? {
  guard let value = try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed) else {
    return nil
  }
  return canonicalObject(value)
}

private func canonicalObject(_ value: Any) -> String {
  switch value {
  // A truth value is a number too, told apart by being one of two objects.
  case let number as NSNumber where number === NSNumber(value: true) || number === NSNumber(value: false):
    return number.boolValue ? "true" : "false"
  case let number as NSNumber:
    if let integer = Int64(exactly: number) { return "\(integer)" }
    return "#"
  case let text as String: return "\(Array(text.utf8))"
  case let list as [Any]: return "[" + list.map(canonicalObject).joined(separator: ",") + "]"
  case let object as [String: Any]:
    let members = object.map { "\(Array($0.key.utf8)):" + canonicalObject($0.value) }
    return "{" + members.sorted().joined(separator: ",") + "}"
  default: return "null"
  }
}

private func generatedJSON(_ generator: inout Generator, depth: Int) -> String {
  func space() -> String { generator.pick(["", "", "", " ", "\n", "\t ", "\r"]) }
  let kind = generator.below(depth == 0 ? 6 : 9)
  let value: String
  switch kind {
  case 0: value = "\(Int(truncatingIfNeeded: generator.next()) >> generator.below(60))"
  case 1:
    value =
      "\(generator.below(2000) - 1000).\(generator.below(9))5e\(generator.pick(["", "+", "-"]))\(generator.below(6))"
  case 2, 3: value = generatedString(&generator)
  case 4: value = generator.pick(["true", "false", "null"])
  case 5: value = generator.pick(["0", "-0", "1e3", "1E-2", "0.25", "-7", "[]", "{}"])
  case 6, 7:
    value =
      "["
      + (0..<generator.below(4)).map { _ in generatedJSON(&generator, depth: depth - 1) }
      .joined(separator: ",") + "]"
  default:
    // Names carry their number: which of two equal ones counts is not what this compares.
    value =
      "{"
      + (0..<generator.below(4)).map { index in
        "\"\(index)\(generatedString(&generator).dropFirst())\(space()):"
          + generatedJSON(&generator, depth: depth - 1)
      }.joined(separator: ",") + "}"
  }
  return space() + value + space()
}

private func generatedString(_ generator: inout Generator) -> String {
  let pieces = [
    "a", "Z", " ", "\\n", "\\\"", "\\\\", "\\/", "\\u0041", "\\u00e9", "\\u20ac", "\\ud834\\udd1e", "é", "€",
    "𝄞", "[", "}",
  ]
  return "\"" + (0..<generator.below(5)).map { _ in generator.pick(pieces) }.joined() + "\""
}

/// Where Foundation is known to stray: it lets a comma end an array, and refuses numbers that no Double holds.
private func isOutsideOracle(_ text: [UInt8]) -> Bool {
  let string = String(decoding: text, as: UTF8.self)
  return string.contains(#/,\s*]/#) || string.contains(#/[eE][+-]?[0-9]{3}/#)
}

private func mutatedJSON(_ text: [UInt8], _ generator: inout Generator) -> [UInt8] {
  var text = text
  let marks = Array("{}[]:,\"\\u019-+.eE tfn\u{1}x".utf8) + [0x80, 0xC3, 0xFF]
  for _ in 0...generator.below(2) where !text.isEmpty {
    let place = generator.below(text.count)
    switch generator.below(3) {
    case 0: text[place] = generator.pick(marks)
    case 1: text.remove(at: place)
    default: text.insert(generator.pick(marks), at: place)
    }
  }
  return text
}
