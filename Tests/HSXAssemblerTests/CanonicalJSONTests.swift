import Foundation
import HSXAssembler
import Testing

struct CanonicalJSONTests {
  @Test(
    "numbers look as Python writes them",
    arguments: [
      (0.0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (0.1, "0.1"), (1e15, "1000000000000000.0"), (1e16, "1e+16"),
      (9007199254740994, "9007199254740994.0"), (123456789012345680, "1.2345678901234568e+17"),
      (0.0001, "0.0001"), (0.00001, "1e-05"), (0.000012345, "1.2345e-05"), (1e100, "1e+100"),
      (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
      (-21.5, "-21.5"),
      (100, "100.0"), (0.30000000000000004, "0.30000000000000004"), (1e22, "1e+22"), (.nan, "NaN"),
      (-.infinity, "-Infinity"),
    ] as [(Double, String)])
  func numbers(_ number: Double, _ text: String) {
    #expect(String(decoding: JSONValue.number(number).canonicalText, as: UTF8.self) == text)
  }

  @Test("what is not UTF-8 is written as the replacement character")
  func broken() {
    let text = JSONValue.string([0x61, 0xFF, 0x22]).canonicalText
    #expect(String(decoding: text, as: UTF8.self) == #""a\ufffd\"""#)
  }

  @Test("generated values are written as Python's json.dumps writes them")
  func python() throws {
    var random = SplitMix(seed: 1)
    let values = (0..<400).map { _ in random.json(depth: 0) }
    let lines = values.map { $0.canonicalText + [0x0A] }.flatMap { $0 }
    let script = """
      import sys, json
      for line in sys.stdin.buffer:
          value = json.loads(line)
          print(json.dumps(value, separators=(",", ":"), sort_keys=True))
      """
    guard let output = try pythonOutput(script, input: lines) else { return }
    #expect(output == lines)
  }

  @Test("generated numbers become the binary16 that Python's struct packs")
  func binary16() throws {
    var random = SplitMix(seed: 2)
    let numbers = (0..<2_000).map { index -> Double in
      switch index % 4 {
      case 0: Double(Float16(bitPattern: UInt16(truncatingIfNeeded: random.next())))
      case 1: random.midpoint()
      case 2: random.midpoint().nextUp
      default: Double(bitPattern: UInt64(0x3E0 + random.next() % 0x40) << 52 | random.next() >> 12)
      }
    }.filter { !$0.isNaN }
    let script = """
      import sys, struct
      for line in sys.stdin:
          try: bits = struct.pack('>e', float(line))
          except OverflowError: bits = b'\\x7c\\x00' if float(line) > 0 else b'\\xfc\\x00'
          print(bits.hex())
      """
    let input = numbers.map { "\($0)\n" }.joined()
    guard let output = try pythonOutput(script, input: Array(input.utf8)) else { return }
    let expected = String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap {
      UInt16($0, radix: 16)
    }
    try #require(expected.count == numbers.count)
    // 256 values an image are enough to hold, so several groups and images.
    for start in stride(from: 0, to: numbers.count, by: 250) {
      let slice = numbers[start..<min(start + 250, numbers.count)]
      let lines = slice.enumerated().map { ".value {\"group\":1,\"id\":\($0),\"init\":\"\($1)\"}\n" }
      let section = try #require(try Parts(lines.joined() + "RET").section(1))
      let found = slice.indices.map { index in
        let offset = 20 * (index - start) + 4
        return UInt16(section[offset]) << 8 | UInt16(section[offset + 1])
      }
      #expect(found == Array(expected[slice.indices]))
    }
  }

  /// What Python prints; nil if there is no Python here.
  private func pythonOutput(_ script: String, input: [UInt8]) throws -> [UInt8]? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    // A file, as a pipe that neither side drains would stop both.
    let file = FileManager.default.temporaryDirectory.appending(path: "hsx-\(UUID().uuidString)")
    try Data(input).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let output = Pipe()
    process.standardInput = try FileHandle(forReadingFrom: file)
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return process.terminationStatus == 127 ? nil : Array(data)
  }
}
