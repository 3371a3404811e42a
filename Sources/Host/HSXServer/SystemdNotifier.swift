import Glibc

/// Tells systemd how the service is, by its datagram protocol.
public struct SystemdNotifier: Sendable {
  /// What can be said.
  public enum State: String, Sendable {
    case ready = "READY=1"
    case stopping = "STOPPING=1"
    case watchdog = "WATCHDOG=1"
  }

  private let socketPath: String?

  /// Microseconds in which systemd wants a sign of life; nil if it wants none.
  public let watchdogMicroseconds: Int64?

  /// A notifier for what systemd has put into `environment`; without `NOTIFY_SOCKET` it says nothing to nobody.
  public init(environment: [String: String]) {
    let path = environment["NOTIFY_SOCKET"] ?? ""
    socketPath = path.hasPrefix("/") || path.hasPrefix("@") ? path : nil
    let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
    let asked = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
    watchdogMicroseconds = isMeant && asked > 0 && socketPath != nil ? asked : nil
  }

  /// Says it. Never waits: if nobody takes it, it is lost.
  ///
  /// - Returns: whether it was taken.
  @discardableResult
  public func send(_ state: State) -> Bool {
    guard let socketPath else { return false }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(socketPath.utf8)
    // An abstract name begins with a zero byte, and has no end but the address's length.
    if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = MemoryLayout<sa_family_t>.size + bytes.count + (bytes[0] == 0 ? 0 : 1)
    let message = Array(state.rawValue.utf8)
    let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
    let sent = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, message, message.count, flags, $0, socklen_t(length))
      }
    }
    return sent == message.count
  }
}
