import Testing

@testable import HSXProtocol

@Suite struct DepthTests {
  private func isTooDeep(_ line: [UInt8]) -> Bool { LineDecoder.isTooDeep(line.span) }

  @Test("sixty-four levels are taken and sixty-five are not")
  func limit() {
    func nested(_ depth: Int) -> [UInt8] {
      [UInt8](repeating: UInt8(ascii: "["), count: depth)
        + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
    }
    #expect(!isTooDeep(nested(64)))
    #expect(isTooDeep(nested(65)))
  }

  @Test("many brackets beside one another are not deep, and those in strings do not count")
  func shallow() {
    #expect(!isTooDeep(Array(String(repeating: "[],", count: 1000).utf8)))
    #expect(!isTooDeep(Array(("\"" + String(repeating: "[\\\"", count: 1000) + "\"").utf8)))
  }
}
