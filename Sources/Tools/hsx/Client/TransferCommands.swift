import ArgumentParser
import HSXClient
import HSXProtocol
import HSXTranslation

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show the transfers that are under way; or how one stands, or ended.",
    discussion: """
      A handle is shown to the transfer's owner and to admins.

      EXAMPLES
        hsx status
        hsx status 0x1A2B3C4D5E6F
        hsx status --pid 3 --json
      """)

  @Argument(help: "The transfer's handle.")
  var handle: String?

  @Option(help: "The pid that its task will have, instead of the handle.")
  var pid: UInt32?

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "One JSON object.")
  var json = false

  func validate() throws {
    guard handle == nil || pid == nil else { throw ValidationError("Name either a handle or a --pid.") }
    _ = try handle.map(transferHandle)
  }

  func run() async throws {
    try await reportingFailure(json: json) {
      let answer = try await client.withDaemon { daemon in
        var selector = TransferSelector()
        selector.handle = try handle.map(transferHandle)
        selector.pid = pid
        return try await daemon.ask(
          .provisionStatus(selector), as: StatusAnswer.self,
          about: handle ?? pid.map { "pid \($0)" } ?? "status")
      }
      if json { return try printJSON(answer) }
      switch answer {
      case .one(let transfer): try show([transfer])
      case .all(let transfers): try show(transfers)
      }
    }
  }

  private func show(_ transfers: [TransferRecord]) throws {
    var table = Table(
      .init("HANDLE", isRight: true), .init("PID", isRight: true), .init("STATE"),
      .init("BYTES", isRight: true), .init("TOTAL", isRight: true), .init("%", isRight: true),
      .init("CHUNK", isRight: true), .init("SOURCE"), .init(""))
    for transfer in transfers {
      table.append(
        transfer.handle.map { "\($0)" } ?? "–", "\(transfer.pid)", transfer.state,
        grouped(Int(transfer.bytesWritten)), transfer.totalBytes.map { grouped(Int($0)) } ?? "–",
        transfer.percent.map(String.init) ?? "–", "\(transfer.nextSequence)", transfer.source.sourceText,
        transfer.lastError.map { "\($0.detail) [\($0.code) \($0.reason)]" }
          ?? (transfer.stalled ? "stalled" : ""))
    }
    if table.rows.isEmpty { return printError("No transfer is under way.") }
    try table.show()
  }
}

struct AbortCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "abort", abstract: "Give a transfer up; nothing of it is left over.",
    discussion: "EXAMPLES\n  hsx abort 8512095237591\n  hsx abort --pid 3")

  @Argument(help: "The transfer's handle, as `hsx status` shows it.")
  var handle: String?

  @Option(help: "The pid that its task would have, instead of the handle.")
  var pid: UInt32?

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "One JSON object.")
  var json = false

  func validate() throws {
    guard (handle == nil) != (pid == nil) else { throw ValidationError("Name either a handle or a --pid.") }
    _ = try handle.map(transferHandle)
  }

  func run() async throws {
    try await reportingFailure(json: json) {
      let what = handle ?? pid.map { "pid \($0)" } ?? "abort"
      let answer = try await client.withDaemon { daemon in
        var selector = TransferSelector()
        selector.handle = try handle.map(transferHandle)
        selector.pid = pid
        selector.reason = "user"
        return try await daemon.ask(.loadAbort(selector), as: AbortAnswer.self, about: what)
      }
      if json { return try printJSON(answer) }
      try printLine("\(what): aborted after \(counted(Int(answer.bytesWritten), "byte"))")
    }
  }
}

/// The number of a handle.
private func transferHandle(_ text: String) throws -> UInt64 {
  guard let handle = integer(text, as: UInt64.self) else {
    throw ValidationError("'\(text)' is no handle: a number, as `hsx status` shows it.")
  }
  return handle
}
