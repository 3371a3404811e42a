import CoreMetrics
import Foundation
import HSXMetrics
import HSXProtocol
import Testing

@testable import HSXServer

@Suite("What the daemon counts")
struct MetricsTests {
  private func lines(_ registry: PrometheusRegistry) -> Set<Substring> {
    Set(registry.exposition.split(separator: "\n"))
  }

  @Test("Requests are counted by command and result, those that wait when they are answered")
  func requests() async throws {
    let registry = PrometheusRegistry()
    try await Daemon.with(metrics: registry) { daemon in
      let client = try daemon.client()
      _ = try client.yes(#""cmd":"ping""#)
      _ = try client.yes(#""cmd":"ping""#)
      _ = try client.load("sum")
      _ = try client.ask(#""cmd":"pause","pid":77"#)
      _ = try client.ask(#""cmd":"nothing""#)
      let executed = try client.yes(#""cmd":"step","steps":3"#)["result"]["executed"].integer
      // A request is counted before the next of its connection is looked at.
      _ = try client.yes(#""cmd":"ps""#)
      let lines = lines(registry)
      #expect(lines.contains(#"hsx_requests_total{command="ping",result="ok"} 2"#))
      #expect(lines.contains(#"hsx_requests_total{command="load",result="ok"} 1"#))
      #expect(lines.contains(#"hsx_requests_total{command="pause",result="refused"} 1"#))
      #expect(lines.contains(#"hsx_requests_total{command="unknown",result="refused"} 1"#))
      #expect(lines.contains(#"hsx_requests_total{command="step",result="ok"} 1"#))
      #expect(lines.contains(#"hsx_requests_total{command="kill",result="ok"} 0"#))
      #expect(lines.contains("hsx_instructions_total \(executed ?? -1)") && executed == 3)
      #expect(lines.contains("hsx_slice_seconds_count 1"))
      #expect(lines.contains("hsx_connections 1.0"))
    }
  }

  @Test("Sessions, tasks, events and the ends of transfers are counted")
  func flows() async throws {
    let registry = PrometheusRegistry()
    try await Daemon.with(metrics: registry) { daemon in
      let client = try daemon.client()
      let session = try client.session()
      _ = try client.yes(#""cmd":"events.subscribe",\#(session)"#)
      let image = try Vector.bytes("hello")
      let data = Data(image).base64EncodedString()
      func begin() throws -> String {
        #""handle":\#(try client.yes(#""cmd":"vm_load_begin",\#(session)"#)["handle"].integer ?? 0),\#(session)"#
      }
      let good = try begin()
      _ = try client.yes(#""cmd":"vm_load_write",\#(good),"seq":0,"data":"\#(data)""#)
      _ = try client.yes(#""cmd":"vm_load_end",\#(good)"#)
      _ = try client.yes(#""cmd":"vm_load_abort",\#(try begin())"#)
      let bad = try begin()
      #expect(
        try client.ask(#""cmd":"vm_load_write",\#(bad),"seq":0,"data":"AAAA""#)["status"].text != nil)
      _ = try client.ask(#""cmd":"vm_load_end",\#(bad)"#)
      _ = try client.yes(#""cmd":"ps""#)
      // What was counted behind the last reply has been, once the loop has turned.
      let delivered = await daemon.look { _ in registry.exposition }
      let lines = Set(delivered.split(separator: "\n"))
      #expect(lines.contains(#"hsx_transfers_total{outcome="ready"} 1"#))
      #expect(lines.contains(#"hsx_transfers_total{outcome="aborted"} 1"#))
      #expect(lines.contains(#"hsx_transfers_total{outcome="failed"} 1"#))
      #expect(lines.contains("hsx_client_sessions 1.0") && lines.contains("hsx_tasks 1.0"))
      // The three bytes of the one that failed were taken too.
      #expect(lines.contains("hsx_transfer_bytes_total \(image.count + 3)"))
      #expect(!lines.contains("hsx_events_delivered_total 0"))
      _ = try client.yes(#""cmd":"session.close",\#(session)"#)
      #expect(self.lines(registry).contains("hsx_client_sessions 0.0"))
    }
  }
}
