import HSXHAL
import HSXPersistence
import HSXSimulation
import Testing

@Suite("What the store takes")
struct CapacityTests {
  @Test("8 KiB of FRAM hold 200 keys, and half of a page is free for their changes")
  func keysInFRAM() throws {
    let geometry = try #require(
      Geometry(size: 8_192, writeUnit: 1, eraseUnit: 0, erasedValue: 0, ratedCycles: 0))
    var memory = SimulatedMemory(.fram, geometry)
    let layout = try #require(Layout.standard(for: geometry))
    var store = try Store<256>.format(layout, in: &memory)
    for key in UInt16(1)...200 { try store.setValue(key, of: key, generation: 0, in: &memory) }
    var next = try Store<256>(mounting: &memory)
    // The first write of a boot turns the page.
    try next.setValue(1_000, of: 200, generation: 0, in: &memory)
    let page = try #require(
      (0..<layout.ring.pageCount).map { next.journal.report(ofPage: $0, in: &memory) }
        .first { $0.role == .current })
    #expect(page.snapshot == 200)
    #expect(page.free * 2 >= page.cells)
    #expect((UInt16(1)...199).allSatisfy { next.value(of: $0, generation: 0) == $0 })
  }

  @Test("the ring takes 64 bytes of memory, and four for each entry")
  func memory() {
    #expect(MemoryLayout<Journal<256>>.size <= 64 + 4 * 256)
    #expect(MemoryLayout<Journal<64>>.size <= 64 + 4 * 64)
  }
}
