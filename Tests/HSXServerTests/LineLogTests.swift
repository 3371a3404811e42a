import Foundation
import HSXServer
import Logging
import Synchronization
import Testing

private final class Lines: Sendable {
  let all = Mutex<[String]>([])
}

@Suite("The daemon's log lines")
struct LineLogHandlerTests {
  private func lines(
    _ format: LineLog.Format, _ body: (Logger) -> Void
  ) -> [String] {
    let lines = Lines()
    let logger = Logger(label: "hsxd") { label in
      LineLog(label: label, format: format, level: .info) { line in
        lines.all.withLock { $0.append(line) }
      }
    }
    body(logger)
    return lines.all.withLock { $0 }
  }

  private static let nasty = "a\"b\\c\nd\u{1B}[31m\u{85}é\u{7F}\t"

  @Test("A JSON line is one line, and an independent reader finds in it what was said")
  func json() throws {
    let written = lines(.json) { logger in
      logger.warning("\(Self.nasty)", metadata: ["k\"ey": "\(Self.nasty)", "n": "7"])
    }
    let line = try #require(written.first)
    #expect(written.count == 1)
    #expect(line.last == "\n" && line.dropLast().unicodeScalars.allSatisfy { $0.value >= 0x20 })
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["message"] as? String == Self.nasty)
    #expect(object["level"] as? String == "warning")
    #expect(object["logger"] as? String == "hsxd")
    #expect(object["metadata"] as? [String: String] == ["k\"ey": Self.nasty, "n": "7"])
    #expect((object["time"] as? String)?.hasSuffix("Z") == true)
  }

  @Test("A text line cannot be broken or coloured by what it says, and its facts stand out")
  func text() throws {
    let written = lines(.text) { logger in
      logger.info("one\ntwo\u{1B}", metadata: ["b": "two words", "a": "word", "c": ""])
    }
    let line = try #require(written.first)
    #expect(line.hasSuffix(#" info hsxd: one\ntwo\u001b a=word b="two words" c="""# + "\n"))
  }

  @Test("Entries below the level are not written")
  func level() {
    #expect(lines(.text) { $0.debug("quiet") }.isEmpty)
  }
}
