import Foundation
import Glibc
import HSXProtocol

/// A file that images are loaded from by its path: an ordinary file, inside the folders that are allowed.
struct ImageFile {
  /// Why there are no bytes.
  enum Failure: Error, Equatable {
    case outside
    case notFile
    case tooLarge
    case system(CInt)
  }

  /// The most bytes; an image has at most 64 KiB of each kind, so this is no image.
  private static let limit = 4 << 20

  private let path: String

  /// The file at `path`.
  ///
  /// - Parameter folders: links are followed first, then the file must lie inside one of these; nil allows all.
  init(path: String, folders: [String]?) throws(Failure) {
    // The system would read up to the zero, and the source would tell of another path.
    guard !path.utf8.contains(0), let resolved = realpath(path, nil) else {
      throw .system(path.utf8.contains(0) ? EINVAL : errno)
    }
    defer { free(resolved) }
    self.path = String(cString: resolved)
    guard let folders else { return }
    let isInside = folders.contains { folder in
      // By bytes: two texts that are equal to a person are two folders to the system.
      self.path.utf8.starts(with: (folder.hasSuffix("/") ? folder : folder + "/").utf8)
    }
    guard isInside else { throw .outside }
  }

  /// All bytes. Never waits: what is no ordinary file is refused.
  func read() throws(Failure) -> [UInt8] {
    // Without links, since they were followed when the path was checked.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard descriptor >= 0 else { throw .system(errno) }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw .system(errno) }
    guard facts.st_mode & S_IFMT == S_IFREG else { throw .notFile }
    guard facts.st_size <= Self.limit else { throw .tooLarge }
    var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        let rest = UnsafeMutableRawBufferPointer(rebasing: $0[filled...])
        return Glibc.read(descriptor, rest.baseAddress, rest.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .system(errno) }
      // It has become shorter meanwhile.
      guard count > 0 else { break }
      filled += count
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }
}

extension Refusal {
  /// A file that no image can be loaded from.
  init(_ failure: ImageFile.Failure, path: String) {
    let shown = path.count > 256 ? path.prefix(256) + "…" : path
    switch failure {
    case .outside:
      self.init(
        code: "EPERM", reason: "path_not_allowed",
        detail: "Images may not be loaded from \(shown): it is outside the folders of the policy.")
    case .notFile: self.init(code: "EINVAL", reason: "file", detail: "\(shown) is no ordinary file.")
    case .tooLarge:
      self.init(code: "EBADMSG", reason: "file_too_large", detail: "\(shown) is too large for an image.")
    case .system(let error):
      self.init(
        code: error == ENOENT ? "ESRCH" : error == EACCES ? "EPERM" : "EIO", reason: "file",
        detail: "\(shown): \(String(cString: strerror(error))).", error: "file:\(shown)")
    }
  }
}
