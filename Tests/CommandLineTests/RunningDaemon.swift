import Foundation
import Testing

/// A daemon of the test's own, on a Unix socket in a folder of its own; it ends with its owner.
final class RunningDaemon {
  let folder: TemporaryFolder
  private let daemon: RunningTool

  /// Starts it, and waits until it listens.
  init(_ options: String...) throws {
    folder = try TemporaryFolder()
    daemon = try Tool.start(
      ["--listen", "127.0.0.1:0", "--socket", folder.path("hsxd.sock")] + options, name: "hsxd",
      readsErrors: true)
    _ = try #require(try daemon.line(containing: "hsxd.sock"), "the daemon does not listen")
  }

  deinit { _ = daemon.end(with: SIGTERM) }

  /// Whether it has an option.
  static func takes(_ option: String) throws -> Bool {
    try Tool.start(["--help"], name: "hsxd").rest().contains { $0.contains(option) }
  }

  /// What tells the tool where the daemon is, and keeps its files out of the user's.
  var environment: [String: String] {
    ["HSX_SOCKET": folder.path("hsxd.sock"), "XDG_RUNTIME_DIR": folder.path]
  }

  /// Runs the tool on it.
  func hsx(_ arguments: String..., input: [UInt8] = []) throws -> Tool.Result {
    try Tool.run(arguments, input: input, environment: environment)
  }

  /// Starts the tool on it.
  func start(_ arguments: String...) throws -> RunningTool {
    try Tool.start(arguments, environment: environment)
  }

  /// Ends it as the system does. Its exit status.
  func stop() -> Int32? { daemon.end(with: SIGTERM) }
}
