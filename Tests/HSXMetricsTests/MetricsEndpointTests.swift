import CoreMetrics
import Glibc
import HSXMetrics
import Testing

@Suite("Metrics over HTTP")
struct MetricsEndpointTests {
  private struct NoConnection: Error {}

  /// Sends these bytes on a connection of its own; all that comes until the server closes.
  private func exchange(_ text: String, port: Int) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw NoConnection() }
    let bytes = Array(text.utf8)
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while case let count = recv(descriptor, &chunk, chunk.count, 0), count > 0 { all += chunk.prefix(count) }
    return String(decoding: all, as: UTF8.self)
  }

  /// Runs `body` against an endpoint that shows one counter.
  private func withEndpoint(_ body: (PrometheusRegistry, Int) throws -> Void) async throws {
    let registry = PrometheusRegistry()
    registry.makeCounter(label: "a_total", dimensions: []).increment(by: 7)
    let endpoint = try await MetricsEndpoint.listening(at: "127.0.0.1", port: 0, showing: registry)
    do {
      try body(registry, endpoint.port)
    } catch {
      await endpoint.close()
      throw error
    }
    await endpoint.close()
  }

  @Test(
    "GET /metrics gives all series with their type and length, and closes; HEAD gives the same without them")
  func scraped() async throws {
    try await withEndpoint { registry, port in
      let got = try exchange("GET /metrics?a=b HTTP/1.1\r\nHost: x\r\n\r\n", port: port)
      #expect(got.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(got.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
      #expect(got.contains("\r\nConnection: close\r\n"))
      #expect(got.contains("\r\nContent-Length: \(registry.exposition.utf8.count)\r\n"))
      #expect(got.hasSuffix("\r\n\r\n" + registry.exposition) && got.contains("\na_total 7\n"))
      let head = try exchange("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", port: port)
      #expect(head + registry.exposition == got)
    }
  }

  @Test("Other paths are not found, other methods not allowed, and what is no HTTP is refused")
  func refused() async throws {
    try await withEndpoint { _, port in
      for path in ["/", "/metrics/", "/metric"] {
        #expect(
          try exchange("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n", port: port).hasPrefix("HTTP/1.1 404 "))
      }
      let posted = try exchange(
        "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", port: port)
      #expect(posted.hasPrefix("HTTP/1.1 405 ") && posted.contains("\r\nAllow: GET, HEAD\r\n"))
      #expect(try exchange("{\"cmd\":\"ping\"}\n", port: port).hasPrefix("HTTP/1.1 400 "))
    }
  }

  @Test("A request beyond 16 KiB, in its headers or its body, is not answered; one request a connection is")
  func bounded() async throws {
    try await withEndpoint { _, port in
      let long = String(repeating: "x", count: 20_000)
      #expect(try exchange("GET /metrics HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n", port: port) == "")
      let body = "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n" + long
      #expect(try exchange(body, port: port) == "")
      let request = "GET /none HTTP/1.1\r\nHost: x\r\n\r\n"
      let twice = try exchange(request + request, port: port)
      #expect(twice.split(separator: "HTTP/1.1 404").count == 1)
    }
  }
}
