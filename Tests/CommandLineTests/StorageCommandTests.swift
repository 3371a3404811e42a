import Foundation
import Testing

@Suite("hsx storage")
struct StorageCommandTests {
  private let folder: TemporaryFolder
  private let store: String

  init() throws {
    folder = try TemporaryFolder()
    store = folder.path("node.store")
  }

  private func content() throws -> Data { try Data(contentsOf: URL(filePath: store)) }

  private func put(_ bytes: Data) throws { try bytes.write(to: URL(filePath: store)) }

  private func storage(_ arguments: String...) throws -> Tool.Result {
    try Tool.run(["storage"] + arguments + [store])
  }

  @Test("a store is made once, and what is there is destroyed only by force")
  func formats() throws {
    #expect(try storage("format").status == 0)
    #expect(try content().count == 4 << 20)
    let before = try content()
    let again = try storage("format", "--json")
    #expect(again.status == 1)
    #expect(try again.object()["reason"] as? String == "storage_exists")
    #expect(again.errors.split(separator: "\n").count == 2)
    #expect(try content() == before)
    #expect(try Tool.run(["run", "--store", store, Tool.image("odometer")]).status == 0)
    #expect(try storage("format", "--force").status == 0)
    let values = try #require(try storage("dump", "--json").object()["values"] as? [Any])
    #expect(values.isEmpty)
  }

  @Test(
    "a blank file of the right size is formatted, any other content refused", arguments: [0, 7] as [UInt8])
  func foreignContent(byte: UInt8) throws {
    var content = Data(repeating: 0, count: 1 << 18)
    content[200_000] = byte
    try put(content)
    let result = try storage("format")
    #expect(result.status == (byte == 0 ? 0 : 1))
    #expect(try storage("check").status == (byte == 0 ? 0 : 1))
    if byte != 0 { #expect(try self.content() == content) }
  }

  @Test("a layout is as it was asked for, and one that does not fit leaves no file behind")
  func layouts() throws {
    #expect(try storage("format", "--size", "100").status == 1)
    #expect(try storage("format", "--size", "64K", "--layout", "ring=4x40K").status == 1)
    #expect(try storage("format", "--size", "64K", "--layout", "ring=1x4K").status == 1)
    #expect(try storage("format", "--size", "64Q").status == 2)
    #expect(try storage("format", "--layout", "rings=4x4K").status == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    let made = try storage("format", "--json", "--size", "64K", "--layout", "ring=4x4K,log=2x2K,slots=3x8K")
    let report = try made.object()
    #expect((report["pages"] as? [Any])?.count == 4)
    #expect((report["slots"] as? [Any])?.count == 3)
    #expect(try content().count == 65_536)
  }

  @Test("the pages of a new store have one age, and where the next turn goes is not where what counts stands")
  func newStore() throws {
    _ = try storage("format")
    let report = try storage("dump", "--json").object()
    let pages = try #require(report["pages"] as? [[String: Any]])
    #expect(pages.count == 16)
    #expect(pages.count { $0["current"] as? Bool == true } == 1)
    #expect(pages.count { $0["next"] as? Bool == true } == 1)
    #expect(pages.allSatisfy { !($0["next"] as? Bool == true && $0["current"] as? Bool == true) })
    let wear = try storage("wear", "--json").object()
    #expect(try #require(wear["spread"] as? Int) <= 1)
    #expect(wear["years_left"] is NSNull)
  }

  @Test("what a program stored is told with its bits, and nothing of it is changed by looking")
  func dumps() throws {
    _ = try Tool.run(["run", "--store", store, Tool.image("odometer")])
    let before = try content()
    let report = try storage("dump", "--json").object()
    let values = try #require(report["values"] as? [[String: Any]])
    #expect(values.count == 1)
    #expect(values.first?["key"] as? Int == 0x2001)
    #expect(values.first?["f16"] as? Int == Int(Float16(100).bitPattern))
    #expect(values.first?["generation"] as? Int == 0)
    for command in ["check", "dump", "wear"] { #expect(try storage(command).status == 0) }
    for command in ["slots", "history"] { #expect(try Tool.run([command, "--store", store]).status == 0) }
    #expect(try Tool.run(["history", "--audit", "--store", store]).status == 0)
    #expect(try content() == before)
  }

  @Test("wear tells the years left at a rate, in proportion to it")
  func wears() throws {
    for _ in 0..<3 { _ = try Tool.run(["run", "--store", store, Tool.image("odometer")]) }
    func years(_ perDay: String) throws -> Double {
      let wear = try storage("wear", "--json", "--rated", "100000", "--per-day", perDay).object()
      return try #require(wear["years_left"] as? Double)
    }
    let (slow, fast) = (try years("100"), try years("1000"))
    #expect(slow > 0)
    #expect(abs(slow / fast - 10) < 1e-6)
    #expect(try storage("wear", "--per-day", "0").status == 2)
  }

  @Test("a store cut to any length, or of random bytes, is refused with its reason", arguments: 0..<12)
  func cutOrRandom(number: Int) throws {
    _ = try storage("format", "--size", "64K")
    let whole = try content()
    var state = UInt64(number + 1)
    if number < 8 {
      try put(whole.prefix([0, 1, 63, 64, 127, 4096, 65_535, 30_000][number]))
    } else {
      try put(
        Data(
          whole.map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
          }))
    }
    for command in ["check", "dump", "wear"] {
      let result = try storage(command, "--json")
      #expect(result.status == 1)
      #expect(try result.object()["ok"] as? Bool == false)
      #expect(try result.object()["reason"] is String)
      #expect(result.errors.split(separator: "\n").count == 2)
    }
  }

  @Test("a superblock that is lost is damage, and the store is read by the other", arguments: [0, 4096])
  func superblocks(offset: Int) throws {
    _ = try Tool.run(["run", "--store", store, Tool.image("odometer")])
    var bytes = try content()
    for index in 0..<16 { bytes[offset + index] ^= 0x55 }
    try put(bytes)
    let report = try storage("check", "--json").object()
    #expect(report["ok"] as? Bool == false)
    #expect(report["reason"] as? String == "storage_damaged")
    let findings = try #require(report["findings"] as? [[String: Any]])
    #expect(findings.contains { $0["offset"] as? Int == offset && $0["severity"] as? String == "damage" })
    #expect((try storage("dump", "--json").object()["values"] as? [Any])?.count == 1)
  }

  @Test("a flipped bit in an image is damage, named by its slot")
  func damagedImage() throws {
    _ = try Tool.run(["persist", "--store", store, Tool.image("thermostat")])
    let slots = try #require(try storage("dump", "--json").object()["slots"] as? [[String: Any]])
    let offset = try #require(slots.first?["offset"] as? Int)
    var bytes = try content()
    bytes[offset + 300] ^= 4
    try put(bytes)
    let result = try storage("check")
    #expect(result.status == 1)
    #expect(result.text.contains("image in slot 0"))
    #expect(result.errors.contains("[EIO storage_damaged]"))
  }

  @Test("the map is as wide as the terminal, and has no escape sequence where there is none")
  func draws() throws {
    _ = try Tool.run(["run", "--store", store, Tool.image("odometer")])
    let text = try storage("dump").text
    #expect(!text.contains("\u{1B}"))
    #expect(text.contains("▶") && text.contains("→") && text.contains("█") && text.contains("░"))
  }

  @Test("erase units are for the file of an EEPROM, and are powers of two")
  func eraseUnits() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("node.store")
    let refused = try Tool.run(["storage", "format", "--json", "--erase-unit", "256", path])
    #expect(refused.status == 1)
    #expect(try refused.object()["reason"] as? String == "not_storage")
    #expect(!FileManager.default.fileExists(atPath: path))
    for options in [["--erase-unit", "100"], ["--erase-unit", "32"], ["--write-unit", "8"]] {
      #expect(try Tool.run(["storage", "format"] + options + [path]).status == 2)
    }
    let units = ["--erase-unit", "256", "--write-unit", "3"]
    #expect(try Tool.run(["storage", "format"] + units + [path]).status == 2)
  }

  @Test("a store that another process writes to is not looked at")
  func inUse() throws {
    _ = try storage("format")
    let descriptor = open(store, O_RDWR)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    let result = try storage("check", "--json")
    #expect(result.status == 1)
    #expect(try result.object()["reason"] as? String == "storage_in_use")
  }
}
