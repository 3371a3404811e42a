import Foundation
import HSXClient

/// Remembers a transfer that is under way in a file of the user's own, so that the same command goes on with it when it was
/// killed and is started again.
///
/// Where no such file can be made it does without: the transfer then begins anew.
struct UploadTicket: Sendable {
  private struct Record: Codable {
    var process: Int32
    var ticket: ImageUpload.Ticket
  }

  private let url: URL?

  /// - Parameters:
  ///   - options: whatever else of the transfer cannot be changed once it has begun.
  init(sha256: String, endpoint: String, options: [String]) {
    let key = Self.name(of: [sha256, endpoint] + options)
    url = Self.folder?.appending(path: "\(key).json")
  }

  /// The transfer that a process which lives no more has left; nil if there is none.
  func take() -> ImageUpload.Ticket? {
    guard let url, let data = try? Data(contentsOf: url),
      let record = try? JSONDecoder().decode(Record.self, from: data)
    else { return nil }
    let isAlive = kill(record.process, 0) == 0 || errno == EPERM
    return isAlive && record.process != getpid() ? nil : record.ticket
  }

  /// Remembers it, unless another process that lives has one of the same kind.
  func keep(_ ticket: ImageUpload.Ticket) {
    guard let url else { return }
    if let data = try? Data(contentsOf: url), let other = try? JSONDecoder().decode(Record.self, from: data),
      other.process != getpid(), kill(other.process, 0) == 0
    {
      return
    }
    guard let data = try? JSONEncoder().encode(Record(process: getpid(), ticket: ticket)) else { return }
    let folder = url.deletingLastPathComponent()
    try? FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    // Made for its owner alone before anything is in it: who knows the handle may write to the transfer.
    let made = url.appendingPathExtension("\(getpid())")
    guard
      FileManager.default.createFile(
        atPath: made.path, contents: data, attributes: [.posixPermissions: 0o600])
    else { return }
    if rename(made.path, url.path) != 0 { try? FileManager.default.removeItem(at: made) }
  }

  /// Forgets it, if it is this process's.
  func discard() {
    guard let url, let data = try? Data(contentsOf: url),
      let record = try? JSONDecoder().decode(Record.self, from: data), record.process == getpid()
    else { return }
    try? FileManager.default.removeItem(at: url)
  }

  /// A short name for several texts.
  private static func name(of texts: [String]) -> String {
    hsx.sha256(Array(texts.map { "\($0.utf8.count):\($0)" }.joined().utf8)).prefix(16)
      .map { String(format: "%02x", $0) }.joined()
  }

  private static var folder: URL? {
    let environment = ProcessInfo.processInfo.environment
    if let runtime = environment["XDG_RUNTIME_DIR"], !runtime.isEmpty {
      return URL(filePath: runtime).appending(path: "hsx/uploads")
    }
    if let state = environment["XDG_STATE_HOME"], !state.isEmpty {
      return URL(filePath: state).appending(path: "hsx/uploads")
    }
    return environment["HOME"].map { URL(filePath: $0).appending(path: ".local/state/hsx/uploads") }
  }
}
