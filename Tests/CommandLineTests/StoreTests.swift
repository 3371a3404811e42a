import Foundation
import Testing

@Suite("hsx run --store")
struct StoreTests {
  /// Adds 1 to a stored value a hundred times, with a millisecond between, and then sleeps on: it ends only if it is
  /// killed, however slow the machine is.
  private static let walker = """
    .value {"group":2,"id":1,"name":"trips","flags":"PERSIST","init":0.0,"min":0.0,"max":2047.0,"persist_key":8193}
    .text
    .entry main
    main:
        LDI R8, 100
        LDI R9, 1
        I2F R10, R9
    again:
        LDI32 R1, 0x0201
        SVC 0x702
        FADD R2, R0, R10
        LDI32 R1, 0x0201
        SVC 0x703
        LDI R0, 1
        SVC 0x600
        SUB R8, R8, R9
        JNZ again
    rest:
        LDI R0, 1000
        SVC 0x600
        JMP rest
    """

  private func trips(_ report: [String: Any]) throws -> Double {
    let values = try #require(report["values"] as? [[String: Any]])
    return try #require(values.first?["last_value"] as? Double)
  }

  @Test("the second run goes on from what the first stored, and no file is made without being asked for")
  func goesOn() throws {
    let folder = try TemporaryFolder()
    let store = folder.path("node.store")
    for number in 1...3 {
      let report = try Tool.run(["run", "--json", "--store", store, Tool.image("odometer")]).object()
      #expect(try trips(report) == Double(number * 100))
      let events = try #require(report["events"] as? [[String: Any]])
      let stored = events.filter { $0["type"] as? String == "value_stored" }
      let data = try #require(stored.last?["data"] as? [String: Any])
      #expect(data["oid"] as? Int == 0x0201)
      #expect(data["f16"] as? Int == Int(Float16(number * 100).bitPattern))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["node.store"])
    let without = try Tool.run(["run", "--json", Tool.image("odometer")]).object()
    #expect(try trips(without) == 100)
  }

  @Test("what is no store is never formatted", arguments: [0, 1, 100, 4 << 20])
  func foreignFile(size: Int) throws {
    let folder = try TemporaryFolder()
    let store = folder.path("something")
    let content = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) })
    try content.write(to: URL(filePath: store))
    let result = try Tool.run(["run", "--store", store, Tool.image("odometer")])
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("hsx: \(store): "))
    #expect(result.errors.contains("unformatted]") || result.errors.contains("not_storage]"))
    #expect(try Data(contentsOf: URL(filePath: store)) == content)
  }

  @Test("a folder is refused")
  func folder() throws {
    let folder = try TemporaryFolder()
    let result = try Tool.run(["run", "--store", folder.path, Tool.image("odometer")])
    #expect(result.status == 1)
    #expect(result.errors.contains("[EINVAL not_storage]"))
  }

  @Test("only one process has a store at a time")
  func inUse() throws {
    let folder = try TemporaryFolder()
    let store = folder.path("node.store")
    let image = try build(folder)
    let first = try Tool.start(["run", "--events", "--store", store, image])
    defer { first.kill() }
    #expect(try first.line(containing: "value_stored") != nil)
    let second = try Tool.run(["run", "--store", store, image])
    #expect(second.status == 1)
    #expect(second.errors.contains("[EBUSY storage_in_use]"))
  }

  @Test("killed at any moment, it goes on from the last value acknowledged or a later one")
  func killed() throws {
    let folder = try TemporaryFolder()
    let store = folder.path("node.store")
    let image = try build(folder)
    let times = ProcessInfo.processInfo.environment["HSX_KILLS"].flatMap { Int($0) } ?? 20
    var random = SystemRandomNumberGenerator()
    var acknowledged = 0.0
    for number in 0..<times {
      let process = try Tool.start(["run", "--events", "--store", store, image])
      // From before the store is opened to behind many a write.
      let acknowledgements = Int.random(in: 0...12, using: &random)
      for _ in 0..<acknowledgements {
        let line = try #require(try process.line(containing: "value_stored"))
        // Behind its last step there is none to wait for.
        if try value(acknowledgedIn: line) == acknowledged + 100 { break }
      }
      usleep(UInt32.random(in: 0...20_000, using: &random))
      #expect(process.kill(), "kill \(number): it had ended by itself")
      var last = acknowledged
      for line in try process.rest() {
        guard let value = try value(acknowledgedIn: line) else { continue }
        #expect(value >= last, "kill \(number)")
        last = value
      }
      let check = try Tool.run(["run", "--json", "--max-steps", "0", "--store", store, image])
      let found = try trips(try check.object())
      #expect(found >= last, "kill \(number): \(last) was acknowledged, and \(found) is there")
      #expect(found <= last + 100)
      acknowledged = found
      guard found > 1800 else { continue }
      try FileManager.default.removeItem(atPath: store)
      acknowledged = 0
    }
  }

  @Test("a damaged store is read, or refused with a reason; what may be old is never shown without a word")
  func damaged() throws {
    let folder = try TemporaryFolder()
    let store = folder.path("node.store")
    for _ in 0..<2 { _ = try Tool.run(["run", "--store", store, Tool.image("odometer")]) }
    let sound = try Data(contentsOf: URL(filePath: store))
    var state: UInt64 = 7
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for number in 0..<24 {
      var bytes = sound
      switch number % 4 {
      // Where the superblocks and the first page of the ring are, and anywhere.
      case 0: bytes[[0, 4096, 0x2000][number / 4 % 3] + random(128)] ^= 1 << UInt8(random(8))
      case 1: bytes[random(bytes.count)] ^= 1 << UInt8(random(8))
      case 2: bytes = bytes.prefix(random(bytes.count))
      default:
        let start = random(0x3000)
        for index in start..<start + 1 + random(200) { bytes[index] = UInt8(random(256)) }
      }
      try bytes.write(to: URL(filePath: store))
      let result = try Tool.run([
        "run", "--json", "--max-steps", "0", "--store", store, Tool.image("odometer"),
      ])
      #expect(result.status == 1, "\(number)")
      guard let object = try? result.object(), object["values"] != nil else {
        #expect(result.errors.hasPrefix("hsx: \(store): "), "\(number)")
        #expect(result.errors.contains("]"))
        continue
      }
      let isTold = ["degraded]", "last_update_unknown]"].contains { result.errors.contains($0) }
      let value = try trips(object)
      #expect(value == 200 || isTold, "\(number): \(value)")
    }
  }

  /// The value that a line of JSON says is stored; nil if it says something else.
  private func value(acknowledgedIn line: String) throws -> Double? {
    let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    guard event?["type"] as? String == "value_stored" else { return nil }
    return try #require((event?["data"] as? [String: Any])?["value"] as? Double)
  }

  private func build(_ folder: TemporaryFolder) throws -> String {
    let image = folder.path("walker.hxe")
    let built = try Tool.run(["image", "build", "-", "-o", image], input: Array(Self.walker.utf8))
    try #require(built.status == 0)
    return image
  }
}
