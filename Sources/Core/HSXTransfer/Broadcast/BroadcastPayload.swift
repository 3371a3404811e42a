import HSXHAL

/// The eight bytes of a frame, little-endian.
struct BroadcastPayload: Equatable {
  var bytes = InlineArray<8, UInt8>(repeating: 0)

  init() {}

  init(_ frame: CANFrame) { bytes = frame.bytes }

  /// Eight bytes, the first one lowest.
  init(word: UInt64) {
    for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: word &>> UInt64(index &* 8)) }
  }

  /// The eight bytes as a number.
  var word: UInt64 {
    var word: UInt64 = 0
    for index in 0..<8 { word |= UInt64(bytes[index]) &<< UInt64(index &* 8) }
    return word
  }

  subscript(_ index: Int) -> UInt8 {
    get { bytes[index & 7] }
    set { bytes[index & 7] = newValue }
  }

  /// `count` bytes from `index`.
  func number(_ index: Int, _ count: Int) -> UInt32 {
    var number: UInt32 = 0
    for offset in 0..<count { number |= UInt32(self[index &+ offset]) &<< UInt32(offset &* 8) }
    return number
  }

  mutating func set(_ index: Int, _ count: Int, _ number: UInt32) {
    for offset in 0..<count {
      self[index &+ offset] = UInt8(truncatingIfNeeded: number &>> UInt32(offset &* 8))
    }
  }

  static func == (left: BroadcastPayload, right: BroadcastPayload) -> Bool { left.word == right.word }
}
