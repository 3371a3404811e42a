import Foundation
import HSXHAL
import HSXPersistence
import Testing

@testable import HSXLinux

@Suite("A memory in a file")
struct FileMemoryTests {
  @Test("reads what was programmed, also after it was opened anew, and what others wrote there")
  func programAndRead() throws {
    let place = try Workshop()
    do {
      var memory = try FileMemory.create(at: place.path("store"), size: 10_000)
      #expect(memory.geometry.size == 10_000)
      #expect(memory.geometry.eraseUnit == 0)
      try memory.write([1, 2, 3], at: 9_997)
      try memory.write([9], at: 0)
      try memory.sync()
    }
    var expected = [UInt8](repeating: 0, count: 10_000)
    expected[0] = 9
    expected.replaceSubrange(9_997..., with: [1, 2, 3])
    #expect(try place.bytes(of: "store") == expected)
    var memory = try FileMemory(opening: place.path("store"), access: .exclusive)
    #expect(try memory.bytes(at: 9_996, 4) == [0, 1, 2, 3])
    #expect(try memory.bytes(at: 10_000, 0) == [])
  }

  @Test(
    "what is outside is misused and changes nothing",
    arguments: [(-1, 1), (9, 2), (11, 0), (10, 1), (.max, 1)])
  func outside(offset: Int, count: Int) throws {
    let place = try Workshop()
    let path = try place.write([UInt8](repeating: 7, count: 10), to: "store")
    var memory = try FileMemory(opening: path, access: .exclusive)
    #expect(throws: MemoryFault.misused(at: offset)) {
      try memory.write([UInt8](repeating: 1, count: count), at: offset)
    }
    #expect(throws: MemoryFault.misused(at: offset)) { _ = try memory.bytes(at: offset, count) }
    #expect(throws: MemoryFault.misused(at: 0)) { try memory.erase(sector: 0) }
    #expect(try place.bytes(of: "store") == [UInt8](repeating: 7, count: 10))
  }

  @Test("opened to be looked at, it refuses every change, and two may look at once")
  func readOnly() throws {
    let place = try Workshop()
    let path = try place.write([5, 6], to: "store")
    var first = try FileMemory(opening: path, access: .readOnly)
    var second = try FileMemory(opening: path, access: .readOnly)
    #expect(try second.bytes(at: 0, 2) == [5, 6])
    #expect(throws: MemoryFault.refused(at: 1)) { try first.write([1], at: 1) }
    #expect(first.lastError == StorageError(path, .write, errno: EROFS))
    #expect(throws: MemoryFault.refused(at: 0)) { try first.sync() }
    #expect(cause { try FileMemory(opening: path, access: .exclusive) } == .inUse(by: getpid()))
    #expect(try place.bytes(of: "store") == [5, 6])
  }

  @Test("a file cut short while it is open cannot be read behind its end, and says where")
  func cutShort() throws {
    let place = try Workshop()
    let path = try place.write([UInt8](repeating: 3, count: 100), to: "store")
    let memory = try FileMemory(opening: path, access: .exclusive)
    #expect(truncate(path, 40) == 0)
    var bytes = [UInt8](repeating: 0, count: 60)
    var fault: MemoryFault?
    do throws(MemoryFault) {
      var span = bytes.mutableSpan
      try memory.read(at: 0, into: &span)
    } catch { fault = error }
    #expect(fault == .unreadable(at: 40))
    #expect(bytes[..<40].allSatisfy { $0 == 3 })
    #expect(memory.lastError?.operation == .read)
  }

  @Test("what is no file of a fitting size is refused by its kind or its size, and nothing waits on a pipe")
  func wrongKinds() throws {
    let place = try Workshop()
    #expect(mkfifo(place.path("pipe"), 0o600) == 0)
    #expect(cause { try FileMemory(opening: place.path("pipe"), access: .exclusive) } == .kind(.pipe))
    #expect(cause { try FileMemory(opening: place.root, access: .exclusive) } == .kind(.folder))
    #expect(cause { try FileMemory(opening: "/dev/null", access: .exclusive) } == .kind(.characterDevice))
    let empty = try place.write([], to: "empty")
    #expect(
      cause { try FileMemory(opening: empty, access: .readOnly) }
        == .size(found: 0, allowed: FileMemory.sizes))
    let huge = try place.write([], to: "huge")
    #expect(truncate(huge, 0x4000_0001) == 0)
    #expect(
      cause { try FileMemory(opening: huge, access: .readOnly) }
        == .size(found: 0x4000_0001, allowed: FileMemory.sizes))
    #expect(
      cause { try FileMemory(opening: place.path("none"), access: .exclusive) }
        == .system(SystemCallError(code: ENOENT)))
  }

  @Test("a file that may not be read says so", .enabled(if: getuid() != 0))
  func unreadable() throws {
    let place = try Workshop()
    let path = try place.write([1], to: "store")
    #expect(chmod(path, 0) == 0)
    #expect(
      cause { try FileMemory(opening: path, access: .readOnly) } == .system(SystemCallError(code: EACCES)))
  }

  @Test("carries a store that is found again, through turns of its pages, and looked at without a change")
  func store() throws {
    let place = try Workshop()
    do {
      var memory = try FileMemory.create(at: place.path("store"), size: 2_048) {
        (memory: inout FileMemory) throws(StoreError) in
        guard let layout = Layout.standard(for: memory.geometry) else {
          throw .layout(needed: 0, available: memory.geometry.size)
        }
        _ = try Store<8>.format(layout, in: &memory)
      }
      var store = try Store<8>(mounting: &memory)
      for value in UInt16(1)...300 { try store.setValue(value, of: 5, generation: 0, in: &memory) }
    }
    let content = try place.bytes(of: "store")
    var memory = try FileMemory(opening: place.path("store"), access: .readOnly)
    let store = try Store<8>(mounting: &memory)
    #expect(store.value(of: 5, generation: 0) == 300)
    #expect(store.condition == [])
    #expect(try place.bytes(of: "store") == content)
  }
}
