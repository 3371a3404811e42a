import ArgumentParser
import HSXClient
import HSXProtocol
import HSXTranslation

struct InfoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Show a task with its registers; or, without a task, the machine.",
    discussion: "EXAMPLES\n  hsx info\n  hsx info 3\n  hsx info thermostat --json")

  @Argument(help: "The task's pid or name.", completion: .tasks)
  var task: String?

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    try await reportingFailure(json: json) {
      let (answer, pid) = try await client.withDaemon { daemon in
        var selector = TaskSelector()
        if let task { selector = try await daemon.selector(of: task) }
        return (
          try await daemon.ask(.info(selector), as: InfoAnswer.self, about: task ?? "info"), selector.pid
        )
      }
      let info = answer.info
      if let pid, info.selectedRegisters == nil {
        // What the daemon says here is a word, not a sentence.
        throw Failure(task ?? "\(pid)", .unknownTask, why: "No task has the pid \(pid).")
      }
      if json { return try printJSON(answer) }
      if let pid, let found = info.tasks.first(where: { $0.pid == pid }) {
        try show(found, info.selectedRegisters)
      } else {
        try show(info)
      }
    }
  }

  private func show(_ task: TaskRecord, _ registers: RegistersRecord?) throws {
    var facts = Facts()
    facts.append("name", task.appName)
    facts.append("pid", "\(task.pid)")
    facts.append("state", task.state + (task.exitStatus.map { ", exit status \($0)" } ?? ""))
    facts.append("source", task.source.sourceText)
    facts.append("priority", "\(task.priority), \(task.quantum) instructions in a row")
    facts.append("retired", "\(grouped(Int(clamping: task.accountedSteps))) instructions")
    let declared = task.metadata
    facts.append(
      "declares",
      [
        counted(Int(declared.values), "value"), counted(Int(declared.commands), "command"),
        "\(declared.mailboxes) mailbox\(declared.mailboxes == 1 ? "" : "es")",
      ].joined(separator: ", "))
    facts.append(
      "stack", "\(grouped(Int(task.stackSize))) bytes from \(hexadecimal(task.stackBase, 4))")
    if let registers {
      let flags = zip("ZCNV", 0..<4).filter { registers.flags >> $0.1 & 1 == 1 }.map { String($0.0) }
      facts.append("pc", hexadecimal(registers.pc, 4))
      facts.append("sp", hexadecimal(registers.sp, 4))
      facts.append("flags", flags.isEmpty ? "none" : flags.joined(separator: " "))
      for start in stride(from: 0, to: registers.regs.count, by: 4) {
        let row = registers.regs[start..<min(start + 4, registers.regs.count)]
        facts.append(
          "R\(start)–R\(start + row.count - 1)", row.map { hexadecimal($0, 8) }.joined(separator: "  "))
      }
    }
    try facts.show()
  }

  private func show(_ info: InfoRecord) throws {
    var facts = Facts()
    facts.append("clock", info.clock.sentence)
    facts.append(
      "retired",
      "\(grouped(Int(clamping: info.clock.autoTotalSteps + info.clock.manualTotalSteps))) instructions")
    facts.append("tasks", info.tasks.isEmpty ? "none" : "\(info.tasks.count)")
    for task in info.tasks { facts.append("  \(task.pid)", "\(task.appName), \(task.state)") }
    try facts.show()
  }
}

/// A number as hexadecimal digits behind `0x`.
func hexadecimal(_ number: UInt32, _ digits: Int) -> String {
  let text = String(number, radix: 16, uppercase: true)
  return "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text
}

extension ClockRecord {
  /// It in words.
  var sentence: String {
    guard running else { return "stopped" }
    let limit = rateHz > 0 ? ", at most \(grouped(Int(rateHz))) instructions a second" : ""
    return "running\(limit)" + (throttleReason.map { ", waits (\($0))" } ?? "")
  }
}

extension JSONTree {
  /// Where an image came from, in short.
  var sourceText: String {
    guard case .object(let source) = self, let kind = source["kind"]?.text else { return text }
    switch kind {
    case "file": return source["path"]?.text ?? kind
    case "store":
      return "slot \(source["slot"]?.text ?? "?"), revision \(source["revision"]?.text ?? "?")"
    default:
      let more = source.filter { $0.key != "kind" }.sorted { $0.key < $1.key }.map(\.value.text)
      return ([kind] + more).joined(separator: " ")
    }
  }

  /// It as a person would write it.
  var text: String {
    switch self {
    case .null: "–"
    case .bool(let flag): "\(flag)"
    case .integer(let number): "\(number)"
    case .number(let number): plain(number)
    case .string(let text): text
    case .array(let list): "[" + list.map(\.text).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }.joined(separator: ", ")
        + "}"
    }
  }
}

/// A number without the `.0` of a whole one.
func plain(_ number: Double) -> String {
  let text = "\(number)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
