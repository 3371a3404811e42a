import HSXHAL
import HSXRegistry
import HXE
import Testing

/// A task's memory to write descriptors in.
struct Memory {
  var bytes = [UInt8](repeating: 0, count: 0x1_0000)

  mutating func put(_ address: Int, _ content: [UInt8]) {
    for (index, byte) in content.enumerated() { bytes[(address + index) & 0xFFFF] = byte }
  }
  mutating func put(_ address: Int, _ text: String) { put(address, Array(text.utf8) + [0]) }
}

private func chainError(_ memory: Memory, at address: UInt32) -> ChainError? {
  do throws(ChainError) {
    _ = try DescriptorChain(at: address, in: memory.bytes.span)
    return nil
  } catch { return error }
}

@Suite("A chain of descriptors")
struct ChainTests {
  @Test("says all that its descriptors say, in any order")
  func all() throws {
    var memory = Memory()
    memory.put(0x4000, "heat")
    memory.put(0x4010, "setpoint")
    memory.put(0x5000, [4, 0, 0x20, 0x50, 0x01, 0x02, 0x03, 0x04])
    memory.put(0x5020, [1, 9, 0x40, 0x50, 0x00, 0x40])
    memory.put(0x5040, [2, 0, 0x60, 0x50, 0x10, 0x40])
    memory.put(0x5060, [3, 0, 0x80, 0x50, 0x43, 0x00, 0x00, 0x00, 0x05, 0x06, 0x07, 0x08])
    memory.put(0x5080, [99, 0, 0xA0, 0x50])
    memory.put(0x50A0, [5, 0, 0xFF, 0xFF, 0x09, 0x0A, 0x0B, 0x0C])
    let chain = try DescriptorChain(at: 0x5000, in: memory.bytes.span)
    #expect(chain.minimum == 0x0201 && chain.maximum == 0x0403)
    #expect(chain.groupName == TextRange(start: 0x4000, count: 4))
    #expect(chain.name == TextRange(start: 0x4010, count: 8))
    #expect(chain.unit == TextRange(start: 0x5064, count: 1))
    #expect(chain.epsilon == 0x0605 && chain.rateMilliseconds == 0x0807)
    #expect(chain.persistKey == 0x0A09 && chain.debounceMilliseconds == 0x0C0B)
    var registry = Registry(limits: .desktop)
    let stored = [StoredValue(key: 0x0A09, bits: 0x0301)]
    let made = try registry.registerValue(
      oid, flags: .bool, chain: chain, in: memory.bytes.span, owner: 1, stored: stored)
    let value = try #require(registry.values[oid])
    #expect(made.isNew && text(registry, value.name) == "setpoint" && text(registry, value.unit) == "C")
    #expect(value.rateMilliseconds == 0x0807 && value.debounceMilliseconds == 0x0C0B && value.bits == 0x0301)
  }

  @Test("of a command gives its name and what it does")
  func command() throws {
    var memory = Memory()
    memory.put(0x4000, "reset")
    memory.put(0x4010, "Does it")
    memory.put(0x5000, [16, 0, 0, 0, 0x00, 0x40, 0x10, 0x40])
    let chain = try DescriptorChain(at: 0x5000, in: memory.bytes.span)
    var registry = Registry(limits: .desktop)
    let made = try registry.registerCommand(
      oid, flags: .async, handler: 16, chain: chain, in: memory.bytes.span, owner: 1)
    let command = try #require(registry.commands[oid])
    #expect(
      made.isNew && text(registry, command.name) == "reset" && text(registry, command.help) == "Does it")
    let again = try registry.registerCommand(
      oid, flags: [], handler: 20, chain: DescriptorChain(), in: memory.bytes.span, owner: 1)
    #expect(!again.isNew && registry.commands[oid]?.handler == 20)
    #expect(text(registry, registry.commands[oid]?.name) == "reset")
  }

  @Test("at 0 or 0xFFFF says nothing")
  func absent() throws {
    let memory = Memory()
    let nothing: [UInt8] = []
    let first = try DescriptorChain(at: 0, in: memory.bytes.span)
    let second = try DescriptorChain(at: 0xFFFF, in: nothing.span)
    #expect(first == DescriptorChain() && second == DescriptorChain())
  }

  @Test("that is malformed is refused, with the place")
  func malformed() {
    var memory = Memory()
    memory.put(0x5000, [2, 0, 0x00, 0x50, 0, 0])
    #expect(chainError(memory, at: 0x5000) == .repeated(type: 2, address: 0x5000))
    memory.put(0x6000, [77, 0, 0x00, 0x60])
    #expect(chainError(memory, at: 0x6000) == .tooLong)
    memory.put(0x6100, [9, 0, 0x00, 0x62])
    memory.put(0x6200, [9, 0, 0x00, 0x61])
    #expect(chainError(memory, at: 0x6100) == .tooLong)
    memory.put(0xFFFC, [4, 0, 0, 0])
    #expect(chainError(memory, at: 0xFFFC) == .outOfBounds(address: 0xFFFC))
    #expect(chainError(memory, at: 0x1_0000) == .outOfBounds(address: 0x1_0000))
    #expect(chainError(memory, at: .max) == .outOfBounds(address: .max))
    memory.put(0xFFFC, [0, 0, 0x61, 0x62])
    memory.put(0x7000, [2, 0, 0, 0, 0xFE, 0xFF])
    #expect(chainError(memory, at: 0x7000) == .stringUnterminated(address: 0xFFFE))
    memory.put(0x8000, [UInt8](repeating: 0x61, count: 256))
    memory.put(0x7100, [2, 0, 0, 0, 0x00, 0x80])
    #expect(chainError(memory, at: 0x7100) == .stringUnterminated(address: 0x8000))
    memory.put(0x80FF, [0])
    #expect(chainError(memory, at: 0x7100) == nil)
    memory.put(0x8000, [0xC3, 0])
    #expect(chainError(memory, at: 0x7100) == .stringNotUTF8(address: 0x8000))
  }

  @Test("of random bytes is read or refused, never a crash")
  func random() {
    var seeded = Seeded(3)
    for _ in 0..<300 {
      var memory = Memory()
      for _ in 0..<2_000 {
        memory.put(Int.random(in: 0...0xFFFF, using: &seeded), [UInt8.random(in: 0...20, using: &seeded)])
      }
      for _ in 0..<20 { _ = chainError(memory, at: UInt32.random(in: 0...0x1_0010, using: &seeded)) }
    }
  }

  @Test("given again for one's own value changes what it says and keeps the rest; another's is refused")
  func again() throws {
    var memory = Memory()
    memory.put(0x4000, "new")
    var registry = try registry { $0.value(1, 2, "old", group: "g", initial: 3, range: 0...9, key: 7) }
    var chain = DescriptorChain()
    chain.name = TextRange(start: 0x4000, count: 3)
    let made = try registry.registerValue(oid, flags: .sticky, chain: chain, in: memory.bytes.span, owner: 1)
    let value = try #require(registry.values[oid])
    #expect(!made.isNew && value.bits == half(3) && value.flags == .sticky && value.maximum == half(9))
    #expect(text(registry, value.name) == "new" && text(registry, value.groupName) == "g")
    #expect(registry.strings.usedBytes == 4 && value.persistKey == 7)
    let before = registry.fingerprint
    var refused: RegistryError?
    do throws(RegistryError) {
      _ = try registry.registerValue(oid, flags: [], chain: chain, in: memory.bytes.span, owner: 2)
    } catch { refused = error }
    #expect(refused == .valueExists(oid, owner: 1) && registry.fingerprint == before)
  }
}
