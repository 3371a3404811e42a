import Glibc
import NIOCore
import NIOPosix

/// A Unix socket that belongs to its owner alone from its first moment.
enum UnixSocket {
  /// Binds at `path`. What another daemon has left there is removed; one that somebody listens at is not.
  static func bind(_ bootstrap: ServerBootstrap, path: String) async throws -> any Channel {
    try removeStale(path)
    // The mask is the process's, so it is put back at once; the daemon makes no other file meanwhile.
    let mask = umask(0o177)
    defer { umask(mask) }
    return try await bootstrap.bind(unixDomainSocketPath: path).get()
  }

  private static func removeStale(_ path: String) throws {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return }
    guard facts.st_mode & S_IFMT == S_IFSOCK else { throw IOError(errnoCode: EEXIST, reason: path) }
    guard !isAlive(path) else { throw IOError(errnoCode: EADDRINUSE, reason: path) }
    unlink(path)
  }

  private static func isAlive(_ path: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}
