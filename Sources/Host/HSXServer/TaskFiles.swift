import HSXExecutive
import HSXLinux
import HXE
import Foundation

/// The files of tasks: each app has a folder of its own inside one folder, made when it first opens a file.
struct TaskFiles {
  private final class OpenFolder {
    var folder: TaskFolder
    init(_ folder: consuming TaskFolder) { self.folder = folder }
  }

  private let root: String?
  private var open: [UInt32: OpenFolder] = [:]

  init(folder: String?) { root = folder }

  /// Carries out an operation; -1 without a folder.
  mutating func perform(
    _ operation: FileOperation, for pid: UInt32, app: ShortName?
  ) -> (result: Int32, data: [UInt8]) {
    guard let folder = folder(of: pid, app: app) else { return (-1, []) }
    return folder.folder.perform(operation)
  }

  /// Closes what a task has left open.
  mutating func close(_ pid: UInt32) {
    open.removeValue(forKey: pid)?.folder.closeAll()
  }

  private mutating func folder(of pid: UInt32, app: ShortName?) -> OpenFolder? {
    if let known = open[pid] { return known }
    guard let root, let app, let name = Self.folderName(app) else { return nil }
    let path = root + "/" + name
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard let folder = try? TaskFolder(path: path) else { return nil }
    let made = OpenFolder(folder)
    open[pid] = made
    return made
  }

  /// A name that cannot lead anywhere else: what is not a letter, a digit, `-` or `_` becomes `%` and two digits.
  private static func folderName(_ app: ShortName) -> String? {
    guard !app.isEmpty else { return nil }
    var name = ""
    for index in 0..<app.count {
      let byte = app[index]
      let character = Character(Unicode.Scalar(byte))
      if character.isASCII, character.isLetter || character.isNumber || "-_".contains(character) {
        name.append(character)
      } else {
        name += "%" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }
    }
    return name
  }
}
