import Foundation
import HSXExecutive
import HSXLinux
import Testing

@Suite("A task's folder")
struct TaskFolderTests {
  @Test("keeps what is written and reads it again")
  func writeAndRead() throws {
    let place = try Place()
    var folder = try TaskFolder(path: place.inside)
    let flags = TaskFolder.OpenFlags([.write, .create]).rawValue
    #expect(folder.perform(.open(path: bytes("note"), flags: flags)).result == 3)
    #expect(folder.perform(.write(descriptor: 3, bytes("hello"))).result == 5)
    #expect(folder.perform(.close(descriptor: 3)).result == 0)
    #expect(folder.perform(.open(path: bytes("note"), flags: 0)).result == 3)
    let read = folder.perform(.read(descriptor: 3, count: 100))
    #expect(read.result == 5)
    #expect(read.data == bytes("hello"))
    #expect(folder.perform(.write(descriptor: 3, bytes("x"))).result == -1)
  }

  @Test("lists, renames, deletes, and makes folders")
  func foldersAndNames() throws {
    let place = try Place()
    var folder = try TaskFolder(path: place.inside)
    #expect(folder.perform(.makeDirectory(path: bytes("sub"))).result == 0)
    let flags = TaskFolder.OpenFlags([.write, .create]).rawValue
    #expect(folder.perform(.open(path: bytes("sub/b"), flags: flags)).result == 3)
    folder.closeAll()
    #expect(folder.perform(.rename(from: bytes("sub/b"), to: bytes("a"))).result == 0)
    let list = folder.perform(.list(path: bytes(".")))
    #expect(list.result == 2)
    #expect(list.data == bytes("a\nsub\n"))
    #expect(folder.perform(.delete(path: bytes("a"))).result == 0)
    #expect(folder.perform(.delete(path: bytes("a"))).result == -1)
  }

  @Test("reaches nothing outside, not even by a link")
  func staysInside() throws {
    let place = try Place()
    try Data("secret".utf8).write(to: URL(filePath: place.outside + "/secret"))
    let manager = FileManager.default
    try manager.createSymbolicLink(atPath: place.inside + "/folder", withDestinationPath: place.outside)
    try manager.createSymbolicLink(
      atPath: place.inside + "/file", withDestinationPath: place.outside + "/secret")
    var folder = try TaskFolder(path: place.inside)
    for path in ["folder/secret", "file", "../outside/secret", "sub/../../outside/secret"] {
      #expect(folder.perform(.open(path: bytes(path), flags: 0)).result == -1, "\(path)")
    }
    #expect(folder.perform(.list(path: bytes("folder"))).result == -1)
    #expect(folder.perform(.rename(from: bytes("folder/secret"), to: bytes("mine"))).result == -1)
    #expect(manager.fileExists(atPath: place.outside + "/secret"))
  }

  @Test("a named pipe does not hold up the executive, and only so many files are open")
  func bounds() throws {
    let place = try Place()
    #expect(mkfifo(place.inside + "/pipe", 0o600) == 0)
    var folder = try TaskFolder(path: place.inside)
    #expect(folder.perform(.open(path: bytes("pipe"), flags: 0)).result == 3)
    #expect(folder.perform(.read(descriptor: 3, count: 1)).result <= 0)
    let flags = TaskFolder.OpenFlags([.write, .create]).rawValue
    var results: [Int32] = []
    for number in 0..<TaskFolder.openLimit {
      results.append(folder.perform(.open(path: bytes("f\(number)"), flags: flags)).result)
    }
    #expect(results.last == -1)
    #expect(results.dropLast().allSatisfy { $0 > 3 })
  }

  @Test("is refused with the system's reason where there is none")
  func missing() {
    #expect(throws: SystemCallError.self) { _ = try TaskFolder(path: "/no/such/folder") }
  }

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}

/// A folder for the task and one beside it, gone with their owner.
private final class Place: Sendable {
  private let root: String

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "hsx-\(UUID().uuidString)").path
    for path in [inside, outside] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  var inside: String { root + "/inside" }
  var outside: String { root + "/outside" }
}
