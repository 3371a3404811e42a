import Foundation
import Testing

@Suite("hsx load --stream", .timeLimit(.minutes(2)))
struct StreamingCommandTests {
  private let daemon: RunningDaemon

  init() throws { daemon = try RunningDaemon() }

  private func transfers() throws -> [[String: Any]] {
    try #require(try daemon.hsx("status", "--json").object()["transfers"] as? [[String: Any]])
  }

  /// Starts a stream that takes long, and waits until the daemon has some of it.
  private func start() throws -> RunningTool {
    let events = try daemon.start(
      "events", "--follow", "--since", "1", "--category", "provisioning", "--json")
    let stream = try daemon.start("load", Tool.image("large"), "--stream", "--chunk", "1")
    _ = try #require(try events.line(containing: "provisioning.progress"))
    events.kill()
    return stream
  }

  @Test("a client that is killed in mid-stream and started again goes on, and the image is whole")
  func killed() throws {
    #expect(try start().kill())
    let waiting = try #require(try transfers().first)
    #expect(waiting["state"] as? String == "LOADING")
    let written = try #require(waiting["bytes_written"] as? Int)
    #expect(written > 0)
    let again = try daemon.hsx("load", Tool.image("large"), "--stream")
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.errors.contains(": went on at byte "))
    // The daemon compares length, CRC-32 and SHA-256 of all bytes, and took the pid of the first transfer.
    #expect(again.text.hasPrefix("large: pid 1, 3,856 bytes of code, 48,128 of rodata"))
    #expect(try transfers().isEmpty)
    // What was remembered is forgotten: a third one begins anew.
    #expect(try daemon.hsx("kill", "large").status == 0)
    #expect(try !daemon.hsx("load", Tool.image("large"), "--stream").errors.contains("went on"))
  }

  @Test("a stream that is interrupted is aborted, and nothing of it is left")
  func interrupted() throws {
    #expect(try start().end(with: SIGINT) == 130)
    #expect(try transfers().isEmpty)
    #expect(try daemon.hsx("ps").text.isEmpty)
    #expect(try !daemon.hsx("load", Tool.image("large"), "--stream").errors.contains("went on"))
  }

  @Test("a transfer that is under way is shown, and aborted by its handle; its sender is told")
  func aborted() throws {
    let stream = try start()
    let handle = try #require(try transfers().first?["handle"] as? UInt64)
    #expect(try daemon.hsx("status", "\(handle)").text.contains("LOADING"))
    #expect(try daemon.hsx("abort", "\(handle)").text.hasPrefix("\(handle): aborted after "))
    #expect(stream.end(with: 0) == 1)
    let gone = try daemon.hsx("abort", "\(handle)")
    #expect(gone.status == 1)
  }

  @Test("the standard input is streamed, and so is an image whose chunks are refused")
  func input() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Tool.image("gcd"))))
    #expect(try daemon.hsx("load", "-", input: bytes).text.hasPrefix("gcd: pid 1"))
    let bad = try daemon.hsx("load", "-", "--json", input: bytes.dropLast(1) + [bytes[bytes.count - 1] ^ 1])
    #expect(bad.status == 1)
    #expect(try bad.object()["code"] as? String == "EBADMSG")
  }

  @Test("a task that is followed runs on when the tool is interrupted, however busy it keeps the daemon")
  func followed() throws {
    let events = try daemon.start("events", "--follow", "--since", "1", "--category", "task_state")
    let follower = try daemon.start("load", Tool.image("forever"), "--stream", "--follow")
    _ = try #require(try events.line(containing: "ready → running"))
    #expect(follower.end(with: SIGINT) == 130)
    #expect(events.end(with: SIGINT) == 130)
    #expect(try daemon.hsx("ps").text.contains("running"))
    #expect(try daemon.hsx("kill", "forever").status == 0)
  }
}
