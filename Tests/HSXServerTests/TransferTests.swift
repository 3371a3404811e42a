import Foundation
import HSXExecutive
import HSXProtocol
import Testing

@testable import HSXServer

@Suite("Transfers over the protocol") struct TransferTests {
  private func write(
    _ client: LineClient, _ key: String, _ sequence: Int, _ bytes: some Collection<UInt8>, _ more: String = ""
  ) throws -> JSONTree {
    let data = Data(bytes).base64EncodedString()
    return try client.ask(#""cmd":"vm_load_write",\#(key),"seq":\#(sequence),"data":"\#(data)""# + more)
  }

  @Test("an image in chunks goes on over another connection, and runs as one from a file")
  func resumed() async throws {
    try await Daemon.with { daemon in
      let image = try Vector.bytes("thermostat")
      var client = try daemon.client()
      let session = try client.session()
      let begun = try client.yes(#""cmd":"vm_load_begin","total_bytes":\#(image.count),\#(session)"#)
      let key = #""handle":\#(begun["handle"].integer ?? 0)"#
      _ = try write(client, key, 0, image[..<100], "," + session)
      client.hangUp()
      client = try daemon.client()
      let status = try client.yes(#""cmd":"provision.status",\#(key)"#)
      #expect(status["next_seq"] == .integer(1) && status["bytes_written"] == .integer(100))
      #expect(status["state"] == .string("LOADING") && status["total_bytes"] == .integer(Int64(image.count)))
      #expect(try client.yes(#""cmd":"ps""#)["tasks"]["tasks"] == .array([]))
      // The same chunk again is acknowledged, one that leaves a gap names the one that is due.
      #expect(try write(client, key, 0, image[..<100], "," + session)["next_seq"] == .integer(1))
      let gap = try write(client, key, 3, image[100...], "," + session)
      #expect(gap["reason"] == .string("sequence_gap") && gap["expected"] == .integer(1))
      // Without the session the handle alone does not do.
      #expect(try write(client, key, 1, image[100...])["code"] == .string("EPERM"))
      _ = try write(client, key, 1, image[100...], "," + session)
      let loaded = try client.yes(#""cmd":"vm_load_end",\#(key),\#(session)"#)["image"]
      #expect(loaded["app_name"] == .string("thermostat") && loaded["pid"] == begun["pid"])
      #expect(loaded["source"]["kind"] == .string("rpc"))
      _ = try client.yes(#""cmd":"clock","op":"start""#)
      let session2 = try client.session()
      _ = try client.yes(
        #""cmd":"events.subscribe","filters":{"since_seq":1,"categories":["task_state"]},\#(session2)"#)
      while try client.event()["data"]["new_state"] != .string("returned") {}
    }
  }

  @Test("several transfers run at once and know nothing of each other; a bad one leaves no trace")
  func several() async throws {
    try await Daemon.with { daemon in
      let names = ["hello", "sum", "gcd"]
      let images = try names.map { try Vector.bytes($0) }
      let clients = try names.map { _ in try daemon.client() }
      let bad = try daemon.client()
      let before = try bad.yes(#""cmd":"mailbox_snapshot""#)
      let keys = try clients.map {
        #""handle":\#(try $0.yes(#""cmd":"vm_load_begin""#)["handle"].integer ?? 0)"#
      }
      let badKey = #""handle":\#(try bad.yes(#""cmd":"vm_load_begin""#)["handle"].integer ?? 0)"#
      for sequence in 0..<(images.map(\.count).max() ?? 0) / 32 + 1 {
        for (index, client) in clients.enumerated() {
          let chunk = images[index].dropFirst(sequence * 32).prefix(32)
          guard !chunk.isEmpty else { continue }
          #expect(try write(client, keys[index], sequence, chunk)["status"] == .string("ok"))
        }
      }
      let refused = try write(bad, badKey, 0, [UInt8](repeating: 0, count: 200))
      #expect(refused["code"] == .string("EBADMSG") && refused["offset"].integer != nil)
      #expect(try bad.ask(#""cmd":"vm_load_end",\#(badKey)"#)["status"] == .string("error"))
      #expect(try bad.yes(#""cmd":"mailbox_snapshot""#) == before)
      for (index, client) in clients.enumerated() {
        #expect(
          try client.yes(#""cmd":"vm_load_end",\#(keys[index])"#)["image"]["app_name"]
            == .string(names[index]))
      }
      let running = try bad.yes(#""cmd":"ps""#)["tasks"]["tasks"].items
      #expect(running.compactMap { $0["app_name"].text }.sorted() == names.sorted())
      #expect(running.allSatisfy { $0["program"].text?.hasPrefix("rpc:127.0.0.1") == true })
    }
  }

  @Test("a file is loaded under its name, twice as its flags allow, and not from outside the folders")
  func files() async throws {
    let folder = try TemporaryFolder()
    var configuration = ServerConfiguration()
    configuration.imageFolders = [Vector.folder.resolvingSymlinksInPath().path]
    try await Daemon.with(configuration) { daemon in
      let client = try daemon.client()
      let solo = Vector.path("solo")
      _ = try client.yes(#""cmd":"load","path":"\#(solo)""#)
      let twice = try client.ask(#""cmd":"exec","path":"\#(solo)""#)
      #expect(twice["code"] == .string("EEXIST") && twice["error"].text?.hasPrefix("app_exists:") == true)
      let hello = try client.yes(
        #""cmd":"provision.load","path":"\#(Vector.path("hello"))","app_name":"greeter""#)
      #expect(hello["image"]["app_name"] == .string("hello"))
      let again = try client.yes(#""cmd":"load","path":"\#(Vector.path("hello"))""#)["image"]
      #expect(again["app_name"] == .string("hello_#0") && again["app_name_base"] == .string("hello"))
      try folder.write(try Vector.bytes("hello"), to: "hello.hxe")
      for path in [folder.path("hello.hxe"), Vector.path("../../../../README")] {
        #expect(try client.ask(#""cmd":"load","path":"\#(path)""#)["status"] == .string("error"))
      }
      try client.no(#""cmd":"load","path":"\#(folder.path("hello.hxe"))""#, "path_not_allowed", "EPERM")
      #expect(try client.ask(#""cmd":"load","path":"/nowhere/x.hxe""#)["code"] == .string("ESRCH"))
      #expect(
        try client.ask(#""cmd":"load","path":"\#(Vector.folder.path)/bad/crc_flip.hxe""#)["code"]
          == .string("EBADMSG"))
    }
  }
}
