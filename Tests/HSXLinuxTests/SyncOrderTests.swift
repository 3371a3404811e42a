import Foundation
import HSXHAL
import Testing

@testable import HSXLinux

@Suite("What reaches the system")
struct SyncOrderTests {
  @Test(
    "the file is synced before it gets its name, and the folder behind that",
    .enabled(if: SystemCallTrace.isPossible))
  func creation() throws {
    let place = try Workshop()
    let calls = try SystemCallTrace.calls(of: "tracedCreation", in: place)
    #expect(
      calls.map(\.name) == ["pwrite64", "fsync", "renameat2", "fsync", "pwrite64", "fdatasync"])
    try #require(calls.count == 6)
    #expect(calls[1].line.contains(place.path(".store.unfinished")))
    #expect(calls[2].line.contains("RENAME_NOREPLACE"))
    #expect(calls[3].line.contains("<\(place.root)>"))
    #expect(calls[5].line.contains(place.path("store")))
  }

  @Test("nobody but the trace runs this", .enabled(if: SystemCallTrace.tracedFolder != nil))
  func tracedCreation() throws {
    let path = try #require(SystemCallTrace.tracedFolder) + "/store"
    var memory = try FileMemory.create(at: path, size: 4_096) {
      (memory: inout FileMemory) throws(MemoryFault) in
      try memory.write([1], at: 0)
    }
    try memory.write([2], at: 1)
    try memory.sync()
  }
}
