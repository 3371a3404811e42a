import HSXHAL
import Testing

@testable import HSXTransfer

@Suite("The frames of a broadcast")
struct FrameTests {
  private let window = BroadcastWindow.standard

  private func hex(_ payload: BroadcastPayload) -> String {
    (0..<8).map { index in
      let digits = String(payload[index], radix: 16)
      return digits.count == 2 ? digits : "0" + digits
    }.joined(separator: " ")
  }

  private func payload(_ hex: String) -> BroadcastPayload { BroadcastPayload(word: word(bytes(hex)[...])) }

  @Test("are to the bit as Docs/can_transfer.md has them")
  func layouts() {
    let session: UInt32 = 0x0403_0201
    let orders: [(BroadcastOrder, String)] = [
      (
        .openA(session: session, targetClass: 9, code: 0, window: 2, isAuthenticated: true),
        "01 01 02 03 04 09 08 01"
      ),
      (.openB(session: session, imageBytes: 0x01_2345), "02 01 02 03 04 45 23 01"),
      (.seal(session: 1, manifest: 0xDDCC_BBAA), "03 01 aa bb cc dd 00 00"),
      (.commit(session: 1, manifest: 0xDDCC_BBAA, milliseconds: 60), "04 01 aa bb cc dd 3c 00"),
      (.abort(session: session, reason: 1), "05 01 02 03 04 01 00 00"),
      (.pace(session: 1, gap: 500, load: 50), "06 01 f4 01 32 00 00 00"),
      (.assign(node: 7, id: 0x0D0C_0B0A), "07 07 0a 0b 0c 0d 00 00"),
    ]
    for (order, expected) in orders {
      #expect(hex(order.payload) == expected)
      #expect(BroadcastOrder(payload(expected)) == order)
    }
    let header = LoadHeader(
      session: 1, isRepair: true, isLast: false, pass: 3, block: 0x0102, first: 34, count: 5, checksum: 0xBEEF
    )
    #expect(hex(header.payload) == "32 02 31 32 11 36 dc 8d")
    #expect(LoadHeader(payload("32 02 31 32 11 36 dc 8d")) == header)
    #expect(hex(BroadcastQuestion.status(node: 5).payload) == "02 05 00 00 00 00 00 00")
    #expect(hex(BroadcastQuestion.capabilities(node: 5, attempt: 1).payload) == "01 05 01 00 00 00 00 00")
    #expect(hex(BroadcastQuestion.lacks(session: 1, block: 256).payload) == "03 01 00 01 00 00 00 00")
  }

  @Test("with a reserved bit, number or length are none")
  func malformed() {
    #expect(BroadcastOrder(payload("00 00 00 00 00 00 00 00")) == nil)
    #expect(BroadcastOrder(payload("08 00 00 00 00 00 00 00")) == nil)
    #expect(BroadcastOrder(payload("01 01 02 03 04 09 48 00")) == nil)
    #expect(BroadcastOrder(payload("01 01 02 03 04 09 08 02")) == nil)
    #expect(BroadcastOrder(payload("03 01 aa bb cc dd 01 00")) == nil)
    var header = LoadHeader(session: 0, pass: 0, block: 0, first: 48, count: 0, checksum: 0)
    #expect(LoadHeader(header.payload) == nil)
    header.first = 0
    header.count = 49
    #expect(LoadHeader(header.payload) == nil)
    header.count = 48
    header.code = 1
    #expect(LoadHeader(header.payload) == nil)
    #expect(BroadcastQuestion(payload("02 05 00 00 00 00 00 00"), count: 3) == nil)
    #expect(BroadcastQuestion(payload("04 05 00 00 00 00 00 00"), count: 2) == nil)
  }

  @Test("are told by identifier and length, in their window only")
  func identifiers() {
    let empty = BroadcastPayload()
    for offset in 0..<128 {
      for count in [0, 1, 2, 4, 8] {
        let frame = CANFrame(standard: 0x680 | UInt16(offset), empty.bytes, count: count)
        let kind = window.kind(of: frame)
        let isShared = offset <= 0x0F || offset == 0x16
        let isWhole = [0x11, 0x12, 0x14, 0x15].contains(offset) || offset >= 0x20
        let isKnown = isShared && count == 0 || isWhole && count == 8 || offset == 0x10 && count >= 2
        #expect((kind != nil) == isKnown, "\(offset) \(count)")
        #expect(kind == nil || kind?.offset == offset)
        #expect(window.kind(of: CANFrame(standard: 0x600 | UInt16(offset), empty.bytes, count: count)) == nil)
      }
    }
    #expect(BroadcastWindow(base: 0x780) != nil)
    #expect(BroadcastWindow(base: 0x800) == nil)
    #expect(BroadcastWindow(base: 0x6C0) == nil)
  }

  @Test("rank the worst deficit lowest, and each answer covers its rank")
  func ranks() {
    let ranks = (1...32).map(Deficit.rank)
    #expect(ranks == ranks.sorted(by: >))
    for missing in 1...13 { #expect(Deficit.answer(Deficit.rank(missing)) >= missing) }
    #expect((1...7).map(Deficit.answer) == [13, 9, 6, 4, 3, 2, 1])
  }

  @Test("of the manifest keep every field, and refuse what is none")
  func manifest() throws {
    var hash = InlineArray<32, UInt8>(repeating: 0)
    for index in 0..<32 { hash[index] = UInt8(index + 1) }
    var manifest = BroadcastManifest(
      imageBytes: 65_536, sha256: hash, targetClass: 3, abi: 1, appName: 0x0A0B_0C0D, version: 7,
      securityCounter: 9)
    manifest.prepareSigning(.ed25519, keyID: InlineArray(repeating: 0x55))
    manifest.setSignature(InlineArray(repeating: 0x66))
    let again = BroadcastManifest(manifest.bytes.span)
    let read = try #require(again)
    #expect(read.imageBytes == 65_536 && read.blocks == 256 && read.hashPrefix == 0x0403_0201)
    #expect(read.targetClass == 3 && read.abi == 1 && read.version == 7 && read.securityCounter == 9)
    #expect(read.algorithm == .ed25519 && read.keyID[7] == 0x55 && read.signature[63] == 0x66)
    let start = (0..<8).map { manifest.bytes[$0] }
    #expect(start == bytes("48 58 4d 31 00 00 01 00"))
    for (index, value) in [(0, UInt8(0)), (7, 1), (42, 3), (43, 1)] {
      var bytes = (0..<128).map { manifest.bytes[$0] }
      bytes[index] = value
      #expect(BroadcastManifest(bytes.span) == nil, "\(index)")
    }
    #expect(BroadcastManifest([UInt8](repeating: 0, count: 127).span) == nil)
  }
}
