import Foundation
import Testing

@Suite("hsx run")
struct RunCommandTests {
  static func good() throws -> [String: [String: Any]] {
    let file = try JSONSerialization.jsonObject(
      with: Data(contentsOf: Tool.vectors.appending(path: "images/expected.json")))
    return try #require((file as? [String: Any])?["good"] as? [String: [String: Any]])
  }

  @Test(
    "ends every golden image as the reference does, whole and in chunks of any size",
    arguments: [
      [], ["--stream", "--chunk", "1"], ["--stream", "--chunk", "7"], ["--stream", "--chunk", "4096"],
    ])
  func goldenRuns(loading: [String]) throws {
    let good = try Self.good()
    #expect(good.count == 17)
    for (name, expected) in good where name != "large" || loading != ["--stream", "--chunk", "1"] {
      let run = try #require(expected["run"] as? [String: Any])
      let result = try Tool.run(["run", "--json", "--max-steps", "200000"] + loading + [Tool.image(name)])
      let report = try result.object()
      let finished = try #require(run["finished"] as? Bool)
      #expect((report["state"] as? String == "budget") == !finished, "\(name)")
      #expect(report["retired"] as? Int == run["retired"] as? Int, "\(name)")
      #expect(report["registers"] as? [Int] == run["regs"] as? [Int], "\(name)")
      #expect(report["pc"] as? Int == run["pc"] as? Int, "\(name)")
      #expect(report["exit_status"] as? Int == run["exit_status"] as? Int, "\(name)")
      #expect(report["stdout"] as? String == run["uart_text"] as? String, "\(name)")
    }
  }

  @Test("prints what the program writes, and its end on the standard error")
  func printsText() throws {
    let result = try Tool.run(["run", Tool.image("hello")])
    #expect(result.status == 0)
    #expect(result.text == "hello from an HXE\n")
    #expect(result.errors == "hello: returned 0, 4 instructions\n")
  }

  @Test("tells a fault with what it was and what to do, and exits with 1")
  func fault() throws {
    let result = try Tool.run(["run", Tool.image("fault")])
    #expect(result.status == 1)
    #expect(result.errors.contains("divide_by_zero"))
    #expect(result.errors.split(separator: "\n").count == 2)
  }

  @Test("registers what the thermostat declares before its first instruction")
  func declares() throws {
    let result = try Tool.run(["run", "--json", "--max-steps", "0", Tool.image("thermostat")])
    let report = try result.object()
    #expect(report["retired"] as? Int == 0)
    let values = try #require(report["values"] as? [[String: Any]])
    #expect(values.compactMap { $0["name"] as? String } == ["setpoint", "temperature", "enabled"])
    #expect(values.compactMap { $0["last_f16"] as? Int } == [19808, 19648, 15360])
    let commands = try #require(report["commands"] as? [[String: Any]])
    #expect(commands.compactMap { $0["name"] as? String } == ["reset", "sample"])
    let mailboxes = try #require(report["mailboxes"] as? [String])
    #expect(mailboxes.contains("app:telemetry") && mailboxes.contains("shared:alarms"))
  }

  @Test("prints an event a line, and nothing else, with --events")
  func events() throws {
    let result = try Tool.run(["run", "--events", Tool.image("hello")])
    let types = try result.text.split(separator: "\n").map { line in
      let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return try #require(event?["type"] as? String)
    }
    #expect(types.first == "provisioning.state")
    #expect(types.contains("stdout"))
    #expect(types.last == "task_state")
  }

  @Test("passes the program's own status on with --exit-status")
  func exitStatus() throws {
    #expect(try Tool.run(["run", "--exit-status", Tool.image("calls")]).status == 55)
    #expect(try Tool.run(["run", Tool.image("calls")]).status == 0)
  }

  @Test("reads an image from the standard input")
  func standardInput() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Tool.image("sum"))))
    let report = try Tool.run(["run", "--json", "-"], input: bytes).object()
    #expect(report["exit_status"] as? Int == 500_500)
  }

  @Test("shows each instruction with --trace")
  func trace() throws {
    let result = try Tool.run(["run", "--trace", Tool.image("hello")])
    let lines = result.errors.split(separator: "\n")
    #expect(lines.first == "0000  60100000")
    #expect(lines.count == 5)
  }

  @Test("loses no text of a program that writes as fast as it can")
  func floodOfText() throws {
    let folder = try TemporaryFolder()
    let text = """
      .text
      .entry main
      main:
          LDI32 R8, 20000
          LDI R9, 1
      again:
          LDI R1, 1
          LDI32 R2, text
          LDI R3, 2
          SVC 0x402
          SUB R8, R8, R9
          JNZ again
          LDI R0, 0
          RET
      .data
      text: .ascii "x\\n"
      """
    let image = folder.path("flood.hxe")
    #expect(try Tool.run(["image", "build", "-", "-o", image], input: Array(text.utf8)).status == 0)
    #expect(try Tool.run(["run", image]).output == [UInt8](String(repeating: "x\n", count: 20_000).utf8))
  }

  @Test("gives a program the files of one folder and none beside it")
  func files() throws {
    let folder = try TemporaryFolder()
    let source = folder.path("files.mvasm")
    let text = """
      .text
      .entry main
      main:
          LDI32 R1, name
          LDI R2, 3
          SVC 0x400
          MOV R9, R0
          MOV R1, R9
          LDI32 R2, text
          LDI R3, 5
          SVC 0x402
          MOV R8, R0
          MOV R1, R9
          SVC 0x403
          LDI32 R1, outside
          LDI R2, 0
          SVC 0x400
          MOV R7, R0
          MOV R0, R8
          RET
      .data
      name: .asciz "note.txt"
      outside: .asciz "../note.txt"
      text: .ascii "hello"
      """
    try Data(text.utf8).write(to: URL(filePath: source))
    let image = folder.path("files.hxe")
    #expect(try Tool.run(["image", "build", source, "-o", image]).status == 0)
    let root = try TemporaryFolder()
    let report = try Tool.run(["run", "--json", "--files", root.path, image]).object()
    #expect(report["exit_status"] as? Int == 5)
    #expect((report["registers"] as? [Int])?[7] == 0xFFFF_FFFF)
    #expect(try Data(contentsOf: URL(filePath: root.path("note.txt"))) == Data("hello".utf8))
  }
}
