import Foundation

/// A folder for a test, gone with its owner.
final class Workshop: Sendable {
  let root: String

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "hsx-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  /// The path of `name` in the folder.
  func path(_ name: String) -> String { root + "/" + name }

  /// What is in the folder, hidden or not.
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted() }

  /// Writes a file of these bytes.
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: path(name)))
    return path(name)
  }

  /// The bytes of a file, read without the code under test.
  func bytes(of name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: path(name)))) }
}

/// Another process that keeps a file locked with flock(2) until it is let go.
final class Locker {
  private let process = Process()
  private let input = Pipe()

  /// Starts it, and returns when it holds the lock.
  init(_ path: String, shared: Bool = false) throws {
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/flock")
    process.arguments = [shared ? "-s" : "-x", "-n", path, "-c", "echo held; cat"]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    _ = output.fileHandleForReading.availableData
  }

  var processIdentifier: Int32 { process.processIdentifier }

  /// Ends it, and returns when it has ended.
  func release() throws {
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
