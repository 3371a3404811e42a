import Foundation
import Testing

/// The built tool, run as a process of its own.
enum Tool {
  struct Result {
    var status: Int32
    var output: [UInt8]
    var errors: String

    var text: String { String(decoding: output, as: UTF8.self) }

    func json() throws -> Any { try JSONSerialization.jsonObject(with: Data(output)) }

    func object() throws -> [String: Any] { try #require(try json() as? [String: Any]) }
  }

  static let vectors = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/vectors")

  static func image(_ name: String) -> String { vectors.appending(path: "images/\(name).hxe").path }

  /// Beside the test bundle, where the build put it.
  static func executable(_ name: String) throws -> URL {
    var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    for _ in 0..<4 {
      let candidate = folder.appending(path: name)
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      folder.deleteLastPathComponent()
    }
    return try #require(nil, "the tool is not beside the tests")
  }

  /// The environment of these tests, without what a person has set for the tool, and with `additions`.
  static func environment(_ additions: [String: String]) -> [String: String] {
    ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("HSX_") }
      .merging(additions) { _, addition in addition }
  }

  static func run(
    _ arguments: [String], input: [UInt8] = [], output device: String? = nil,
    environment: [String: String] = [:]
  ) throws -> Result {
    let process = Process()
    process.executableURL = try executable("hsx")
    process.arguments = arguments
    process.environment = Tool.environment(environment)
    let files = try TemporaryFolder()
    let (output, errors, source) = (files.path("out"), files.path("err"), files.path("in"))
    // Files rather than pipes: nothing can fill up and hang.
    for path in [output, errors] { try Data().write(to: URL(filePath: path)) }
    try Data(input).write(to: URL(filePath: source))
    process.standardInput = FileHandle(forReadingAtPath: source)
    process.standardOutput = FileHandle(forWritingAtPath: device ?? output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: [UInt8](try Data(contentsOf: URL(filePath: output))),
      errors: String(decoding: try Data(contentsOf: URL(filePath: errors)), as: UTF8.self))
  }
}

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
  private let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "hsx-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  var path: String { url.path }

  func path(_ name: String) -> String { url.appending(path: name).path }
}
