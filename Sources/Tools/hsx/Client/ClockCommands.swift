import ArgumentParser
import HSXClient
import HSXProtocol
import HSXTranslation

struct ClockCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clock", abstract: "Start, stop or slow the clock that lets tasks run; or show it.",
    discussion: """
      EXAMPLES
        hsx clock
        hsx clock start
        hsx clock rate 1000
        hsx clock rate 0
      """)

  enum Operation: String, CaseIterable, ExpressibleByArgument {
    case start, stop, rate
  }

  @Argument(help: "start, stop, or rate.")
  var operation: Operation?

  @Argument(help: "With rate: instructions a second at most; 0 for no limit.")
  var rate: Double?

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "One JSON object.")
  var json = false

  func validate() throws {
    guard (operation == .rate) == (rate != nil) else {
      throw ValidationError("A number goes with `clock rate`, and with nothing else.")
    }
    if let rate, !rate.isFinite || rate < 0 { throw ValidationError("The rate must be 0 or more.") }
  }

  func run() async throws {
    try await reportingFailure(json: json) {
      var request = ClockRequest()
      request.operation = operation?.rawValue
      request.rate = rate.map(plain)
      let command = ProtocolCommand.clock(request)
      let answer = try await client.withDaemon { daemon in
        try await daemon.ask(command, as: ClockAnswer.self, about: "clock")
      }
      if json { try printJSON(answer) } else { try printLine("clock: \(answer.clock.sentence)") }
    }
  }
}

struct StepCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step", abstract: "Let tasks run for some instructions while the clock is stopped.",
    discussion: "EXAMPLES\n  hsx step\n  hsx step 100\n  hsx step 5 --task thermostat")

  @Argument(help: "Instructions; 1 if not told.")
  var steps: UInt32 = 1

  @Option(help: "The task (pid or name) that runs alone; all in their turns if not told.", completion: .tasks)
  var task: String?

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "One JSON object.")
  var json = false

  func validate() throws {
    guard steps > 0 else { throw ValidationError("The steps must be 1 or more.") }
  }

  func run() async throws {
    try await reportingFailure(json: json) {
      let answer = try await client.withDaemon { daemon in
        var request = StepRequest()
        request.steps = steps
        if let task { request.pid = try await daemon.pid(of: task) }
        return try await daemon.ask(.step(request), as: StepAnswer.self, about: task ?? "step")
      }
      if json { return try printJSON(answer) }
      let result = answer.result
      let place = result.currentPID.map { ", pid \($0) at \(hexadecimal(result.pc, 4))" } ?? ""
      try printLine(
        "\(counted(Int(result.executed), "instruction"))\(place)"
          + (result.running ? "" : ", nothing can run on"))
      for event in result.events { try printLine(event.line(on: .standardOutput)) }
    }
  }
}
