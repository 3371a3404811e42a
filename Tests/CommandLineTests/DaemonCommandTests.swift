import Foundation
import Testing

@Suite("hsx on a daemon", .timeLimit(.minutes(2)))
struct DaemonCommandTests {
  private let daemon: RunningDaemon

  init() throws { daemon = try RunningDaemon() }

  private func tasks() throws -> [[String: Any]] {
    let answer = try daemon.hsx("ps", "--json").object()
    let list = try #require(answer["tasks"] as? [String: Any])
    return try #require(list["tasks"] as? [[String: Any]])
  }

  @Test("a task is loaded, shown, paused, resumed and ended, by its name or its pid")
  func tasksByName() throws {
    #expect(try daemon.hsx("load", Tool.image("hello")).text.hasPrefix("hello: pid 1, 24 bytes of code"))
    #expect(try tasks().map { $0["app_name"] as? String } == ["hello"])
    #expect(try daemon.hsx("pause", "hello").text == "hello: pid 1, paused\n")
    #expect(try daemon.hsx("resume", "0x1").text == "hello: pid 1, ready\n")
    let info = try daemon.hsx("info", "hello").text
    #expect(info.contains("state     ready") && info.contains("R12–R15"))
    #expect(try daemon.hsx("kill", "1").text == "1: pid 1 terminated\n")
    #expect(try tasks().isEmpty)
  }

  @Test("a relative path is one of the tool's folder, not of the daemon's")
  func relativePath() throws {
    let process = Process()
    process.executableURL = try Tool.executable("hsx")
    process.arguments = ["load", "hello.hxe"]
    process.environment = Tool.environment(daemon.environment)
    process.currentDirectoryURL = Tool.vectors.appending(path: "images")
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test("what a followed task writes comes out, whole and alone, and its end is the exit status")
  func following() throws {
    let hello = try daemon.hsx("load", Tool.image("hello"), "--follow")
    #expect(hello.status == 0)
    #expect(hello.text == "hello from an HXE\n")
    #expect(hello.errors.hasSuffix("hello: returned 0\n"))
    let sum = try daemon.hsx("load", Tool.image("sum"), "--follow", "--stream", "--exit-status")
    #expect(sum.status == 500_500 & 0xFF)
    #expect(try daemon.hsx("load", Tool.image("sum"), "--follow").status == 0)
    let fault = try daemon.hsx("load", Tool.image("fault"), "--follow")
    #expect(fault.status == 1)
    #expect(fault.errors.contains("[EINVAL divide_by_zero]"))
  }

  @Test("a followed task is one object with --json: its image, what it wrote, how it ended")
  func followingAsObject() throws {
    let report = try daemon.hsx("load", Tool.image("hello"), "--follow", "--json").object()
    #expect(report["stdout"] as? String == "hello from an HXE\n")
    #expect(report["state"] as? String == "returned")
    #expect(report["exit_status"] as? Int == 0)
    #expect((report["image"] as? [String: Any])?["app_name"] as? String == "hello")
  }

  @Test("a refusal says what failed, why, its code and reason, and on the next line what to do")
  func refusals() throws {
    #expect(try daemon.hsx("load", Tool.image("solo")).status == 0)
    let again = try daemon.hsx("load", Tool.image("solo"))
    #expect(again.status == 1)
    let lines = again.errors.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("hsx: \(Tool.image("solo")): ") && lines[0].hasSuffix("[EEXIST app_exists]"))
    #expect(lines[1].hasPrefix("  Load with `--replace`"))
    #expect(try daemon.hsx("load", Tool.image("solo"), "--replace").status == 0)
    let object = try daemon.hsx("kill", "99", "--json")
    #expect(try object.object()["reason"] as? String == "unknown_pid")
    #expect(object.status == 1 && object.errors.contains("[ESRCH unknown_pid]\n  "))
  }

  @Test("where no daemon is, that is said, with the place and how to start one")
  func nobody() throws {
    let socket = daemon.folder.path("nobody.sock")
    let result = try daemon.hsx("ps", "--socket", socket)
    #expect(result.status == 1)
    #expect(
      result.errors == """
        hsx: \(socket): No daemon answers there: No such file or directory [ESRCH no_daemon]
          Start it with `hsxd --socket \(socket)`, or say where it is: --socket, --host, --port.

        """)
  }

  @Test(
    "a senseless command line ends with 2, and says how it is meant",
    arguments: [
      ["load"], ["load", "a.hxe", "--chunk", "0", "--stream"], ["load", "a.hxe", "--chunk", "5"],
      ["load", "a.hxe", "--exit-status"], ["load", "a.hxe", "--persist", "disk"], ["ps", "--port", "0"],
      ["ps", "--socket", "s", "--host", "h"], ["clock", "rate"], ["clock", "start", "5"], ["step", "0"],
      ["val", "set", "heat:setpoint", "warm"], ["status", "5", "--pid", "5"], ["abort"],
      ["mbox", "send", "app:x"],
      ["mbox", "send", "app:x", "--hex", "0g"], ["nonsense"], ["slots", "--store", "x", "--host", "h"],
      ["activate", "app", "--confirm"],
    ])
  func usage(arguments: [String]) throws {
    let result = try Tool.run(arguments, environment: daemon.environment)
    #expect(result.status == 2)
    #expect(result.output.isEmpty && result.errors.contains("--help"))
  }

  @Test("events are those that the daemon keeps, filtered, as lines for people or of JSON")
  func events() throws {
    _ = try daemon.hsx("load", Tool.image("hello"), "--follow")
    let lines = try daemon.hsx("events", "--category", "task_state", "--json").text.split(separator: "\n")
    let states = try lines.map { line -> String? in
      let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(event?["type"] as? String == "task_state")
      return (event?["data"] as? [String: Any])?["new_state"] as? String
    }
    #expect(states == ["ready", "running", "returned"])
    let text = try daemon.hsx("events", "--category", "stdout", "--pid", "hello").text
    #expect(text.contains("pid 1   stdout") && text.hasSuffix("hello from an HXE\n"))
  }

  @Test("a reader that is gone ends the tool by the usual signal, without a word")
  func lostReader() throws {
    _ = try daemon.hsx("load", Tool.image("hello"), "--follow")
    let process = Process()
    process.executableURL = try Tool.executable("hsx")
    process.arguments = ["events"]
    process.environment = Tool.environment(daemon.environment)
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try output.fileHandleForReading.close()
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGPIPE)
    #expect(errors.fileHandleForReading.availableData.isEmpty)
  }

  @Test("events are followed until the tool is interrupted, which it says by its exit status")
  func followingEvents() throws {
    let events = try daemon.start("events", "--follow", "--since", "1", "--category", "provisioning")
    _ = try daemon.hsx("load", Tool.image("hello"))
    #expect(try events.line(containing: "provisioning.complete") != nil)
    #expect(events.end(with: SIGINT) == 130)
  }

  @Test("without a store the daemon keeps nothing, and says so")
  func noStore() throws {
    _ = try daemon.hsx("load", Tool.image("hello"))
    let result = try daemon.hsx("persist", "hello")
    #expect(result.status == 1)
    #expect(result.errors.contains("[ENOTSUP no_store]"))
  }

  @Test("the daemon ends when it is told to, with a client that follows")
  func stopping() throws {
    let events = try daemon.start("events", "--follow", "--since", "1")
    _ = try daemon.hsx("load", Tool.image("hello"))
    #expect(try events.line(containing: "task_state") != nil)
    #expect(daemon.stop() == 0)
    #expect(events.end(with: 0) == 1)
  }
}
