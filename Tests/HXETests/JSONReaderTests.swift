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
    #expect(jsonFault(Array(text.utf8)) == nil)
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
      ("\"\\udc00\\udc00\"", .loneSurrogate, 1),
    ]
    for (text, reason, offset) in cases {
      #expect(jsonFault(Array(text.utf8)) == JSONError(reason, at: offset), "\(text.debugDescription)")
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
      #expect(jsonFault(text) == JSONError(.notUTF8, at: 3), "\(sequence)")
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
      guard case .string(let string)? = nextToken(&reader)?.kind else {
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
    while let token = nextToken(&reader) {
      offsets.append(token.offset)
      depths.append(reader.depth)
      if token.kind == .end { break }
    }
    #expect(offsets == [1, 2, 8, 9, 12, 16, 19, 23, 27, 29])
    #expect(depths == [1, 1, 2, 2, 2, 1, 1, 1, 0, 0])
    #expect(nextToken(&reader)?.kind == .end)
  }

  @Test("goes 32 levels deep and no deeper, over arrays and objects alike")
  func depth() {
    let arrays = String(repeating: "[", count: 32)
    #expect(jsonFault(Array((arrays + String(repeating: "]", count: 32)).utf8)) == nil)
    #expect(jsonFault(Array((arrays + "[").utf8)) == JSONError(.tooDeep, at: 32))
    let mixed = String(repeating: #"{"a":["#, count: 16)
    #expect(jsonFault(Array((mixed + String(repeating: "]}", count: 16)).utf8)) == nil)
    #expect(jsonFault(Array((mixed + "{").utf8)) == JSONError(.tooDeep, at: 96))
    #expect(jsonFault([UInt8](repeating: UInt8(ascii: "["), count: 100_000)) == JSONError(.tooDeep, at: 32))
  }

  @Test("gives the same error again")
  func repeatedError() {
    for text in ["[1,]", "{\"a\" 1}", "[\"\\x\"]", "[tru", "[[1}"] {
      let bytes = Array(text.utf8)
      var reader = JSONReader(bytes.span)
      while nextToken(&reader) != nil {}
      let first = nextError(&reader)
      #expect(first != nil)
      #expect(nextError(&reader) == first, "\(text)")
    }
  }

  @Test("skips a value of any shape, and nothing more")
  func skipping() {
    for value in ["1", "\"x\"", "[]", "{}", "[[1,{\"a\":[]}],2]", "{\"a\":{\"b\":[1]},\"c\":2}"] {
      let bytes = Array("[\(value),7]".utf8)
      var reader = JSONReader(bytes.span)
      #expect(nextToken(&reader)?.kind == .beginArray)
      let isSkipped = skip(&reader)
      #expect(isSkipped)
      #expect(nextToken(&reader)?.kind == .integer(7), "\(value)")
    }
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

private func firstToken(_ text: String) -> JSONToken.Kind? {
  let bytes = Array(text.utf8)
  var reader = JSONReader(bytes.span)
  return nextToken(&reader)?.kind
}
