import Foundation
import Glibc
import Testing

/// A client of a few lines of its own, on a Unix socket: it owes nothing to the code under test.
final class RawClient {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(connected == 0, "no connection to \(path)")
  }

  deinit { close(descriptor) }

  /// Sends a request of version 1, and reads the line that answers it.
  func ask(_ request: String) throws -> String {
    let line = Array(#"{"version":1,"#.utf8) + Array(request.utf8.dropFirst()) + [0x0A]
    try #require(write(descriptor, line, line.count) == line.count)
    var answer: [UInt8] = []
    var byte: UInt8 = 0
    while read(descriptor, &byte, 1) == 1, byte != 0x0A { answer.append(byte) }
    return String(decoding: answer, as: UTF8.self)
  }

  /// All that comes until the connection ends.
  func rest() throws -> String {
    var all: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 65536)
    while case let count = read(descriptor, &bytes, bytes.count), count > 0 { all += bytes.prefix(count) }
    return String(decoding: all, as: UTF8.self)
  }
}
