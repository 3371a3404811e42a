import Foundation
import FoundationNetworking
import Testing

/// Metrics as Prometheus gets them from a daemon.
@Suite("hsxd, its metrics")
struct DaemonMetricsTests {
  @Test("With --metrics a scrape shows what clients did")
  func scraped() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("hsxd.sock")
    let daemon = try Tool.start(
      ["--no-tcp", "--socket", path, "--metrics", "127.0.0.1:0", "--log-format", "json"], name: "hsxd",
      readsErrors: true)
    let told = try #require(try daemon.line(containing: #""metrics""#))
    let object = try JSONSerialization.jsonObject(with: Data(told.utf8)) as? [String: Any]
    let port = try #require((object?["metadata"] as? [String: Any])?["port"] as? String)
    _ = try #require(try daemon.line(containing: "hsxd.sock"))
    let client = try RawClient(path)
    _ = try client.ask(#"{"cmd":"ping"}"#)
    _ = try client.ask(#"{"cmd":"ps"}"#)
    let url = try #require(URL(string: "http://127.0.0.1:\(port)/metrics"))
    let (data, response) = try await URLSession.shared.data(from: url)
    #expect((response as? HTTPURLResponse)?.statusCode == 200)
    let lines = Set(String(decoding: data, as: UTF8.self).split(separator: "\n"))
    #expect(lines.contains(#"hsx_requests_total{command="ping",result="ok"} 1"#))
    #expect(lines.contains("hsx_connections 1.0") && lines.contains("# TYPE hsx_slice_seconds histogram"))
    #expect(daemon.end(with: SIGTERM) == 0)
  }

  @Test("They are given to this machine alone, at an address that is one")
  func refused() throws {
    for (address, tag) in [("0.0.0.0:0", "[EINVAL open_to_network]"), ("9", "[EINVAL config_value]")] {
      let daemon = try Tool.start(["--metrics", address], name: "hsxd", readsErrors: true)
      #expect(try daemon.rest().contains { $0.hasSuffix(tag) })
      #expect(daemon.end(with: 0) == 2)
    }
  }
}
