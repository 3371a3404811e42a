import ArgumentParser
import HSXClient
import HSXProtocol
import HSXTranslation

struct PsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "List the tasks.",
    discussion: """
      EXAMPLES
        hsx ps
        hsx ps --json
        hsx ps --host 10.0.0.7 --tls-ca node.pem
      """)

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    try await reportingFailure(json: json) {
      let answer = try await client.withDaemon { daemon in
        try await daemon.ask(.ps, as: TasksAnswer.self, about: "ps")
      }
      if json { return try printJSON(answer) }
      var table = Table(
        .init("PID", isRight: true), .init("NAME"), .init("STATE"), .init("PRIO", isRight: true),
        .init("STEPS", isRight: true), .init("EXIT", isRight: true), .init("SOURCE"))
      for task in answer.tasks.tasks {
        table.append(
          "\(task.pid)", task.appName, task.state, "\(task.priority)",
          grouped(Int(clamping: task.accountedSteps)),
          task.exitStatus.map(String.init) ?? "", task.source.sourceText)
      }
      if table.rows.isEmpty { return printError("No task is loaded.") }
      try table.show()
    }
  }
}

struct KillCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill", abstract: "End a task; its values, commands and mailboxes go with it.",
    discussion: "What it has stored stays.\n\nEXAMPLES\n  hsx kill 3\n  hsx kill thermostat")

  @Argument(help: "The task's pid or name.", completion: .tasks)
  var task: String

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    try await reportingFailure(json: json) {
      let answer = try await client.withDaemon { daemon in
        try await daemon.ask(
          .kill(try await daemon.selector(of: task)), as: TerminatedAnswer.self, about: task)
      }
      if json { return try printJSON(answer) }
      try printLine("\(printable(task)): pid \(answer.task.pid) \(answer.task.state)")
    }
  }
}

struct PauseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Let a task run no further until it is resumed.",
    discussion: "EXAMPLES\n  hsx pause 3\n  hsx pause thermostat")

  @Argument(help: "The task's pid or name.", completion: .tasks)
  var task: String

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    try await reportingFailure(json: json) {
      let answer = try await client.withDaemon { daemon in
        try await daemon.ask(.pause(try await daemon.selector(of: task)), as: TaskAnswer.self, about: task)
      }
      if json { try printJSON(answer) } else { try printLine(answer.task.line) }
    }
  }
}

struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let a paused task run again.",
    discussion: "EXAMPLES\n  hsx resume 3\n  hsx resume thermostat")

  @Argument(help: "The task's pid or name.", completion: .tasks)
  var task: String

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    try await reportingFailure(json: json) {
      let answer = try await client.withDaemon { daemon in
        try await daemon.ask(.resume(try await daemon.selector(of: task)), as: TaskAnswer.self, about: task)
      }
      if json { try printJSON(answer) } else { try printLine(answer.task.line) }
    }
  }
}

struct ReloadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload", abstract: "Load a task's image again from where it came, in the task's place.",
    discussion: "It gets a new pid.\n\nEXAMPLES\n  hsx reload 3\n  hsx reload thermostat")

  @Argument(help: "The task's pid or name.", completion: .tasks)
  var task: String

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    try await reportingFailure(json: json) {
      let answer = try await client.withDaemon { daemon in
        try await daemon.ask(.reload(try await daemon.selector(of: task)), as: ReloadAnswer.self, about: task)
      }
      if json { return try printJSON(answer) }
      let reload = answer.reload
      try printLine(
        "\(printable(reload.task.appName)): pid \(reload.oldPID) gave way to pid \(reload.newPID)")
    }
  }
}

extension Daemon {
  func selector(of task: String) async throws -> TaskSelector {
    var selector = TaskSelector()
    selector.pid = try await pid(of: task)
    return selector
  }
}

extension TaskRecord {
  /// It as a line.
  var line: String {
    "\(printable(appName)): pid \(pid), \(state)" + (exitStatus.map { ", exit status \($0)" } ?? "")
  }
}
