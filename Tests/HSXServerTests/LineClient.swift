import Foundation
import Glibc
import HSXProtocol
import Testing

/// A client that knows lines and JSON and nothing else of the protocol. It blocks, but never for longer than `patience`.
final class LineClient {
  private static let patience = 20
  private let descriptor: CInt
  private var buffer: [UInt8] = []
  /// Events that came while a reply was waited for.
  private(set) var events: [JSONTree] = []

  struct Failure: Error {
    var what: String
  }

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Failure(what: "connect: \(errno)") }
    setTimeouts()
  }

  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw Failure(what: "connect: \(errno)") }
    setTimeouts()
  }

  private func setTimeouts() {
    var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// Closes the sending side, so that the server sees the end.
  func hangUp() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure(what: "send: \(errno)") }
      sent += count
    }
  }

  func send(_ line: String) throws { try send(Array((line + "\n").utf8)) }

  /// The next line, whatever it is; nil when the server has closed.
  func line() throws -> JSONTree? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let text = Array(buffer[..<end])
        buffer.removeSubrange(...end)
        guard let tree = JSONTree(text: text) else {
          throw Failure(what: String(decoding: text, as: UTF8.self))
        }
        return tree
      }
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count == 0 || (count < 0 && errno == ECONNRESET) { return nil }
      guard count > 0 else { throw Failure(what: "nothing came: \(errno)") }
      buffer.append(contentsOf: chunk[..<count])
    }
  }

  /// The next reply; events before it are put aside.
  func reply() throws -> JSONTree {
    while let tree = try line() {
      if tree["status"] != .null { return tree }
      events.append(tree)
    }
    throw Failure(what: "closed")
  }

  /// The next event, or one that was put aside.
  func event() throws -> JSONTree {
    guard events.isEmpty else { return events.removeFirst() }
    guard let tree = try line() else { throw Failure(what: "closed") }
    return tree
  }

  /// Events up to the first of that type.
  func events(upTo type: String) throws -> [JSONTree] {
    var found: [JSONTree] = []
    while true {
      let event = try event()
      found.append(event)
      if event["type"].text == type { return found }
    }
  }

  /// Whether the server closes, after whatever it has to say.
  func isClosed() throws -> Bool {
    while let line = try line() { events.append(line) }
    return true
  }

  /// Asks with the members of a JSON object, without its braces: `"cmd":"ping"`.
  func ask(_ members: String) throws -> JSONTree {
    try send("{" + members + "}")
    return try reply()
  }

  /// The same, and expects the answer to be yes.
  func yes(_ members: String, at location: SourceLocation = #_sourceLocation) throws -> JSONTree {
    let reply = try ask(members)
    #expect(reply["status"] == .string("ok"), "\(members): \(reply)", sourceLocation: location)
    return reply
  }

  /// The same, and expects a refusal of this `error`.
  func no(
    _ members: String, _ error: String, _ code: String? = nil, at location: SourceLocation = #_sourceLocation
  ) throws {
    let reply = try ask(members)
    #expect(reply["status"] == .string("error"), "\(members): \(reply)", sourceLocation: location)
    #expect(reply["error"] == .string(error), "\(members)", sourceLocation: location)
    if let code { #expect(reply["code"] == .string(code), "\(members)", sourceLocation: location) }
    #expect(reply["detail"].text?.isEmpty == false, "\(members)", sourceLocation: location)
  }

  /// Opens a session and returns its id as a member to put into requests.
  func session(_ more: String = "") throws -> String {
    let reply = try yes(#""cmd":"session.open","client":"test""# + (more.isEmpty ? "" : "," + more))
    return #""session":"\#(try #require(reply["session"]["id"].text))""#
  }

  /// Loads a vector and returns its pid.
  func load(_ name: String, _ more: String = "") throws -> Int64 {
    let path = Vector.path(name)
    let reply = try yes(#""cmd":"load","path":"\#(path)""# + (more.isEmpty ? "" : "," + more))
    return try #require(reply["image"]["pid"].integer)
  }
}

extension JSONTree {
  subscript(_ name: String) -> JSONTree {
    if case .object(let members) = self { members[name] ?? .null } else { .null }
  }

  subscript(_ index: Int) -> JSONTree {
    if case .array(let items) = self, items.indices.contains(index) { items[index] } else { .null }
  }

  var items: [JSONTree] { if case .array(let items) = self { items } else { [] } }

  var names: [String] { if case .object(let members) = self { members.keys.sorted() } else { [] } }

  var text: String? { if case .string(let text) = self { text } else { nil } }

  var integer: Int64? { if case .integer(let number) = self { number } else { nil } }

  var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }
}
