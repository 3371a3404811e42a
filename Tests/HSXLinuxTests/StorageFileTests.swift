import Foundation
import HSXHAL
import Testing

@testable import HSXLinux

@Suite("An open file of a store")
struct StorageFileTests {
  @Test("after a sync that failed nothing more is accepted, not even a sync that would go")
  func failedSync() throws {
    let place = try Workshop()
    let path = try place.write([1, 2], to: "store")
    let file = try StorageFile(opening: path, as: [.file], access: .exclusive)
    try file.sync { 0 }
    #expect(throws: MemoryFault.refused(at: 0)) { try file.sync { EIO } }
    #expect(file.lastError == StorageError(path, .sync, errno: EIO))
    var isAsked = false
    #expect(throws: MemoryFault.refused(at: 0)) {
      try file.sync {
        isAsked = true
        return 0
      }
    }
    #expect(!isAsked)
    #expect(throws: MemoryFault.refused(at: 1)) { try file.write([9].span, at: 1) }
    #expect(try place.bytes(of: "store") == [1, 2])
  }

  @Test("reads up to what cannot be read, and names the unit", arguments: [1, 4, 32])
  func unreadable(unit: Int) throws {
    // The memory of this process as a file, with a hole behind a page.
    let page = 4_096
    let start = try #require(
      mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    memset(start, 7, page)
    #expect(munmap(start + page, page) == 0)
    defer { munmap(start, page) }
    let address = Int(bitPattern: start)
    let file = try StorageFile(opening: "/proc/self/mem", as: [.file], access: .readOnly)
    for before in [0, unit, 64] {
      var bytes = [UInt8](repeating: 0, count: before + 96)
      var fault: MemoryFault?
      do throws(MemoryFault) {
        var span = bytes.mutableSpan
        try file.read(at: address + page - before, into: &span, unit: unit)
      } catch { fault = error }
      #expect(fault == .unreadable(at: address + page))
      #expect(bytes[..<before].allSatisfy { $0 == 7 })
      #expect(bytes[before...].allSatisfy { $0 == 0 })
    }
  }

  @Test(
    "of a device that fails as a whole for one bad unit, all before it is read, and the unit named",
    arguments: [1, 4, 32])
  func narrowing(unit: Int) {
    for bad in stride(from: 0, to: 192, by: unit) {
      for start in [0, 1, 5, 31, 64] where start < bad + unit {
        var bytes = [UInt8](repeating: 0xAA, count: 300 - start)
        let failure = bytes.withUnsafeMutableBytes { buffer in
          StorageFile.fill(buffer, from: start, unit: unit) { address, count, offset in
            if offset < bad + unit, offset + count > bad {
              errno = EIO
              return -1
            }
            // Less than it was asked for, as a device may.
            let got = min(count, 50)
            for index in 0..<got {
              address?.storeBytes(
                of: UInt8(truncatingIfNeeded: offset + index), toByteOffset: index, as: UInt8.self)
            }
            return got
          }
        }
        #expect(failure?.offset == bad)
        #expect(failure?.code == EIO)
        let before = max(0, bad - start)
        #expect(
          bytes[..<before].elementsEqual((start..<start + before).map { UInt8(truncatingIfNeeded: $0) }))
        #expect(bytes[before...].allSatisfy { $0 == 0xAA })
      }
    }
  }

  @Test("notices that its name leads to another file")
  func names() throws {
    let place = try Workshop()
    let path = try place.write([1], to: "store")
    let file = try StorageFile(opening: path, as: [.file], access: .exclusive)
    #expect(try file.names(path))
    #expect(rename(path, place.path("aside")) == 0)
    #expect(try file.names(path) == false)
    _ = try place.write([1], to: "store")
    #expect(try file.names(path) == false)
    #expect(try file.names(place.path("aside")))
  }
}
