import Foundation
import Testing

@Suite("hsx val and cmd", .timeLimit(.minutes(2)))
struct ObjectCommandTests {
  private let daemon: RunningDaemon

  init() throws {
    daemon = try RunningDaemon()
    #expect(try daemon.hsx("load", Tool.image("thermostat")).status == 0)
  }

  @Test(
    "a value is named by its name, with or without its group's, or by its number in three forms",
    arguments: ["heat:setpoint", "setpoint", "1:1", "0x0101", "257"])
  func names(name: String) throws {
    #expect(try daemon.hsx("val", "get", name).text == "21.5\n")
    #expect(try daemon.hsx("val", "set", name, "22.25").text == "\(name) = 22.25\n")
    let answer = try daemon.hsx("val", "get", name, "--json").object()
    let value = try #require(answer["value"] as? [String: Any])
    #expect(value["value"] as? Double == 22.25)
    #expect(value["f16"] as? UInt16 == Float16(22.25).bitPattern)
  }

  @Test("values are listed with unit and range, of all tasks or of one, of all groups or of one")
  func listing() throws {
    let lines = try daemon.hsx("val", "list").text.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[1].contains("heat:setpoint") && lines[1].contains("degC") && lines[1].contains("5 … 35"))
    for arguments in [["--task", "thermostat"], ["--group", "heat"], ["--group", "1"]] {
      let answer = try Tool.run(["val", "list", "--json"] + arguments, environment: daemon.environment)
        .object()
      #expect((answer["values"] as? [[String: Any]])?.count == 3)
    }
    let none = try daemon.hsx("val", "list", "--group", "7", "--json").object()
    #expect((none["values"] as? [[String: Any]])?.isEmpty == true)
    #expect(try daemon.hsx("val", "list", "--task", "nobody").errors.contains("[ESRCH unknown_task]"))
  }

  @Test(
    "a value that cannot be set stays as it was, and the reason is told",
    arguments: [
      ("heat:setpoint", "99", "The number must be from 5 to 35. [EINVAL value_out_of_range]"),
      ("heat:setpoint", "1e9", "[EINVAL value_out_of_range]"),
      ("heat:temperature", "20", "It is read-only: the task alone sets it. [EPERM access_denied]"),
      ("heat:nothing", "1", "[ESRCH unknown_value]"), ("9:9", "1", "[ESRCH unknown_value]"),
    ])
  func refused(name: String, number: String, why: String) throws {
    let before = try daemon.hsx("val", "get", name)
    let result = try daemon.hsx("val", "set", name, number)
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors.contains(why))
    #expect(try daemon.hsx("val", "get", name).text == before.text)
    let object = try daemon.hsx("val", "set", name, number, "--json").object()
    #expect(object["ok"] as? Bool == false)
  }

  @Test("a value is watched: what it is, then each change, as many as asked for")
  func watching() throws {
    let watch = try daemon.start("val", "watch", "setpoint", "--count", "2")
    #expect(try watch.line(containing: "heat:setpoint") == "heat:setpoint = 21.5 degC")
    _ = try daemon.hsx("val", "set", "setpoint", "22")
    _ = try daemon.hsx("val", "set", "1:1", "23")
    #expect(
      try watch.rest() == ["heat:setpoint = 21.5 degC", "heat:setpoint = 22 degC", "heat:setpoint = 23 degC"])
    #expect(watch.end(with: 0) == 0)
  }

  @Test("commands are listed with their help, and one that there is not is refused")
  func commands() throws {
    let text = try daemon.hsx("cmd", "list").text
    #expect(text.contains("heat:sample") && text.contains("Take one reading now"))
    #expect(text.contains("heat:reset     1  pin"))
    let pin = try daemon.hsx("cmd", "call", "heat:reset")
    #expect(pin.status == 1 && pin.errors.contains("A pin protects it"))
    #expect(try daemon.hsx("cmd", "call", "heat:nothing").errors.contains("[ESRCH unknown_command]"))
  }

  @Test(
    "a command that is called answers with what its handler returns",
    arguments: ["sample", "heat:sample", "1:17"])
  func calling(name: String) throws {
    let result = try daemon.hsx("cmd", "call", name, "--json")
    #expect(result.status == 0, "\(result.errors)")
    let command = try #require(try result.object()["command"] as? [String: Any])
    #expect(command["status"] as? Int == 0)
    #expect(command["pid"] as? Int == 1)
    #expect(try daemon.hsx("cmd", "call", name).text == "\(command["result"] as? Int ?? -1)\n")
  }
}
