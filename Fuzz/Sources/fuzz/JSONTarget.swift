import Foundation
import HXE

private let jsonPieces: [[UInt8]] = [
  "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "\\ud834", "\\udd1e", "\\u0000", "0", "-", ".", "e+", "E5",
  "true", "null", " ", "\t\n", "\u{1}", "é", "𝄞", "[[", "{\"a\":", "\"x\"", "1e18", "9223372036854775808",
  "-0",
].map { Array($0.utf8) }

/// A text ends in tokens or in an error that stays; what is taken, Foundation takes too; and the tokens written
/// down again read as the same.
func fuzzJSON(_ corpus: Corpus, _ random: inout Random, _ isReplay: Bool) -> (String?, Bool) {
  let text = mutatedText(corpus.texts, pieces: jsonPieces, &random)
  if isReplay { print(String(decoding: text, as: UTF8.self)) }
  var reader = JSONReader(text.span)
  var rewritten: [UInt8] = []
  var tokens = 0
  do throws(JSONError) {
    var isFirst = true
    while true {
      let token = try reader.next()
      tokens += 1
      guard tokens <= text.count + 1 else { return ("more tokens than bytes", true) }
      guard reader.depth <= JSONReader.depthLimit else { return ("deeper than the limit", true) }
      if token.kind == .end { break }
      guard write(token, reader, &isFirst, &rewritten) else { return ("a string is not UTF-8", true) }
    }
  } catch {
    if isReplay { print(error) }
    guard (0...text.count).contains(error.offset) else { return ("the error is outside: \(error)", false) }
    guard nextError(&reader) == error else { return ("another error the second time", false) }
    return (nil, false)
  }
  if !isOutsideFoundation(text),
    (try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)) == nil
  {
    return ("Foundation does not take it", true)
  }
  guard spelling(rewritten) == rewritten else { return ("written down again it reads otherwise", true) }
  return (nil, true)
}

private func nextError(_ reader: inout JSONReader) -> JSONError? {
  do throws(JSONError) {
    _ = try reader.next()
    return nil
  } catch {
    return error
  }
}

/// The compact spelling of a text; nil if it is none.
private func spelling(_ text: [UInt8]) -> [UInt8]? {
  var reader = JSONReader(text.span)
  var written: [UInt8] = []
  var isFirst = true
  do throws(JSONError) {
    while true {
      let token = try reader.next()
      if token.kind == .end { return written }
      guard write(token, reader, &isFirst, &written) else { return nil }
    }
  } catch {
    return nil
  }
}

/// Appends a token, and the comma before it; false if a string cannot be written. Numbers that are no integers
/// become 0.5: their text is not the reader's to give.
private func write(
  _ token: JSONToken, _ reader: borrowing JSONReader, _ isFirst: inout Bool, _ bytes: inout [UInt8]
) -> Bool {
  let closes = token.kind == .endArray || token.kind == .endObject
  if !isFirst && !closes { bytes.append(UInt8(ascii: ",")) }
  isFirst = false
  switch token.kind {
  case .beginObject, .beginArray:
    bytes.append(UInt8(ascii: token.kind == .beginObject ? "{" : "["))
    isFirst = true
  case .endObject: bytes.append(UInt8(ascii: "}"))
  case .endArray: bytes.append(UInt8(ascii: "]"))
  case .name(let name):
    guard JSONWriter.appendQuoted(reader.decode(name).span, to: &bytes) else { return false }
    bytes.append(UInt8(ascii: ":"))
    isFirst = true
  case .string(let text): return JSONWriter.appendQuoted(reader.decode(text).span, to: &bytes)
  case .integer(let number): bytes += Array("\(number)".utf8)
  case .number: bytes += Array("0.5".utf8)
  case .bool(let flag): bytes += Array("\(flag)".utf8)
  case .null: bytes += Array("null".utf8)
  case .end: break
  }
  return true
}

/// Numbers that no Double holds are numbers, but not to Foundation: an exponent of three digits, or very many.
private func isOutsideFoundation(_ text: [UInt8]) -> Bool {
  var digits = 0
  var isExponent = false
  for byte in text {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
    case UInt8(ascii: "e"), UInt8(ascii: "E"): (digits, isExponent) = (0, true)
    case UInt8(ascii: "+"), UInt8(ascii: "-"): break
    default: (digits, isExponent) = (0, false)
    }
    if digits > (isExponent ? 2 : 280) { return true }
  }
  return false
}
