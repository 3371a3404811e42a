import Foundation
import Testing

/// The built tool while it runs, its standard output read as it comes.
final class RunningTool {
  private let process = Process()
  private let pipe = Pipe()
  private var unread: [UInt8] = []
  private var lines: [String] = []

  fileprivate init(_ executable: URL, _ arguments: [String]) throws {
    process.executableURL = executable
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
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

  /// All whole lines that it has written.
  func rest() throws -> [String] {
    while try line(containing: "\u{0}") != nil {}
    return lines
  }
}

extension Tool {
  /// Starts the tool and does not wait for its end.
  static func start(_ arguments: [String]) throws -> RunningTool {
    try RunningTool(try executable, arguments)
  }
}
