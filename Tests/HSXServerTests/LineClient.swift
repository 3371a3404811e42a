import Foundation
import NIOCore
import NIOPosix

/// A client of lines, apart from `HSXClient`, so that it is a second opinion on the protocol.
final class LineClient: Sendable {
  private let socket: CInt
  private let input: FileHandle

  /// A client of the Unix socket at `path`.
  init(unix path: String) throws {
    socket = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    input = FileHandle(fileDescriptor: socket)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) {
      $0.copyBytes(from: Array(path.utf8.prefix($0.count - 1)))
    }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }

  /// Sends a line and reads the next that comes; empty at the end.
  func call(_ line: String) async throws -> String {
    try input.write(contentsOf: Data((line + "\n").utf8))
    return try await read()
  }

  /// The next line, without blocking a thread of the tests; empty at the end.
  func read() async throws -> String {
    try await NIOThreadPool.singleton.runIfActive { [input] in
      var line = Data()
      while let byte = try input.read(upToCount: 1), let first = byte.first {
        if first == UInt8(ascii: "\n") { break }
        line.append(first)
      }
      return String(decoding: line, as: UTF8.self)
    }
  }

  /// Closes it.
  func close() { Glibc.close(socket) }
}
