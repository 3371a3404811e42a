import HSXHAL
import HSXSimulation
import Testing

@testable import HSXPersistence

@Suite struct LayoutTests {
  func nor(_ size: Int, _ unit: Int = 4096) throws -> Geometry {
    try #require(Geometry(size: size, writeUnit: 8, eraseUnit: unit, erasedValue: 0xFF, ratedCycles: 100_000))
  }

  func fram(_ size: Int) throws -> Geometry {
    try #require(Geometry(size: size, writeUnit: 1, eraseUnit: 0, erasedValue: 0xFF, ratedCycles: 0))
  }

  @Test("the four layouts of the specification are as it says")
  func named() throws {
    let small = try #require(Layout.standard(for: fram(8192)))
    #expect(small.ring == Ring(offset: 128, pageSize: 3584, pageCount: 2))
    #expect(small.log.pageCount == 2 && small.slotCount == 0)
    let flash = try #require(Layout.standard(for: nor(0x1_0000)))
    #expect(flash.ring == Ring(offset: 8192, pageSize: 4096, pageCount: 12))
    #expect(flash.log == Ring(offset: 14 * 4096, pageSize: 4096, pageCount: 2))
    let large = try #require(Layout.standard(for: nor(0x4_0000)))
    #expect(large.ring.pageCount == 8 && large.log.pageCount == 4 && large.trust.count == 2 * 4096)
    #expect(large.slotCount == 3 && large.slotSize == 16 * 4096)
    let file = try #require(Layout.standard(for: fram(0x40_0000)))
    #expect(file.ring.pageSize == 8192 && file.ring.pageCount == 16)
    #expect(file.slotCount == 32 && file.slotSize == 120 * 1024)
    #expect(file.log.pageSize * file.log.pageCount == 65_536)
    #expect(file.offset(ofSlot: 32) <= 0x40_0000)
  }

  @Test("every memory that is not too small has a standard layout, and a store on it works")
  func sizes() throws {
    var geometries: [Geometry] = []
    for size in [1024, 2048, 4096, 0x4000, 0x1_0000, 0x1_8000, 0x2_0000, 0x4_0000, 0x10_0000, 0x20_0000] {
      geometries.append(try fram(size))
    }
    for unit in [256, 512, 2048, 4096, 0x4000] {
      for units in [7, 8, 16, 40, 63, 64, 200] where unit * units >= 7 * 2048 {
        geometries.append(try nor(unit * units, unit))
      }
    }
    for geometry in geometries {
      let layout = try #require(Layout.standard(for: geometry), "\(geometry)")
      var memory = SimulatedMemory(geometry.eraseUnit == 0 ? .fram : .nor, geometry)
      var store = try Store<64>.format(layout, in: &memory)
      for key: UInt16 in 1...16 { try store.setValue(key &* 3, of: key, generation: 1, in: &memory) }
      let again = try Store<64>(mounting: &memory)
      #expect(again.layout == layout && again.condition == [])
      for key: UInt16 in 1...16 { #expect(again.value(of: key, generation: 1) == key &* 3) }
      #expect(memory.violations == [])
    }
    #expect(Layout.standard(for: try nor(6 * 4096)) == nil)
    #expect(Layout.standard(for: try fram(512)) == nil)
  }

  @Test("erase units smaller than a superblock are taken together", arguments: [16, 32, 48, 64], [8, 16])
  func smallEraseUnits(_ unit: Int, _ writeUnit: Int) throws {
    let geometry = try #require(
      Geometry(
        size: 0x6000, writeUnit: writeUnit, eraseUnit: unit, erasedValue: 0xFF, ratedCycles: 100_000))
    #expect(Layout.superblock(1, geometry) >= 64)
    #expect(Layout.superblock(1, geometry) % unit == 0)
    let layout = try #require(Layout.standard(for: geometry))
    var memory = SimulatedMemory(.nor, geometry)
    var store = try Store<64>.format(layout, in: &memory)
    for round: UInt16 in 0..<3 {
      for key: UInt16 in 1...16 { try store.setValue(key &* 3 &+ round, of: key, generation: 1, in: &memory) }
      store = try Store<64>(mounting: &memory)
      #expect(store.layout == layout && store.condition == [])
      for key: UInt16 in 1...16 { #expect(store.value(of: key, generation: 1) == key &* 3 &+ round) }
    }
    #expect(memory.violations == [])
    // Parts that begin where the superblocks end fit, earlier ones do not.
    for offset in stride(from: 0, to: 4 * 64, by: unit) {
      let fitted = Layout(
        ring: Ring(offset: offset, pageSize: 768, pageCount: 3),
        log: Ring(offset: 0, pageSize: 0, pageCount: 0),
        trust: 0..<0, slotsOffset: 0, slotSize: 0, slotCount: 0, validating: geometry)
      #expect((fitted != nil) == (offset >= 2 * ((63 + unit) / unit * unit)))
    }
  }

  @Test("a memory that was never formatted is reported, whatever is in it, and nothing is written to it")
  func unformatted() throws {
    for fill: UInt8 in [0, 0xFF, 0x48] {
      var memory = SimulatedMemory(.fram, try fram(8192))
      try memory.program([UInt8](repeating: fill, count: 8192).span, at: 0)
      let programs = memory.programs
      #expect(failure { _ = try Store<64>(mounting: &memory) } == .unformatted)
      #expect(memory.programs == programs)
    }
  }

  @Test(
    "a cut anywhere in a format leaves a memory that is unformatted or formatted, never the old one's values")
  func cutFormat() throws {
    let geometry = try nor(7 * 2048, 2048)
    let layout = try #require(Layout.standard(for: geometry))
    var fresh = SimulatedMemory(.nor, geometry)
    var old = try Store<64>.format(layout, in: &fresh)
    try old.setValue(77, of: 1, generation: 0, in: &fresh)
    var step = 0
    var isWhole = false
    while !isWhole {
      var memory = fresh
      memory.cut(after: step, Tear(.prefix, lost: UInt64(truncatingIfNeeded: step &* 0x9E37)))
      isWhole = failure { _ = try Store<64>.format(layout, in: &memory) } == nil
      memory.cancelCut()
      memory.powerUp()
      do throws(StoreError) {
        let store = try Store<64>(mounting: &memory)
        // Before the first erase is lasting, the old store is whole.
        #expect(store.value(of: 1, generation: 0) == nil || step <= 64)
      } catch {
        #expect(error == .unformatted || error == .noSoundPage && step <= 64)
      }
      step += 7
    }
    #expect(step > 300)
  }

  @Test("every flipped bit of a superblock is harmless, and one lost copy is told")
  func superblockDamage() throws {
    var memory = SimulatedMemory(.fram, try fram(8192))
    let layout = try #require(Layout.standard(for: memory.geometry))
    _ = try Store<64>.format(layout, in: &memory)
    for bit in 0..<128 * 8 {
      memory.flip(bit: bit)
      let store = try Store<64>(mounting: &memory)
      #expect(store.layout == layout && store.condition == [])
      memory.flip(bit: bit)
    }
    for copy in 0..<2 {
      var broken = memory
      try broken.program([UInt8](repeating: 0x5A, count: 64).span, at: copy * 64)
      let store = try Store<64>(mounting: &broken)
      #expect(store.layout == layout && store.condition == .superblockDamaged)
    }
  }

  @Test("a superblock that names anything is believed only if it fits")
  func hostile() throws {
    var generator = SeededGenerator(seed: 7)
    for geometry in [try nor(0x4_0000), try fram(0x40_0000), try fram(8192)] {
      let good = try #require(Layout.standard(for: geometry)).words(geometry)
      let edges: [UInt32] = [0, 1, 7, 8, 64, 4096, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_F000, .max]
      var accepted = 0
      for _ in 0..<20_000 {
        var words = good
        for _ in 0...Int.random(in: 0..<3, using: &generator) {
          let index = Int.random(in: 4..<13, using: &generator)
          words[index] =
            Bool.random(using: &generator)
            ? edges[Int.random(in: 0..<edges.count, using: &generator)]
            : UInt32.random(in: 0...UInt32(geometry.size), using: &generator) & ~0x7FF
        }
        guard let layout = Layout(words, geometry) else { continue }
        accepted += 1
        // An independent look at what must never overlap.
        var parts = [layout.ring.offset..<layout.ring.offset + layout.ring.pageSize * layout.ring.pageCount]
        for copy in 0..<2 {
          let start = Layout.superblock(copy, geometry)
          parts.append(start..<start + Layout.superblockExtent(geometry))
        }
        if layout.log.pageCount > 0 {
          parts.append(layout.log.offset..<layout.log.offset + layout.log.pageSize * layout.log.pageCount)
        }
        if !layout.trust.isEmpty { parts.append(layout.trust) }
        if layout.slotCount > 0 {
          parts.append(layout.offset(ofSlot: 0)..<layout.offset(ofSlot: layout.slotCount))
        }
        for (index, part) in parts.enumerated() {
          #expect(part.upperBound <= geometry.size)
          for other in parts[..<index] { #expect(!part.overlaps(other)) }
        }
      }
      #expect(accepted > 0)
    }
  }

  @Test("a superblock of another memory's shape, or of another version, is not taken")
  func otherShape() throws {
    let geometry = try nor(0x4_0000)
    let words = try #require(Layout.standard(for: geometry)).words(geometry)
    #expect(Layout(words, geometry) != nil)
    #expect(Layout(words, try nor(0x8_0000)) == nil)
    for index in [0, 1, 2, 3, 13, 14] {
      var other = words
      other[index] ^= 1
      #expect(Layout(other, geometry) == nil)
    }
  }
}
