import ArgumentParser
import HSXClient
import HSXProtocol
import HSXTranslation

struct CallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cmd", abstract: "List and call the commands that tasks offer.",
    discussion: """
      A command is named heat:reset, reset, 1:1, 0x0101 or 257.

      EXAMPLES
        hsx cmd list
        hsx cmd call heat:reset
      """,
    subcommands: [List.self, Call.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the commands there are.",
      discussion: "EXAMPLES\n  hsx cmd list\n  hsx cmd list --task thermostat --json")

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
          var request = CommandRequest()
          request.group = group
          if let task { request.pid = try await daemon.pid(of: task) }
          return try await daemon.ask(.commandList(request), as: CommandsAnswer.self, about: "cmd list")
        }
        if json { return try printJSON(answer) }
        var table = Table(
          .init("OID"), .init("NAME"), .init("PID", isRight: true), .init("FLAGS"), .init("HELP"))
        for command in answer.commands {
          table.append(
            command.number, command.name == nil ? "" : command.title, "\(command.ownerPID)",
            command.flagWords, command.help ?? "")
        }
        if table.rows.isEmpty { return printError("No command is registered.") }
        try table.show()
      }
    }
  }

  struct Call: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Call a command, and show what it returns.",
      discussion: "EXAMPLES\n  hsx cmd call heat:reset\n  hsx cmd call 1:1 --token 1234 --json")

    @Argument(help: "The command.", completion: .commands)
    var command: String

    @Option(help: "The token of a pin.")
    var token: String?

    @OptionGroup(title: "Connection") var client: ClientOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
      try await reportingFailure(json: json) {
        let answer = try await client.withDaemon { daemon in
          var request = CommandRequest(about: ObjectName(command))
          request.token = token
          let answer = try await daemon.ask(.commandCall(request), as: CommandAnswer.self, about: command)
          let status = answer.command.status
          if status != 0 { throw try await daemon.failure(ofCommand: command, status: status) }
          return answer
        }
        if json { return try printJSON(answer) }
        try printLine(answer.command.result.map(String.init) ?? "done")
      }
    }
  }
}

extension CommandRecord {
  fileprivate var flagWords: String {
    zip(["pin", "async"], 0..<2).filter { flags >> $0.1 & 1 == 1 }.map(\.0).joined(separator: ",")
  }
}
