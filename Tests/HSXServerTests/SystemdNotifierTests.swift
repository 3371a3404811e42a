import Foundation
import Glibc
import HSXServer
import Testing

/// The other end of `NOTIFY_SOCKET`.
private struct NotificationSocket: ~Copyable {
  let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)

  /// Bound at a path, or at an abstract name if it begins with `@`.
  init(_ name: String) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    try #require(bound == 0)
  }

  deinit { close(descriptor) }

  func next() -> String? {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}

@Suite("Telling systemd")
struct SystemdNotifierTests {
  @Test("A state reaches the socket at a path and at an abstract name", arguments: [false, true])
  func reaches(isAbstract: Bool) throws {
    let unique = "hsx-\(UUID().uuidString)"
    let name = (isAbstract ? "@" : NSTemporaryDirectory() + "/") + unique
    defer { unlink(name) }
    let socket = try NotificationSocket(name)
    let notifier = SystemdNotifier(environment: ["NOTIFY_SOCKET": name])
    #expect(notifier.send(.ready))
    #expect(notifier.send(.watchdog))
    #expect(notifier.send(.stopping))
    #expect(socket.next() == "READY=1")
    #expect(socket.next() == "WATCHDOG=1")
    #expect(socket.next() == "STOPPING=1")
    #expect(socket.next() == nil)
  }

  @Test("Without a socket, or with one that nobody reads or that cannot be, nothing is said")
  func silent() {
    for name in ["", "relative", "/nonexistent/hsx", "/" + String(repeating: "x", count: 300)] {
      #expect(!SystemdNotifier(environment: ["NOTIFY_SOCKET": name]).send(.ready))
    }
    #expect(!SystemdNotifier(environment: [:]).send(.ready))
  }

  @Test("A sign of life is wanted of the process that is named, in a time that makes sense")
  func watchdog() {
    func wanted(_ time: String?, _ process: Int32?) -> Int64? {
      var environment = ["NOTIFY_SOCKET": "/run/none"]
      environment["WATCHDOG_USEC"] = time
      environment["WATCHDOG_PID"] = process.map(String.init)
      return SystemdNotifier(environment: environment).watchdogMicroseconds
    }
    #expect(wanted("3000000", nil) == 3_000_000)
    #expect(wanted("3000000", getpid()) == 3_000_000)
    #expect(wanted("3000000", getpid() + 1) == nil)
    #expect(wanted("0", nil) == nil)
    #expect(wanted("-5", nil) == nil)
    #expect(wanted("soon", nil) == nil)
    #expect(wanted(nil, nil) == nil)
  }
}
