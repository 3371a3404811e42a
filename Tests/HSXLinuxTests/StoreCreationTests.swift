import Foundation
import HSXHAL
import Testing

@testable import HSXLinux

@Suite("Making a store")
struct StoreCreationTests {
  private enum Whim: Error, Equatable { case enough }

  @Test("it has its name only when it is whole")
  func unnamedUntilWhole() throws {
    let place = try Workshop()
    var during: [String] = []
    _ = try FileMemory.create(at: place.path("store"), size: 8) {
      (memory: inout FileMemory) throws(MemoryFault) in
      during = place.names
      try memory.write([1, 2], at: 6)
    }
    #expect(during == [".store.unfinished"])
    #expect(place.names == ["store"])
    #expect(try place.bytes(of: "store") == [0, 0, 0, 0, 0, 0, 1, 2])
  }

  @Test("when the formatting fails nothing is left")
  func formattingFails() throws {
    let place = try Workshop()
    var isRefused = false
    do throws(FileMemory.CreationError<Whim>) {
      _ = try FileMemory.create(at: place.path("store"), size: 8) { (_: inout FileMemory) throws(Whim) in
        throw .enough
      }
    } catch {
      if case .format(.enough) = error { isRefused = true }
    }
    #expect(isRefused)
    #expect(place.names == [])
  }

  @Test("what exists is never made over, be it a file, a folder, a link to nowhere, or only there at the end")
  func neverOver() throws {
    let place = try Workshop()
    _ = try place.write([1], to: "file")
    #expect(mkdir(place.path("folder"), 0o700) == 0)
    #expect(symlink("/no/where", place.path("link")) == 0)
    for name in ["file", "folder", "link"] {
      #expect(cause { try FileMemory.create(at: place.path(name), size: 8) } == .exists, "\(name)")
    }
    #expect(try place.bytes(of: "file") == [1])

    let late = cause {
      do throws(FileMemory.CreationError<Never>) {
        return try FileMemory.create(at: place.path("late"), size: 8) { (_: inout FileMemory) throws(Never) in
          #expect(FileManager.default.createFile(atPath: place.path("late"), contents: Data([7])))
        }
      } catch {
        switch error {
        case .storage(let error): throw error
        }
      }
    }
    #expect(late == .exists)
    #expect(try place.bytes(of: "late") == [7])
    #expect(place.names == ["file", "folder", "late", "link"])
  }

  @Test("what a try cut short has left is used up by the next")
  func leftover() throws {
    let place = try Workshop()
    _ = try place.write([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], to: ".store.unfinished")
    _ = try FileMemory.create(at: place.path("store"), size: 4)
    #expect(place.names == ["store"])
    #expect(try place.bytes(of: "store") == [0, 0, 0, 0])
  }

  @Test("a name that is another file's too, or a link, is not written through")
  func foreignLeftover() throws {
    let place = try Workshop()
    let mine = try place.write([1, 2, 3], to: "mine")
    #expect(link(mine, place.path(".store.unfinished")) == 0)
    #expect(cause { try FileMemory.create(at: place.path("store"), size: 4) } == .exists)
    #expect(unlink(place.path(".store.unfinished")) == 0)
    #expect(symlink(mine, place.path(".store.unfinished")) == 0)
    #expect(
      cause { try FileMemory.create(at: place.path("store"), size: 4) }
        == .system(SystemCallError(code: ELOOP)))
    #expect(try place.bytes(of: "mine") == [1, 2, 3])
  }

  @Test("sizes and places that cannot be are refused")
  func refusals() throws {
    let place = try Workshop()
    for size in [Int.min, -1, 0, 0x4000_0001, Int.max] {
      #expect(
        cause { try FileMemory.create(at: place.path("store"), size: size) }
          == .size(found: size, allowed: FileMemory.sizes))
    }
    #expect(
      cause { try FileMemory.create(at: place.path("no/store"), size: 8) }
        == .system(SystemCallError(code: ENOENT)))
    #expect(cause { try FileMemory.create(at: place.root + "/", size: 8) } == .kind(.folder))
    #expect(cause { try FileMemory.create(at: "", size: 8) } == .kind(.folder))
    #expect(place.names == [])
  }
}
