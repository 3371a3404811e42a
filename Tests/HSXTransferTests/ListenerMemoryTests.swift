import HSXHAL
import Testing

@testable import HSXTransfer

@Suite("A listener's memory")
struct ListenerMemoryTests {
  @Test("is at most 640 bytes of staging, and 1 KiB with hash and receive ring")
  func sizes() {
    // Buffers, and what beside them is needed to place and to rebuild symbols.
    let buffers = 2 * 256
    let maps = 2 * MemoryLayout<BlockBuffer>.size - buffers
    let scratch = 5 * 16
    #expect(maps <= 48)
    #expect(buffers + maps + scratch <= 640)
    // A SHA-256 takes 32 bytes of state, 64 of a block and 8 of a length; a ring of eight frames 12 each and two indices.
    let hash = 104
    let ring = 8 * MemoryLayout<CANFrame>.stride + 4
    #expect(MemoryLayout<BroadcastListener>.size + scratch + hash + ring <= 1_024)
  }
}
