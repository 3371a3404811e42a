import Foundation
import Testing

@testable import HSXLinux

@Suite("The lock of a store")
struct StorageLockTests {
  @Test(
    "another process that holds it is named, and when it is gone the store opens", arguments: [true, false])
  func held(isShared: Bool) throws {
    let place = try Workshop()
    let path = try place.write([1, 2, 3, 4], to: "store")
    let locker = try Locker(path, shared: isShared)
    #expect(
      cause { try FileMemory(opening: path, access: .exclusive) } == .inUse(by: locker.processIdentifier))
    #expect(
      cause { try FileMemory(opening: path, access: .readOnly) }
        == (isShared ? nil : .inUse(by: locker.processIdentifier)))
    try locker.release()
    #expect(cause { try FileMemory(opening: path, access: .exclusive) } == nil)
  }

  @Test("keeps another process out, while the memory lives and no longer")
  func holds() throws {
    let place = try Workshop()
    let path = place.path("store")
    do {
      let memory = try FileMemory.create(at: path, size: 100)
      #expect(try Self.canLock(path) == false)
      _ = memory.geometry
    }
    #expect(try Self.canLock(path))
    do {
      let memory = try FileMemory(opening: path, access: .readOnly)
      #expect(try Self.canLock(path) == false)
      #expect(try Self.canLock(path, shared: true))
      _ = memory.geometry
    }
    #expect(try Self.canLock(path))
  }

  @Test("of two who make the same store one is told of the other")
  func makers() throws {
    let place = try Workshop()
    let path = place.path("store")
    var inner: StorageError.Cause?
    _ = try FileMemory.create(at: path, size: 100) { (_: inout FileMemory) throws(Never) in
      inner = cause { try FileMemory.create(at: path, size: 100) }
    }
    #expect(inner == .inUse(by: getpid()))
    #expect(place.names == ["store"])
  }

  @Test("the holder is found by device and file in the kernel's list, and nobody who only waits")
  func table() {
    let text = """
      1: FLOCK  ADVISORY  WRITE 11 08:01:77 0 EOF
      1: -> FLOCK  ADVISORY  WRITE 12 fd:02:77 0 EOF
      2: POSIX  ADVISORY  WRITE 13 fd:02:77 0 EOF
      3: OFDLCK ADVISORY  WRITE -1 fd:02:77 0 EOF
      4: FLOCK  ADVISORY  READ  14 fd:02:77 0 EOF
      nonsense
      5: FLOCK ADVISORY WRITE x fd:02 0
      """
    #expect(LockTable.holder(in: text, major: 0xFD, minor: 2, inode: 77) == 14)
    #expect(LockTable.holder(in: text, major: 8, minor: 1, inode: 77) == 11)
    #expect(LockTable.holder(in: text, major: 8, minor: 1, inode: 78) == nil)
  }

  /// Asks flock(1), which is another process.
  private static func canLock(_ path: String, shared: Bool = false) throws -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/flock")
    process.arguments = [shared ? "-s" : "-x", "-n", path, "true"]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
