import ArgumentParser
import HSXClient
import HSXProtocol
import HSXTranslation

struct ValueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "val", abstract: "List, read, set and watch values.",
    discussion: """
      A value is named heat:setpoint, setpoint, 1:1, 0x0101 or 257.

      EXAMPLES
        hsx val list
        hsx val get heat:setpoint
        hsx val set heat:setpoint 21.5
        hsx val watch heat:setpoint
      """,
    subcommands: [List.self, Get.self, Set.self, ValueWatchCommand.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the values there are.",
      discussion:
        "EXAMPLES\n  hsx val list\n  hsx val list --task thermostat --json\n  hsx val list --group heat")

    @Option(help: "Only those of that task (pid or name).", completion: .tasks)
    var task: String?

    @Option(help: "Only those of that group (number or name).")
    var group: String?

    @OptionGroup(title: "Connection") var client: ClientOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
      try await reportingFailure(json: json) {
        let answer = try await client.withDaemon { daemon in
          var request = ValueRequest()
          request.group = group
          if let task { request.pid = try await daemon.pid(of: task) }
          return try await daemon.ask(.valueList(request), as: ValuesAnswer.self, about: "val list")
        }
        if json { return try printJSON(answer) }
        var table = Table(
          .init("OID"), .init("NAME"), .init("VALUE", isRight: true), .init("UNIT"), .init("RANGE"),
          .init("RATE", isRight: true), .init("PID", isRight: true), .init("FLAGS"))
        for value in answer.values {
          table.append(
            value.number, value.name == nil ? "" : value.title, value.lastValue.text, value.unit ?? "",
            value.range, value.rate == 0 ? "" : "\(value.rate) ms", "\(value.ownerPID)", value.flagWords)
        }
        if table.rows.isEmpty { return printError("No value is registered.") }
        try table.show()
      }
    }
  }

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what a value is.",
      discussion: "EXAMPLES\n  hsx val get heat:setpoint\n  hsx val get 1:1 --json")

    @Argument(help: "The value.", completion: .values)
    var value: String

    @OptionGroup(title: "Connection") var client: ClientOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
      try await reportingFailure(json: json) {
        let answer = try await client.withDaemon { daemon in
          let answer = try await daemon.ask(
            .valueGet(ValueRequest(about: ObjectName(value))), as: ValueAnswer.self, about: value)
          let status = answer.value.status
          if status != 0 { throw try await daemon.failure(ofValue: value, status: status) }
          return answer
        }
        if json { try printJSON(answer) } else { try printLine(answer.value.value.text) }
      }
    }
  }

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set a value.",
      discussion: """
        The number is rounded to binary16. A negative one comes after `--`.

        EXAMPLES
          hsx val set heat:setpoint 21.5
          hsx val set 0x0101 21.5 --token 1234
          hsx val set heat:offset -- -1.5
        """)

    @Argument(help: "The value.", completion: .values)
    var value: String

    @Argument(help: "The number.")
    var number: Double

    @Option(help: "The token of a pin.")
    var token: String?

    @OptionGroup(title: "Connection") var client: ClientOptions

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
      guard number.isFinite else { throw ValidationError("'\(number)' is no number that can be set.") }
    }

    func run() async throws {
      try await reportingFailure(json: json) {
        let answer = try await client.withDaemon { daemon in
          var request = ValueRequest(about: ObjectName(value))
          request.value = plain(number)
          request.token = token
          let answer = try await daemon.ask(.valueSet(request), as: ValueAnswer.self, about: value)
          let status = answer.value.status
          if status != 0 { throw try await daemon.failure(ofValue: value, status: status) }
          return answer
        }
        if json { return try printJSON(answer) }
        try printLine("\(printable(value)) = \(answer.value.value.text)")
      }
    }
  }
}

extension ValueRecord {
  fileprivate var range: String {
    minimum == .null && maximum == .null ? "" : "\(minimum.text) … \(maximum.text)"
  }

  fileprivate var flagWords: String {
    zip(["read-only", "persist", "sticky", "pin", "bool"], 0..<5).filter { flags >> $0.1 & 1 == 1 }
      .map(\.0).joined(separator: ",")
  }
}
