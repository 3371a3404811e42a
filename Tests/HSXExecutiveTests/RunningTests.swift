import Foundation
import HSXExecutive
import HSXHAL
import HSXProvisioning
import MiniVM
import Testing

/// The bytes of a golden image.
func goldenImage(_ name: String) throws -> [UInt8] {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/vectors/images/\(name).hxe")))
}

@Suite("Running golden images")
struct RunningTests {
  @Test("a whole image runs to its end and leaves its status", arguments: Engines.allCases)
  func runsToItsEnd(engine: Engines) throws {
    var executive = Executive(
      policy: .desktop, platform: engine == .host ? .host : .microcontroller)
    let image = try goldenImage("sum")
    let loaded = try executive.load(
      image.span, options: LoadOptions(source: .file(path: Array("sum.hxe".utf8))), nonce: 1, now: .zero)
    let pid = try #require(loaded?.pid)
    let summary = try executive.run(upTo: 1_000_000, now: .zero)
    #expect(summary.reason == .idle)
    #expect(try executive.task(pid).ending == .returned(status: 500_500))
    #expect(try executive.processor(of: pid).retired == 3004)
  }

  enum Engines: CaseIterable, Sendable { case host, microcontroller }
}
