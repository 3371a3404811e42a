import ArgumentParser
import Foundation
import HSXClient
import HSXProtocol
import HSXTranslation

enum StorageTarget: String, CaseIterable, ExpressibleByArgument {
  case flash, fram
}

struct LoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Load an image through the daemon.",
    discussion: """
      The daemon reads the file itself, unless --stream sends it the bytes. A stream goes on after a lost connection, and \
      when the same command is started again within the daemon's patience (--patience). SIGINT aborts a stream; a task that \
      is only followed runs on.

      EXAMPLES
        hsx load thermostat.hxe
        hsx load thermostat.hxe --replace --persist flash
        hsx load thermostat.hxe --stream --host 10.0.0.7 --tls-ca node.pem
        hsx load hello.hxe --follow --exit-status
      """)

  @Argument(help: "The image; - for the standard input, which is streamed.", completion: .images)
  var image: String

  @Flag(help: "Take the place of a running task of that name, with its stored values.")
  var replace = false

  @Option(help: "Store it too: flash or fram.")
  var persist: StorageTarget?

  @Option(help: "The app's name, if the image has none; the file's stem if not told.")
  var appName: String?

  @Option(
    help: "With --replace: milliseconds that it must run without a fault, else the old image comes back.")
  var probation: UInt32?

  @Flag(help: "Send the bytes instead of the path.")
  var stream = false

  @Option(help: "Bytes of a chunk, 1 to 32768. Needs --stream.")
  var chunk: Int?

  @Option(
    help: "Seconds that the daemon waits for the next chunk, 1 to 3600; 15 if not told. Needs --stream.")
  var patience: UInt32?

  @Flag(name: .shortAndLong, help: "Start the clock, and show what the task writes until it ends.")
  var follow = false

  @Flag(help: "Exit with the program's own status, modulo 256. Needs --follow.")
  var exitStatus = false

  @Flag(help: "No progress bar.")
  var noProgress = false

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "One JSON object.")
  var json = false

  /// Whether the bytes are sent: those of the standard input can only be.
  var isStreamed: Bool { stream || image == "-" }

  func validate() throws {
    if let chunk, !(1...32_768).contains(chunk) { throw ValidationError("--chunk must be from 1 to 32768.") }
    if let patience, !(1...3600).contains(patience) {
      throw ValidationError("--patience must be from 1 to 3600 seconds.")
    }
    guard isStreamed || (chunk == nil && patience == nil) else {
      throw ValidationError("--chunk and --patience say how to --stream, which is not asked for.")
    }
    guard follow || !exitStatus else { throw ValidationError("--exit-status needs --follow.") }
    if let appName, !(1...31).contains(appName.utf8.count) {
      throw ValidationError("--app-name must have from 1 to 31 bytes.")
    }
  }

  func run() async throws {
    try await reportingFailure(json: json) {
      if follow { return try await loadAndFollow() }
      let loaded = try await untilInterrupted {
        isStreamed ? try await send() : try await client.withDaemon { try await load($0) }
      }
      guard let loaded else { throw interrupted }
      if json { return try printJSON(ImageAnswer(image: loaded.image)) }
      let place =
        persist == nil
        ? "" : ", " + (try await client.storedPlace(of: loaded.image?.appNameBase ?? loaded.name))
      try printLine(loaded.line + place)
    }
  }

  /// An image that is loaded: what the daemon says of it, if it has said it.
  struct Loaded: Sendable {
    var pid: UInt32
    var name: String
    var image: ImageRecord?

    var line: String {
      guard let image else { return "\(printable(name)): pid \(pid)" }
      let declared = image.metadata
      let parts = [
        (declared.values, "value"), (declared.commands, "command"), (declared.mailboxes, "mailboxe"),
      ].filter { $0.0 > 0 }.map { count, noun in
        noun == "mailboxe" ? count == 1 ? "1 mailbox" : "\(count) mailboxes" : counted(Int(count), noun)
      }
      let sizes =
        "\(grouped(Int(image.codeLength))) bytes of code, \(grouped(Int(image.rodataLength))) of rodata, "
        + "\(grouped(Int(image.bss))) of bss"
      return "\(printable(name)): pid \(pid), \(([sizes] + parts).joined(separator: ", "))"
    }
  }

  /// Lets the daemon read the file.
  private func load(_ daemon: Daemon) async throws -> Loaded {
    var request = LoadRequest()
    request.path = URL(filePath: image).standardizedFileURL.path
    request.appName = appName
    request.replace = replace
    request.persist = persist?.rawValue
    request.probation = probation
    let answer: ImageAnswer
    do {
      answer = try await daemon.ask(.provisionLoad(request), as: ImageAnswer.self, about: image)
    } catch var failure as Failure where failure.reason == ToolReason.file.rawValue {
      failure.remedy =
        "The daemon reads the file itself: check the path on its machine, or send the bytes with --stream."
      throw failure
    }
    guard let record = answer.image else {
      throw Failure(image, .unreadableReply, why: "The daemon says nothing of the image")
    }
    return Loaded(pid: record.pid, name: record.appName, image: record)
  }

  // MARK: Following

  private func loadAndFollow() async throws {
    let status: Int32? = try await untilInterrupted {
      try await client.withDaemon(events: true) { daemon in
        var follower = TaskFollower(daemon: daemon, isQuiet: json)
        try await follower.mark()
        let loaded = isStreamed ? try await send() : try await load(daemon)
        if !json { printError(loaded.line) }
        do {
          try await follower.start(loaded)
          return try await conclude(follower, loaded)
        } catch {
          if Task.isCancelled {
            printError("hsx: \(printable(loaded.name)): runs on; `hsx kill \(loaded.pid)` ends it")
          }
          throw error
        }
      }
    }
    guard let status else { throw interrupted }
    if status != 0 { throw ExitCode(status) }
  }

  private func conclude(_ ended: TaskFollower, _ loaded: Loaded) async throws -> Int32 {
    var follower = ended
    let ending = try await follower.follow()
    if json { try printJSON(follower.report(loaded, ending)) }
    if var failure = ending.failure(of: loaded.name) {
      failure.isReported = json
      throw failure
    }
    if !json { printError("\(printable(loaded.name)): \(ending.word) \(ending.exitStatus ?? 0)") }
    return exitStatus ? Int32(truncatingIfNeeded: (ending.exitStatus ?? 0) & 0xFF) : 0
  }
}
