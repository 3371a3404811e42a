import Foundation
import Testing

/// The built tool while it runs, its standard output read as it comes.
final class RunningTool {
  private let process = Process()
  private let pipe = Pipe()
  private var unread: [UInt8] = []
  private var lines: [String] = []

  fileprivate init(
    _ executable: URL, _ arguments: [String], environment: [String: String], readsErrors: Bool
  ) throws {
    process.executableURL = executable
    process.arguments = arguments
    process.environment = Tool.environment(environment)
    process.standardOutput = readsErrors ? FileHandle.nullDevice : pipe
    process.standardError = readsErrors ? pipe : FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  /// Waits for the next line with `text` in it; nil if the output ends before.
  func line(containing text: String) throws -> String? {
    while true {
      while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: unread[..<end], as: UTF8.self)
        unread.removeSubrange(...end)
        lines.append(line)
        if line.contains(text) { return line }
      }
      let data = pipe.fileHandleForReading.availableData
      guard !data.isEmpty else { return nil }
      unread += data
    }
  }

  /// Kills it, so that it can do nothing any more. False if it had ended by itself.
  @discardableResult
  func kill() -> Bool {
    let ran = process.isRunning
    if ran { Foundation.kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    return ran && process.terminationReason == .uncaughtSignal
  }

  /// Sends it a signal, and waits for its end. Its exit status; nil if a signal ended it.
  func end(with signal: Int32) -> Int32? {
    if process.isRunning { Foundation.kill(process.processIdentifier, signal) }
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : nil
  }

  /// All whole lines that it has written.
  func rest() throws -> [String] {
    while try line(containing: "\u{0}") != nil {}
    return lines
  }
}

extension Tool {
  /// Starts the tool, or another one beside it, and does not wait for its end.
  ///
  /// - Parameter readsErrors: whether it is the standard error that is read.
  static func start(
    _ arguments: [String], name: String = "hsx", environment: [String: String] = [:],
    readsErrors: Bool = false
  ) throws -> RunningTool {
    try RunningTool(
      try executable(name), arguments, environment: environment, readsErrors: readsErrors)
  }
}
