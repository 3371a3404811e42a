/// What a LOAD header says: it opens a block, or a repair of one, and polls the block before.
///
/// On the wire each byte is mixed with 0x33, because its zeros would cost four stuff bits a header.
struct LoadHeader: Equatable {
  /// The low byte of the session number.
  var session: UInt8
  /// What follows is for those who lack some of this block; nothing is opened or polled.
  var isRepair = false
  /// The block is behind the last one: nothing follows, the last one is polled.
  var isLast = false
  /// 0: 32 data symbols to a block.
  var code: UInt8 = 0
  /// Which pass over the image, 0 to 7.
  var pass: UInt8
  var block: UInt16
  /// The symbols that follow: from this index on, around behind 47 to 0, leaving out what is not sent.
  var first: UInt8
  var count: UInt8
  /// Of the plain block.
  var checksum: UInt16

  var payload: BroadcastPayload {
    var payload = BroadcastPayload()
    payload[0] = session
    payload[1] = (isRepair ? 1 : 0) | (isLast ? 2 : 0) | code &<< 2 | pass &<< 4
    payload.set(2, 2, UInt32(block))
    payload[4] = first
    payload[5] = count
    payload.set(6, 2, UInt32(checksum))
    return payload.mixed
  }
}

extension LoadHeader {
  /// The header in a payload, or nil if its numbers are out of range.
  init?(_ frame: BroadcastPayload) {
    let payload = frame.mixed
    guard payload[1] & 0x80 == 0, payload[4] < 48, payload[5] <= 48, payload[1] &>> 2 & 3 == 0 else {
      return nil
    }
    self.init(
      session: payload[0], isRepair: payload[1] & 1 != 0, isLast: payload[1] & 2 != 0,
      code: payload[1] &>> 2 & 3, pass: payload[1] &>> 4 & 7,
      block: UInt16(truncatingIfNeeded: payload.number(2, 2)), first: payload[4], count: payload[5],
      checksum: UInt16(truncatingIfNeeded: payload.number(6, 2)))
  }
}

extension BroadcastPayload {
  /// Each byte XOR 0x33.
  fileprivate var mixed: BroadcastPayload { BroadcastPayload(word: word ^ 0x3333_3333_3333_3333) }
}
