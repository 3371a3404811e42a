import Foundation

/// The system calls of one test that touch a folder, in order, as strace sees them.
enum SystemCallTrace {
  struct Call {
    var name: String
    var line: String
  }

  private static let tracer = "/usr/bin/strace"
  private static let variable = "HSX_TRACED_FOLDER"

  /// Whether there is a strace.
  static var isPossible: Bool {
    tracedFolder == nil && FileManager.default.isExecutableFile(atPath: tracer)
  }

  /// The folder in which the traced test shall work; nil in all others.
  static var tracedFolder: String? { ProcessInfo.processInfo.environment[variable] }

  /// Runs the test of this name in a process of its own, and returns its calls that name the folder of `place`.
  static func calls(of test: String, in place: Workshop) throws -> [Call] {
    let record = try Workshop()
    let process = Process()
    process.executableURL = URL(filePath: tracer)
    process.arguments =
      [
        "-f", "-y", "-e", "trace=pwrite64,fsync,fdatasync,rename,renameat,renameat2,linkat,sync,syncfs", "-o",
        record.path("trace"), try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
      ] + runner + ["--filter", test]
    process.environment = ProcessInfo.processInfo.environment.merging([variable: place.root]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let text = try String(contentsOfFile: record.path("trace"), encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
      guard words.count == 2, line.contains(place.root), let end = words[1].firstIndex(of: "(") else {
        return nil
      }
      // Short process numbers are padded.
      let name = words[1][..<end].drop { $0 == " " }
      return Call(name: String(name), line: String(words[1]))
    }
  }

  /// This process's own arguments, but for what chooses tests.
  private static var runner: [String] {
    var kept: [String] = []
    var arguments = CommandLine.arguments.dropFirst().makeIterator()
    while let argument = arguments.next() {
      switch argument {
      case "--filter", "--skip", "--xunit-output", "--event-stream-output-path", "--configuration-path":
        _ = arguments.next()
      default: kept.append(argument)
      }
    }
    return kept
  }
}
