import HSXHAL
import Testing

@testable import HSXTransfer

@Suite("A listener")
struct ListenerTests {
  /// A listener that has the manifest of an image of 1,024 bytes, with block 1 open, and what a master would send it.
  private struct Stage: ~Copyable {
    var listener = BroadcastListener(node: 5, id: 1)
    var node = TestNode()
    let image = (0..<1_024).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let session: UInt32 = 9

    init() {
      send(.set, BroadcastOrder.openB(session: session, imageBytes: 1_024).payload)
      header(0, count: 16)
      for index in 0..<16 { symbol(0, index) }
      header(1)
    }

    mutating func send(
      _ kind: BroadcastKind, _ payload: BroadcastPayload = BroadcastPayload(), count: Int = 8
    ) {
      listener.receive(BroadcastWindow.standard.frame(kind, payload, count: count), for: &node, now: .zero)
    }

    mutating func hear(_ kind: BroadcastKind) { send(kind, count: 0) }

    private func block(_ number: Int) -> BlockBuffer {
      var buffer = BlockBuffer()
      let manifest = TestSource(image: image).manifest
      for index in 0..<256 {
        buffer.bytes[index] =
          number > 0 ? image[(number - 1) * 256 + index] : index < 128 ? manifest.bytes[index] : 0
      }
      buffer.checksum = buffer.crc16(number > 0 ? 256 : 128)
      buffer.whiten(session: session, block: UInt16(number))
      return buffer
    }

    mutating func header(_ number: Int, first: Int = 0, count: Int = 32, isRepair: Bool = false) {
      let header = LoadHeader(
        session: 9, isRepair: isRepair, pass: 0, block: UInt16(number), first: UInt8(first),
        count: UInt8(count),
        checksum: block(number).checksum)
      send(.load, header.payload)
    }

    mutating func symbol(_ number: Int, _ index: Int) {
      let buffer = block(number)
      let word = index < 32 ? buffer.word(index) : buffer.paritySymbol(index - 32)
      send(.symbol(odd: number % 2 == 1, index: index), BroadcastPayload(word: word))
    }

    mutating func symbols(_ number: Int, _ indices: Range<Int>) {
      for index in indices { symbol(number, index) }
    }

    /// What it wants to say: the identifier less the base.
    var wants: Int? { listener.pendingFrame(now: .zero).map { Int($0.identifier) - 0x680 } }
    var next: Int { Int(listener.nextBlock) }
    /// Whether everything handed on is as it was sent.
    var isTrue: Bool { node.image == Array(image.prefix(node.image.count)) }
  }

  @Test("asks behind the next header, with the rank of what it lacks then")
  func asks() {
    var stage = Stage()
    stage.symbols(1, 0..<29)
    #expect(stage.wants == nil)
    stage.header(2)
    #expect(stage.wants == 0x08 + 4)
    stage.symbol(1, 29)
    stage.header(1, first: 30, count: 2, isRepair: true)
    #expect(stage.wants == nil)
  }

  @Test("is silent when another says as much or more, and not when it says less")
  func suppression() {
    for (rank, isSilent) in [(1, true), (5, true), (6, false), (7, false)] {
      var stage = Stage()
      stage.symbols(1, 0..<29)
      stage.header(2)
      stage.hear(.nack(odd: true, rank: rank))
      #expect((stage.wants == nil) == isSilent, "rank \(rank)")
    }
    var stage = Stage()
    stage.symbols(1, 0..<29)
    stage.header(2)
    stage.hear(.nack(odd: false, rank: 1))
    #expect(stage.wants == 0x0C)
  }

  @Test("asks again behind 8, then 16 symbols, and says HOLD behind 32 more")
  func patience() {
    var stage = Stage()
    stage.header(2)
    var due: [Int] = []
    for index in 0..<60 {
      if let wants = stage.wants {
        due.append(wants)
        if let frame = stage.listener.pendingFrame(now: .zero) { stage.listener.sent(frame) }
        due.append(index)
      }
      stage.symbol(2, index % 32)
    }
    #expect(due == [0x08, 0, 0x08, 8, 0x08, 24, 0x00, 56])
  }

  @Test("rebuilds a block from parity, and hands blocks on in order")
  func repair() {
    var stage = Stage()
    stage.symbols(1, 3..<32)
    stage.header(2)
    stage.symbols(2, 0..<4)
    #expect(stage.next == 1)
    stage.header(1, first: 32, count: 3, isRepair: true)
    stage.symbols(1, 32..<35)
    #expect(stage.next == 2 && stage.isTrue)
    stage.header(2, first: 4, count: 28)
    stage.symbols(2, 4..<32)
    #expect(stage.next == 3 && stage.isTrue)
  }

  @Test("that missed a header knows the next block by its symbols, and waits with it until it is confirmed")
  func inference() {
    var stage = Stage()
    stage.symbols(1, 0..<32)
    stage.symbols(2, 0..<32)
    #expect(stage.next == 2)
    stage.header(3)
    #expect(stage.next == 3 && stage.isTrue)
  }

  @Test("does not take data that is sent again for the next block")
  func repetition() {
    var stage = Stage()
    stage.symbols(1, 0..<32)
    stage.header(2)
    stage.symbols(2, 0..<32)
    // Somebody lacked all of block 1; the header of the repair was missed.
    stage.symbols(1, 0..<32)
    stage.header(2, count: 0)
    #expect(stage.next == 3)
    stage.header(3)
    stage.symbols(3, 0..<32)
    #expect(stage.next == 4 && stage.isTrue)
  }

  @Test("takes no parity that may be of two blocks")
  func doubt() {
    var stage = Stage()
    stage.symbols(1, 1..<32)
    stage.header(2)
    // The master went on to block 3, whose header was missed: its parity is not that of block 1.
    stage.symbols(3, 0..<34)
    #expect(stage.next == 1)
    stage.header(1, first: 32, count: 1, isRepair: true)
    stage.symbol(1, 32)
    #expect(stage.next == 2 && stage.isTrue)
    var fresh = Stage()
    fresh.symbols(1, 1..<32)
    fresh.header(2)
    fresh.symbol(1, 32)
    #expect(fresh.next == 2 && fresh.isTrue)
  }

  @Test("drops a block that contradicts its header, and asks for all of it")
  func contradiction() {
    var stage = Stage()
    stage.symbols(1, 0..<31)
    stage.send(.symbol(odd: true, index: 31), BroadcastPayload(word: 1))
    #expect(stage.next == 1 && stage.node.image.isEmpty)
    stage.header(2)
    #expect(stage.wants == 0x08)
  }

  @Test("says HOLD and asks, when the master is two blocks ahead")
  func behind() {
    var stage = Stage()
    stage.header(3)
    #expect(stage.wants == 0x00)
    stage.hear(.hold)
    #expect(stage.wants == 0x08)
  }

  @Test("that came late says JOIN once")
  func late() {
    var listener = BroadcastListener(node: 5, id: 1)
    var node = TestNode()
    let open = BroadcastOrder.openA(session: 9, targetClass: 0, code: 0, window: 2, isAuthenticated: false)
    listener.receive(BroadcastWindow.standard.frame(.set, open.payload), for: &node, now: .zero)
    let header = LoadHeader(session: 9, pass: 0, block: 40, first: 0, count: 32, checksum: 0)
    listener.receive(BroadcastWindow.standard.frame(.load, header.payload), for: &node, now: .zero)
    #expect(listener.pendingFrame(now: .zero)?.identifier == 0x68F)
    listener.receive(BroadcastWindow.standard.frame(.join), for: &node, now: .zero)
    listener.receive(BroadcastWindow.standard.frame(.load, header.payload), for: &node, now: .zero)
    #expect(listener.pendingFrame(now: .zero) == nil)
  }
}
