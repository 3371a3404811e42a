/// The sequence that payloads are mixed with, because runs of equal bits would cost 7 % of the bus in stuffing.
struct Whitening {
  private var state: UInt32

  /// The sequence of a block in a session.
  init(session: UInt32, block: UInt16) {
    state = session &+ UInt32(block) &* 0x9E37_79B1
    if state == 0 { state = 1 }
  }

  /// The next four bytes, the first one lowest: xorshift32 with 13, 17, 5.
  mutating func next() -> UInt32 {
    state ^= state &<< 13
    state ^= state &>> 17
    state ^= state &<< 5
    return state
  }

  /// The next symbol's eight bytes, the first one lowest.
  mutating func symbol() -> UInt64 {
    let low = next()
    return UInt64(next()) &<< 32 | UInt64(low)
  }
}

extension BlockBuffer {
  /// Mixes all 32 data symbols with the sequence, or takes it out again.
  mutating func whiten(session: UInt32, block: UInt16) {
    var sequence = Whitening(session: session, block: block)
    for place in 0..<Self.dataSymbols { setWord(place, word(place) ^ sequence.symbol()) }
  }

  /// The CRC-16 of the first `count` bytes: CCITT polynomial 0x1021 from 0xFFFF, the highest bit first.
  func crc16(_ count: Int) -> UInt16 {
    var register: UInt16 = 0xFFFF
    for index in 0..<min(count, 256) {
      var fold = UInt8(truncatingIfNeeded: register &>> 8) ^ bytes[index]
      fold ^= fold &>> 4
      register = register &<< 8 ^ UInt16(fold) &<< 12 ^ UInt16(fold) &<< 5 ^ UInt16(fold)
    }
    return register
  }
}
