import Foundation
import HSXExecutive
import HSXHAL
import HSXPersistence
import Testing

@testable import HSXLinux

@Suite("An EEPROM by its file")
struct EEPROMMemoryTests {
  @Test("keeps its size, and reads and programs at every offset")
  func everyOffset() throws {
    let place = try Workshop()
    let path = try place.write([UInt8](repeating: 0xFF, count: 256), to: "eeprom")
    var memory = try EEPROMMemory(opening: path, access: .exclusive)
    #expect(
      memory.geometry == Geometry(size: 256, writeUnit: 1, eraseUnit: 0, erasedValue: 0xFF, ratedCycles: 0))
    for offset in 0..<256 { try memory.write([UInt8(offset)], at: offset) }
    try memory.sync()
    #expect(try place.bytes(of: "eeprom") == (0..<256).map { UInt8($0) })
    #expect(throws: MemoryFault.misused(at: 255)) { try memory.write([1, 2], at: 255) }
    #expect(try memory.bytes(at: 100, 3) == [100, 101, 102])
    #expect(throws: MemoryFault.misused(at: 0)) { try memory.erase(sector: 0) }
  }

  @Test("with erase units, erases one and no other")
  func eraseUnits() throws {
    let place = try Workshop()
    let path = try place.write([UInt8](repeating: 0, count: 512), to: "eeprom")
    var memory = try EEPROMMemory(
      opening: path, access: .exclusive, writeUnit: 8, eraseUnit: 128, ratedCycles: 1_000_000)
    try memory.erase(sector: 2)
    var expected = [UInt8](repeating: 0, count: 512)
    expected.replaceSubrange(256..<384, with: repeatElement(0xFF, count: 128))
    #expect(try place.bytes(of: "eeprom") == expected)
    for sector in [-1, 4, Int.max, Int.min] {
      #expect(throws: MemoryFault.misused(at: 0)) { try memory.erase(sector: sector) }
    }
    #expect(throws: MemoryFault.misused(at: 4)) { try memory.write([UInt8](repeating: 1, count: 8), at: 4) }
    #expect(throws: MemoryFault.misused(at: 8)) { try memory.write([1], at: 8) }
  }

  @Test(
    "whole words are asked of a driver with words, and the bytes between them given", arguments: [1, 4, 8])
  func words(unit: Int) throws {
    let place = try Workshop()
    let path = try place.write((0..<128).map { UInt8($0) }, to: "eeprom")
    var memory = try EEPROMMemory(opening: path, access: .readOnly, writeUnit: unit)
    for offset in [0, 1, 3, 4, 63, 120, 127] {
      for count in [0, 1, 2, 5, 8, 64] where offset + count <= 128 {
        #expect(try memory.bytes(at: offset, count) == (offset..<offset + count).map { UInt8($0) })
      }
    }
  }

  @Test("what cannot be a chip is refused")
  func refusals() throws {
    let place = try Workshop()
    let small = try place.write([1, 2, 3], to: "small")
    #expect(
      cause { try EEPROMMemory(opening: small, access: .exclusive) }
        == .size(found: 3, allowed: EEPROMMemory.sizes))
    let odd = try place.write([UInt8](repeating: 0, count: 1_000), to: "odd")
    #expect(
      cause { try EEPROMMemory(opening: odd, access: .exclusive, eraseUnit: 256) }
        == .size(found: 1_000, allowed: EEPROMMemory.sizes))
    #expect(cause { try EEPROMMemory(opening: "/dev/null", access: .exclusive) } == .kind(.characterDevice))
    #expect(cause { try MTDMemory(opening: odd, access: .exclusive) } == .kind(.file))
  }

  @Test(
    "a store's units are found again, by either superblock; without a store there are none",
    arguments: [(1, 0), (1, 64), (8, 256), (16, 1024), (1, 4096)])
  func unitsOfTheStore(writeUnit: Int, eraseUnit: Int) throws {
    let place = try Workshop()
    let path = try place.write([UInt8](repeating: 0xFF, count: 0x1_0000), to: "eeprom")
    func found() throws -> Geometry { try EEPROMMemory(asFormatted: path, access: .readOnly).geometry }
    let asFRAM = try #require(
      Geometry(size: 0x1_0000, writeUnit: 1, eraseUnit: 0, erasedValue: 0xFF, ratedCycles: 0))
    #expect(try found() == asFRAM)
    let expected = try {
      var memory = try EEPROMMemory(
        opening: path, access: .exclusive, writeUnit: writeUnit, eraseUnit: eraseUnit)
      let layout = try #require(Layout.standard(for: memory.geometry))
      _ = try StateStore.format(layout, in: &memory)
      return memory.geometry
    }()
    #expect(expected.eraseUnit == eraseUnit)
    #expect(try found() == expected)
    let whole = try place.bytes(of: "eeprom")
    let second = eraseUnit == 0 ? 64 : eraseUnit
    for copy in [0, second] {
      var damaged = whole
      damaged.replaceSubrange(copy..<copy + 64, with: repeatElement(0x5A, count: 64))
      _ = try place.write(damaged, to: "eeprom")
      #expect(try found() == expected)
      var memory = try EEPROMMemory(asFormatted: path, access: .exclusive)
      #expect(try StateStore(mounting: &memory).condition.contains(.superblockDamaged))
    }
    var damaged = whole
    for copy in [0, second] {
      damaged.replaceSubrange(copy..<copy + 64, with: repeatElement(0x5A, count: 64))
    }
    _ = try place.write(damaged, to: "eeprom")
    #expect(try found() == asFRAM)
  }

  @Test("the device is picked by what the path is")
  func picked() throws {
    let place = try Workshop()
    let path = try place.write([UInt8](repeating: 0, count: 1_000), to: "store")
    let device = try StorageDevice.open(path: path, access: .exclusive)
    #expect(device.geometry.erasedValue == 0xFF)
    #expect(device.geometry.eraseUnit == 0)
    #expect(device.geometry.size == 1_000)
    #expect(
      cause { try StorageDevice.open(path: "/dev/null", access: .exclusive) } == .kind(.characterDevice))
    // The file system knows that this is a device's, whatever it looks like.
    if FileManager.default.fileExists(atPath: "/sys/kernel/uevent_seqnum") {
      #expect(try PathKind(at: "/sys/kernel/uevent_seqnum") == .sysfsFile)
    }
  }
}
