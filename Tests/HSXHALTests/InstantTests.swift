import HSXHAL
import Testing

@Suite("Instants and frames")
struct InstantTests {
  @Test("count microseconds and give whole milliseconds")
  func units() {
    #expect(Instant(milliseconds: 3).microseconds == 3_000)
    #expect(Instant(microseconds: 3_999).milliseconds == 3)
    #expect(Instant.zero < Instant(microseconds: 1))
  }

  @Test("advance without going past the end of time")
  func advancing() {
    #expect(Instant(milliseconds: 5).advanced(byMilliseconds: 7) == Instant(milliseconds: 12))
    let late = Instant(microseconds: .max - 5)
    #expect(late.advanced(byMilliseconds: 1) == Instant(microseconds: .max))
  }

  @Test("tell no negative time")
  func since() {
    #expect(Instant(milliseconds: 9).milliseconds(since: Instant(milliseconds: 4)) == 5)
    #expect(Instant(milliseconds: 4).milliseconds(since: Instant(milliseconds: 9)) == 0)
  }

  @Test("a frame has an identifier of 11 bits and at most 8 bytes")
  func frames() throws {
    let eight: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    let frame = try #require(Self.frame(0x7FF, eight))
    #expect(frame.count == 8)
    #expect(frame.bytes[7] == 8)
    #expect(Self.frame(0x800, eight) == nil)
    #expect(Self.frame(1, eight + [9]) == nil)
    #expect(Self.frame(1, [1, 2]) != Self.frame(1, eight))
    #expect(Self.frame(1, [1, 2]) == Self.frame(1, [1, 2]))
  }

  private static func frame(_ identifier: UInt32, _ bytes: [UInt8]) -> CANFrame? {
    CANFrame(identifier: identifier, bytes: bytes.span)
  }
}
