import HSXProtocol
import Testing

@testable import HSXServer

@Suite("Values and commands over the protocol") struct ObjectTests {
  private func withThermostat(_ body: (LineClient) async throws -> Void) async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("thermostat")
      try await body(client)
    }
  }

  @Test("a value is found by number in every form, by group and number, and by name")
  func naming() async throws {
    try await withThermostat { client in
      for object in [
        #""oid":257"#, #""oid":"257""#, #""oid":"0x101""#, #""oid":"1:1""#, #""oid":"0x1:0x01""#,
        #""oid":"setpoint""#, #""oid":"heat:setpoint""#, #""name":"setpoint""#, #""name":"heat:setpoint""#,
      ] {
        let value = try client.yes(#""cmd":"val.get","# + object)["value"]
        #expect(value["status"] == .integer(0), "\(object)")
        #expect(value["value"].number == 21.5, "\(object)")
        #expect(value["f16"] == .integer(0x4D60), "\(object)")
        #expect(value["oid"] == .integer(257), "\(object)")
      }
      for object in [#""oid":258999"#, #""oid":-1"#, #""oid":"0x10000""#] {
        try client.no(#""cmd":"val.get","# + object, "invalid_field:oid", "EINVAL")
      }
      for object in [#""oid":999"#, #""oid":"9:9""#, #""name":"nothing""#, #""oid":"heat:nothing""#] {
        let value = try client.yes(#""cmd":"val.get","# + object)["value"]
        #expect(value["status"] == .integer(1) && value["value"] == .null && value["f16"] == .null)
      }
    }
  }

  @Test("setting answers the registry's status and the number as it is then")
  func setting() async throws {
    try await withThermostat { client in
      // The range is 5 to 35, epsilon 0.25.
      for (value, status, after) in [
        ("22.5", 0, 22.5), (#""23""#, 0, 23), ("23.125", 0, 23), ("36", 4, 23), ("4.9", 4, 23),
        ("1e9", 4, 23),
        (#""-inf""#, 4, 23), (#""nan""#, 4, 23), (#""0x10""#, 0, 16), (#"" 17.5 ""#, 0, 17.5),
      ] {
        let answer = try client.yes(#""cmd":"val.set","oid":257,"value":\#(value)"#)["value"]
        #expect(answer["status"] == .integer(Int64(status)), "\(value)")
        #expect(answer["value"].number == after, "\(value)")
      }
      #expect(try client.yes(#""cmd":"val.set","oid":257,"f16":"0x4D60""#)["value"]["value"].number == 21.5)
      #expect(try client.yes(#""cmd":"val.set","oid":258,"value":1"#)["value"]["status"] == .integer(2))
      // The task that owns it may write what others only read.
      #expect(
        try client.yes(#""cmd":"val.set","oid":258,"value":1,"pid":1"#)["value"]["status"] == .integer(0))
      #expect(try client.yes(#""cmd":"val.set","oid":259,"value":false"#)["value"]["value"].number == 0)
      try client.no(#""cmd":"val.set","oid":257,"value":"warm""#, "invalid_field:value", "EINVAL")
      #expect(try client.ask(#""cmd":"val.get","oid":257,"pid":99"#)["code"] == .string("ESRCH"))
    }
  }

  @Test("a list is cut to a task, a group by number or name, or one object")
  func listing() async throws {
    try await withThermostat { client in
      func names(_ members: String) throws -> [String] {
        let reply = try client.yes(members)
        return (reply["values"].items + reply["commands"].items).compactMap { $0["name"].text }
      }
      let all = ["setpoint", "temperature", "enabled"]
      for filter in [
        "", #","pid":1"#, #","group":1"#, #","group":"0x01""#, #","group":255"#, #","group":"heat""#,
      ] {
        #expect(try names(#""cmd":"val.list""# + filter) == all, "\(filter)")
        #expect(try names(#""cmd":"cmd.list""# + filter) == ["reset", "sample"], "\(filter)")
      }
      for filter in [#","pid":2"#, #","group":2"#, #","group":"cold""#, #","oid":7"#] {
        #expect(try names(#""cmd":"val.list""# + filter).isEmpty, "\(filter)")
        #expect(try names(#""cmd":"cmd.list""# + filter).isEmpty, "\(filter)")
      }
      #expect(try names(#""cmd":"val.list","name":"enabled""#) == ["enabled"])
      let setpoint = try client.yes(#""cmd":"val.list","oid":257"#)["values"][0]
      #expect(
        setpoint["unit"] == .string("degC") && setpoint["min"].number == 5 && setpoint["max"].number == 35)
      #expect(setpoint["persist_key"] == .integer(4353) && setpoint["epsilon"].number == 0.25)
    }
  }

  @Test("a command runs while the clock stands, and says what came of it")
  func calling() async throws {
    try await withThermostat { client in
      let call = try client.yes(#""cmd":"cmd.call","name":"sample""#)["command"]
      #expect(call["status"] == .integer(0) && call["result"] == .integer(7) && call["pid"] == .integer(1))
      #expect(try client.yes(#""cmd":"cmd.call","oid":273,"async":true"#)["command"]["status"] == .integer(0))
      #expect(try client.yes(#""cmd":"cmd.call","oid":"1:99""#)["command"]["status"] == .integer(1))
      // It asks for a pin and none is configured.
      let refused = try client.yes(#""cmd":"cmd.call","name":"heat:reset","token":"x""#)["command"]
      #expect(refused["status"] == .integer(2) && refused["result"] == .null)
      #expect(try client.yes(#""cmd":"dumpregs""#)["registers"]["R0"] == .integer(0))
    }
  }
}
