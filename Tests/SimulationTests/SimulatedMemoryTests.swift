import HSXHAL
import HSXSimulation
import Testing

@Suite("A simulated memory")
struct SimulatedMemoryTests {
  static func memory(_ family: MemoryFamily, unit: Int = 4, erased: UInt8 = 0xFF) throws -> SimulatedMemory {
    let geometry = try #require(
      Geometry(
        size: 256, writeUnit: unit, eraseUnit: family == .fram ? 0 : 64, erasedValue: erased, ratedCycles: 0))
    return SimulatedMemory(family, geometry)
  }

  static func content(_ memory: SimulatedMemory) -> [UInt8] {
    (0..<memory.geometry.size).map { memory.byte(at: $0) }
  }

  /// Programs; what went wrong, nil if nothing.
  static func program(_ bytes: [UInt8], _ offset: Int, _ memory: inout SimulatedMemory) -> MemoryFault? {
    do { try memory.program(bytes.span, at: offset) } catch { return error }
    return nil
  }

  static func erase(_ sector: Int, _ memory: inout SimulatedMemory) -> MemoryFault? {
    do { try memory.erase(sector: sector) } catch { return error }
    return nil
  }

  static func read(_ offset: Int, _ count: Int, _ memory: inout SimulatedMemory) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    do { try memory.read(at: offset, into: &span) } catch { return nil }
    return bytes
  }

  @Test("does what a plain array does, whatever is asked in order", arguments: MemoryFamily.allCases)
  func plain(family: MemoryFamily) throws {
    var memory = try Self.memory(family)
    var plain = Self.content(memory)
    var used = Set<Int>()
    var random = SeededGenerator(seed: 5)
    for _ in 0..<400 {
      let unit = Int(random.next() % 64)
      if family != .fram, random.next() % 8 == 0 {
        let sector = unit / 16
        #expect(Self.erase(sector, &memory) == nil)
        for place in sector * 64..<sector * 64 + 64 { plain[place] = 0xFF }
        used = used.filter { $0 / 16 != sector }
      } else if family == .fram || used.insert(unit).inserted {
        let bytes = (0..<4).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        #expect(Self.program(bytes, unit * 4, &memory) == nil)
        plain.replaceSubrange(unit * 4..<unit * 4 + 4, with: bytes)
      }
      if random.next() % 5 == 0 { try memory.sync() }
      #expect(Self.read(unit, 40, &memory) == Array(plain[unit..<unit + 40]))
    }
    #expect(memory.violations.isEmpty)
  }

  @Test("refuses what no caller may ask, changes nothing, and remembers it")
  func violations() throws {
    var memory = try Self.memory(.nor)
    memory.protected = [128..<192]
    #expect(Self.program([1, 2, 3, 4], 8, &memory) == nil)
    let before = Self.content(memory)
    #expect(Self.program([1, 2, 3, 4], 8, &memory) == .misused(at: 8))
    #expect(Self.program([1, 2, 3, 4], 10, &memory) == .misused(at: 10))
    #expect(Self.program([1, 2], 12, &memory) == .misused(at: 12))
    #expect(Self.program([1, 2, 3, 4], 256, &memory) == .misused(at: 256))
    #expect(Self.program([1, 2, 3, 4], 128, &memory) == .misused(at: 128))
    #expect(Self.erase(2, &memory) == .misused(at: 128))
    #expect(Self.erase(4, &memory) == .misused(at: 256))
    #expect(Self.read(250, 10, &memory) == nil)
    #expect(Self.content(memory) == before)
    #expect(
      memory.violations == [
        .usedTwice(offset: 8), .misaligned(offset: 10, count: 4), .misaligned(offset: 12, count: 2),
        .outside(offset: 256, count: 4), .protected(offset: 128), .protected(offset: 128),
        .outside(offset: 256, count: 64), .outside(offset: 250, count: 10),
      ])
    var fram = try Self.memory(.fram)
    #expect(Self.erase(0, &fram) == .misused(at: 0))
  }

  @Test("loses its power at each byte of a program: those before are new, those behind are old")
  func prefix() throws {
    for family in [MemoryFamily.nor, .fram] {
      for cut in 0..<8 {
        var memory = try Self.memory(family)
        let before = Self.content(memory)
        memory.cut(after: cut, Tear(.prefix))
        #expect(Self.program([1, 2, 3, 4, 5, 6, 7, 8], 16, &memory) == .refused(at: 16))
        #expect(!memory.isPowered)
        #expect(Self.read(0, 1, &memory) == nil)
        memory.powerUp()
        let expected = Array([1, 2, 3, 4, 5, 6, 7, 8].prefix(cut)) + before[16 + cut..<24]
        #expect(Self.read(16, 8, &memory) == expected)
        #expect(Self.read(0, 16, &memory) == Array(before[0..<16]))
      }
    }
  }

  @Test("a word that was cut short may be programmed only after an erase, though it looks erased")
  func interrupted() throws {
    var memory = try Self.memory(.nor)
    memory.cut(after: 0, Tear(.prefix))
    _ = Self.program([1, 2, 3, 4], 0, &memory)
    memory.powerUp()
    #expect(Self.read(0, 4, &memory) == [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(Self.program([1, 2, 3, 4], 0, &memory) == .misused(at: 0))
    #expect(Self.erase(0, &memory) == nil)
    #expect(Self.program([1, 2, 3, 4], 0, &memory) == nil)
  }

  @Test("a weak word reads as its history says, boot by boot, and an erase ends that")
  func weak() throws {
    for family in [MemoryFamily.nor, .eccNOR] {
      let history = try #require(WeakHistory(digits: "0121"))
      var memory = try Self.memory(family)
      memory.cut(after: 5, Tear(.weak(history)))
      _ = Self.program([1, 2, 3, 4, 5, 6, 7, 8], 0, &memory)
      var readings: [[UInt8]?] = []
      for _ in 0..<6 {
        memory.powerUp()
        #expect(Self.read(0, 4, &memory) == [1, 2, 3, 4])
        readings.append(Self.read(4, 4, &memory))
      }
      let old: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
      #expect(readings[0] == old && readings[4] == old)
      for boot in [1, 3, 5] { #expect(readings[boot] == [5, 6, 7, 8]) }
      #expect(family == .nor ? readings[2] != nil : readings[2] == nil)
      #expect(Self.erase(0, &memory) == nil)
      for _ in 0..<4 {
        memory.powerUp()
        #expect(Self.read(4, 4, &memory) == old)
      }
    }
  }

  @Test("an erase that is cut short leaves its share, or a whole sector that is weak")
  func tornErase() throws {
    var memory = try Self.memory(.nor, erased: 0)
    _ = Self.program([UInt8](repeating: 0xAA, count: 64), 64, &memory)
    try memory.sync()
    var half = memory
    half.cut(after: 16, Tear(.prefix))
    #expect(Self.erase(1, &half) == .refused(at: 64))
    half.powerUp()
    #expect(
      Self.read(64, 64, &half) == [UInt8](repeating: 0, count: 32) + [UInt8](repeating: 0xAA, count: 32))
    #expect(Self.program([1, 1, 1, 1], 64, &half) == .misused(at: 64))
    let history = try #require(WeakHistory(digits: "10"))
    memory.cut(after: 3, Tear(.weak(history)))
    #expect(Self.erase(1, &memory) == .refused(at: 64))
    for boot in 0..<4 {
      memory.powerUp()
      #expect(Self.read(64, 64, &memory) == [UInt8](repeating: boot % 2 == 0 ? 0 : 0xAA, count: 64))
    }
  }

  @Test("what no sync made lasting may be lost in any part; what one did may not")
  func lost() throws {
    for mask in 0..<8 as Range<UInt64> {
      var memory = try Self.memory(.fram)
      _ = Self.program([9, 9, 9, 9], 0, &memory)
      try memory.sync()
      for index in 0..<3 { _ = Self.program([1, 2, 3, 4], index * 4, &memory) }
      #expect(memory.pendingCount == 3)
      memory.cutNow(lost: mask)
      memory.powerUp()
      for index in 0..<3 {
        let old: [UInt8] = index == 0 ? [9, 9, 9, 9] : [0, 0, 0, 0]
        #expect(Self.read(index * 4, 4, &memory) == (mask >> UInt64(index) & 1 == 1 ? old : [1, 2, 3, 4]))
      }
    }
  }

  @Test("what an error-correcting code cannot mend is unreadable alone, until it is erased")
  func unreadable() throws {
    var memory = try Self.memory(.eccNOR, unit: 8)
    memory.cut(after: 10, Tear(.prefix))
    _ = Self.program([UInt8](repeating: 7, count: 16), 0, &memory)
    memory.powerUp()
    #expect(Self.read(0, 8, &memory) == [UInt8](repeating: 7, count: 8))
    #expect(Self.read(8, 8, &memory) == nil)
    #expect(Self.read(16, 8, &memory) == [UInt8](repeating: 0xFF, count: 8))
    #expect(Self.erase(0, &memory) == nil)
    #expect(Self.read(0, 16, &memory) == [UInt8](repeating: 0xFF, count: 16))
  }

  @Test("fails as it was told: once or for good, and its bits stick and flip")
  func failing() throws {
    var memory = try Self.memory(.nor)
    memory.fail(MemoryFailure(.program, after: 1, isLasting: false))
    memory.fail(MemoryFailure(.erase, after: 0, isLasting: true))
    #expect(Self.program([0, 0, 0, 0], 0, &memory) == nil)
    #expect(Self.program([0, 0, 0, 0], 4, &memory) == .refused(at: 4))
    #expect(Self.program([0, 0, 0, 0], 8, &memory) == nil)
    #expect(Self.erase(0, &memory) == .refused(at: 0))
    #expect(Self.erase(1, &memory) == .refused(at: 64))
    memory.stick(bit: 17, isSet: true)
    memory.flip(bit: 0)
    #expect(Self.read(0, 4, &memory) == [1, 0, 0xFF, 0xFF].prefix(2) + [2, 0])
  }

  @Test("a tear is spelled as it is read")
  func spelling() throws {
    let history = try #require(WeakHistory(digits: "0212"))
    for tear in [
      Tear(.prefix), Tear(.bits(seed: 7), lost: 3), Tear(.scattered(seed: 99)),
      Tear(.weak(history), lost: .max),
    ] { #expect(Tear(tear.description) == tear) }
    for text in ["", "x", "w3", "pL", "b", "w"] { #expect(Tear(text) == nil) }
  }
}
