import Foundation
import HXE
import Testing

@Suite("JSON reader")
struct JSONReaderTests {
  @Test(
    "accepts what RFC 8259 allows",
    arguments: [
      "0", "-0", "1", "-1", "10", "1.5", "1e5", "1E+5", "1e-5", "0e0", "0.0e-0",
      "123456789012345678901234567890",
      "\"\"", "\"a\"", "\" \"", "\"\u{7F}\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
      "\"\\u0041\\uD834\\udd1e\\u0000\"",
      "\"é€𝄞\"", "\"\u{2028}\"", "true", "false", "null", " null ", "\t\r\n[]\n", "[]", "[ ]", "[1]", "[1,2]",
      "[1 , 2 ]", "[[],[]]", "[[[[]]]]", "{}", "{ }", "{\"a\":1}", "{\"a\" : 1 , \"b\":[{}]}", "{\"\":0}",
      "{\"a\":1,\"a\":2}", "[null,true,false,\"x\",-1.25e+3]", "[\"\\ud800\\udc00\"]",
    ])
  func accepts(_ text: String) {
    #expect(fault(Array(text.utf8)) == nil)
  }

  @Test("refuses everything else, at the byte where it stops making sense")
  func refuses() {
    let cases: [(String, JSONError.Reason, Int)] = [
      ("", .endOfText, 0), ("  ", .endOfText, 2), ("[", .endOfText, 1), ("{", .endOfText, 1),
      ("[1", .endOfText, 2), ("[1,", .endOfText, 3), ("{\"a\"", .endOfText, 4), ("{\"a\":", .endOfText, 5),
      ("\"", .endOfText, 1), ("\"a", .endOfText, 2), ("\"\\", .endOfText, 2), ("\"\\u", .endOfText, 3),
      ("\"\\u12", .endOfText, 5), ("tru", .endOfText, 3), ("-", .endOfText, 1), ("1.", .endOfText, 2),
      ("1e", .endOfText, 2), ("1e+", .endOfText, 3),
      ("]", .unexpectedByte, 0), ("}", .unexpectedByte, 0), (",", .unexpectedByte, 0),
      ("[,]", .unexpectedByte, 1), ("[1,]", .unexpectedByte, 3), ("[1,,2]", .unexpectedByte, 3),
      ("[1 2]", .unexpectedByte, 3), ("[1}", .unexpectedByte, 2), ("{]", .unexpectedByte, 1),
      ("{1:1}", .unexpectedByte, 1), ("{a:1}", .unexpectedByte, 1), ("{'a':1}", .unexpectedByte, 1),
      ("{\"a\" 1}", .unexpectedByte, 5), ("{\"a\":1,}", .unexpectedByte, 7), ("{\"a\":}", .unexpectedByte, 5),
      ("{\"a\",1}", .unexpectedByte, 4), ("{\"a\":1]", .unexpectedByte, 6),
      ("{\"a\":1 \"b\":2}", .unexpectedByte, 7),
      ("01", .unexpectedByte, 1), ("-01", .unexpectedByte, 2), ("+1", .unexpectedByte, 0),
      (".5", .unexpectedByte, 0),
      ("1.e1", .unexpectedByte, 2), ("1ee", .unexpectedByte, 2), ("1e1.5", .unexpectedByte, 3),
      ("-a", .unexpectedByte, 1),
      ("0x10", .unexpectedByte, 1), ("1_0", .unexpectedByte, 1), ("NaN", .unexpectedByte, 0),
      ("Infinity", .unexpectedByte, 0),
      ("nul1", .unexpectedByte, 3), ("nulll", .unexpectedByte, 4), ("True", .unexpectedByte, 0),
      ("truefalse", .unexpectedByte, 4),
      ("1 1", .unexpectedByte, 2), ("[] []", .unexpectedByte, 3), ("[]x", .unexpectedByte, 2),
      ("{}}", .unexpectedByte, 2),
      ("[1]//", .unexpectedByte, 3), ("/*", .unexpectedByte, 0), ("'a'", .unexpectedByte, 0),
      ("\u{FEFF}1", .unexpectedByte, 0),
      ("\u{A0}1", .unexpectedByte, 0), ("\u{0C}1", .unexpectedByte, 0), ("1\0", .unexpectedByte, 1),
      ("\"\u{01}\"", .unexpectedByte, 1), ("\"\n\"", .unexpectedByte, 1), ("\"a\0\"", .unexpectedByte, 2),
      ("\"\\x\"", .unexpectedByte, 2),
      ("\"\\u12G4\"", .unexpectedByte, 5), ("\"\\U0041\"", .unexpectedByte, 2),
      ("\"\\'\"", .unexpectedByte, 2),
      ("\"\\ud800\"", .loneSurrogate, 1), ("\"a\\udc00\"", .loneSurrogate, 2),
      ("\"\\ud800x\"", .loneSurrogate, 1),
      ("\"\\ud800\\n\"", .loneSurrogate, 1), ("\"\\ud800\\u0041\"", .loneSurrogate, 1),
      ("\"\\ud800\\ud800\"", .loneSurrogate, 1), ("\"\\udc00\\ud800\"", .loneSurrogate, 1),
    ]
    for (text, reason, offset) in cases {
      #expect(fault(Array(text.utf8)) == JSONError(reason, at: offset), "\(text.debugDescription)")
    }
  }

  @Test("refuses strings that are not UTF-8, at the first byte of what is ill-formed")
  func illFormed() {
    let sequences: [[UInt8]] = [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x20], [0xE0, 0x80, 0x80],
      [0xE0, 0x9F, 0xBF],
      [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
      [0xF0, 0x8F, 0xBF, 0xBF],
      [0xF0, 0x9D, 0x84], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ]
    for sequence in sequences {
      let text = Array("\"ab".utf8) + sequence + Array("\"".utf8)
      #expect(fault(text) == JSONError(.notUTF8, at: 3), "\(sequence)")
    }
  }

  @Test("reads numbers that are integers exactly, however written, and marks all others")
  func numbers() {
    let integers: [(String, Int64)] = [
      ("0", 0), ("-0", 0), ("-0.0e9", 0), ("0e999999999999", 0), ("7", 7), ("-7", -7), ("1e2", 100),
      ("1.5e1", 15),
      ("1200e-2", 12), ("1.0", 1), ("100000000000000000000000e-21", 100), ("0.001e3", 1), ("10", 10),
      ("1010", 1010),
      ("9223372036854775807", .max), ("-9223372036854775808", .min), ("-922337203685477580.8e1", .min),
      ("9007199254740993", 9_007_199_254_740_993), ("1000000000000000000", 1_000_000_000_000_000_000),
    ]
    for (text, value) in integers { #expect(firstToken(text) == .integer(value), "\(text)") }
    let others = [
      "0.5", "1e-1", "12e-1", "-0.1", "9223372036854775808", "-9223372036854775809", "1e19",
      "1e999999999999999999",
      "18446744073709551616", "18446744073709551617", "123456789012345678901234567890",
      "1e-999999999999999999",
      "0.00000000000000000000000000000000000000001", "99999999999999999999.5",
    ]
    for text in others { #expect(firstToken(text) == .number, "\(text)") }
  }

  @Test("decodes escapes into UTF-8, and compares what they mean")
  func escapes() {
    let texts: [(String, String)] = [
      ("\"\"", ""), ("\"plain\"", "plain"), ("\"\\u0074arget\"", "target"),
      ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{C}\n\r\t"),
      ("\"\\u00e9\\u20AC\\ud834\\udd1e!\"", "é€𝄞!"), ("\"é€𝄞\"", "é€𝄞"),
      ("\"\\uffff\\udbff\\udfff\"", "\u{FFFF}\u{10FFFF}"),
      ("\"\\u007f\\u0080\\u07ff\\u0800\"", "\u{7F}\u{80}\u{7FF}\u{800}"),
    ]
    for (text, meaning) in texts {
      let bytes = Array(text.utf8)
      var reader = JSONReader(bytes.span)
      guard case .string(let string)? = next(&reader)?.kind else {
        Issue.record("\(text)")
        continue
      }
      #expect(reader.decode(string) == Array(meaning.utf8), "\(text)")
      var verdicts: [Bool] = []
      for word in [meaning, meaning + "x", String(meaning.dropLast()) + "\u{1}"] {
        verdicts.append(reader.matches(string, word))
      }
      #expect(verdicts == [true, false, false], "\(text)")
    }
  }

  @Test("says what each token is and where it begins, and end for ever after")
  func tokens() {
    let bytes = Array(#" {"a" : [1, true], "b":null} "#.utf8)
    var reader = JSONReader(bytes.span)
    var offsets: [Int] = []
    var depths: [Int] = []
    while let token = next(&reader) {
      offsets.append(token.offset)
      depths.append(reader.depth)
      if token.kind == .end { break }
    }
    #expect(offsets == [1, 2, 8, 9, 12, 16, 19, 23, 27, 29])
    #expect(depths == [1, 1, 2, 2, 2, 1, 1, 1, 0, 0])
    #expect(next(&reader)?.kind == .end)
  }

  @Test("goes 32 levels deep and no deeper, over arrays and objects alike")
  func depth() {
    let arrays = String(repeating: "[", count: 32)
    #expect(fault(Array((arrays + String(repeating: "]", count: 32)).utf8)) == nil)
    #expect(fault(Array((arrays + "[").utf8)) == JSONError(.tooDeep, at: 32))
    let mixed = String(repeating: #"{"a":["#, count: 16)
    #expect(fault(Array((mixed + String(repeating: "]}", count: 16)).utf8)) == nil)
    #expect(fault(Array((mixed + "{").utf8)) == JSONError(.tooDeep, at: 96))
    #expect(fault([UInt8](repeating: UInt8(ascii: "["), count: 100_000)) == JSONError(.tooDeep, at: 32))
  }

  @Test("gives the same error again")
  func repeatedError() {
    for text in ["[1,]", "{\"a\" 1}", "[\"\\x\"]", "[tru", "[[1}"] {
      let bytes = Array(text.utf8)
      var reader = JSONReader(bytes.span)
      while next(&reader) != nil {}
      let first = error(&reader)
      #expect(first != nil)
      #expect(error(&reader) == first, "\(text)")
    }
  }

  @Test("skips a value of any shape, and nothing more")
  func skipping() {
    for value in ["1", "\"x\"", "[]", "{}", "[[1,{\"a\":[]}],2]", "{\"a\":{\"b\":[1]},\"c\":2}"] {
      let bytes = Array("[\(value),7]".utf8)
      var reader = JSONReader(bytes.span)
      #expect(next(&reader)?.kind == .beginArray)
      let isSkipped = skip(&reader)
      #expect(isSkipped)
      #expect(next(&reader)?.kind == .integer(7), "\(value)")
    }
  }

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
      let ours = fault(mutant)
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

@Suite("UTF-8")
struct UTF8TextTests {
  @Test("agrees with Foundation-free Swift on every sequence of two bytes and on random ones of four")
  func agreesWithSwift() {
    var generator = Generator(seed: 9)
    func check(_ bytes: [UInt8]) {
      let isValid = String(validating: bytes, as: UTF8.self) != nil
      #expect((UTF8Text.firstFault(in: bytes.span) == nil) == isValid, "\(bytes)")
    }
    for lead in UInt8.min...UInt8.max {
      for second in stride(from: UInt8(0), to: 255, by: 5) { check([lead, second]) }
    }
    for _ in 0..<5000 {
      let lead = UInt8(0xE0 + generator.below(0x16))
      let tail = (0..<3).map { _ in UInt8(0x80 + generator.below(0x42)) }
      check([lead] + tail)
      check([lead] + tail.dropLast())
    }
  }
}

private func next(_ reader: inout JSONReader) -> JSONToken? {
  do throws(JSONError) { return try reader.next() } catch { return nil }
}

private func error(_ reader: inout JSONReader) -> JSONError? {
  do throws(JSONError) {
    _ = try reader.next()
    return nil
  } catch {
    return error
  }
}

private func skip(_ reader: inout JSONReader) -> Bool {
  do throws(JSONError) {
    try reader.skipValue()
    return true
  } catch {
    return false
  }
}

/// What is wrong with a text; nil if nothing is.
private func fault(_ text: [UInt8]) -> JSONError? {
  var reader = JSONReader(text.span)
  while let token = next(&reader) {
    if token.kind == .end { return nil }
  }
  return error(&reader)
}

private func firstToken(_ text: String) -> JSONToken.Kind? {
  let bytes = Array(text.utf8)
  var reader = JSONReader(bytes.span)
  return next(&reader)?.kind
}

/// The text in one spelling: names sorted, integers as digits, other numbers as `#`, strings as their bytes.
private func canonical(_ text: [UInt8]) -> String? {
  var reader = JSONReader(text.span)
  guard let token = next(&reader), let spelling = canonicalValue(token, &reader) else { return nil }
  return next(&reader)?.kind == .end ? spelling : nil
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
    while let element = next(&reader), element.kind != .endArray {
      guard let spelling = canonicalValue(element, &reader) else { return nil }
      elements.append(spelling)
    }
    return "[" + elements.joined(separator: ",") + "]"
  case .beginObject:
    var members: [String] = []
    while let member = next(&reader), case .name(let name) = member.kind {
      guard let value = next(&reader), let spelling = canonicalValue(value, &reader) else { return nil }
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
