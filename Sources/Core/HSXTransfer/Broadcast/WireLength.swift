public import HSXHAL

extension CANFrame {
  /// The bit times that the frame occupies: 47 + 8 for each byte with the space behind it, and its exact stuff bits.
  ///
  /// About 200 steps.
  public var bitsOnWire: Int {
    47 &+ 8 &* Int(count) &+ stuffBits
  }

  /// The stuff bits between the start of the frame and the end of its CRC-15.
  public var stuffBits: Int {
    var wire = Wire()
    wire.take(0, 1)
    wire.take(UInt32(identifier), 11)
    // A data frame, standard, and the reserved bit: all dominant.
    wire.take(0, 3)
    wire.take(UInt32(count), 4)
    for index in 0..<Int(min(count, 8)) { wire.take(UInt32(bytes[index]), 8) }
    let crc = wire.crc
    wire.take(UInt32(crc), 15)
    return wire.stuffed
  }
}

/// The bits of a frame as they pass: the CRC-15 over them, and where five equal ones make a stuff bit.
private struct Wire {
  var crc: UInt16 = 0
  var stuffed = 0
  private var last: UInt32 = 2
  private var run = 0

  mutating func take(_ value: UInt32, _ count: UInt32) {
    var position = count
    while position > 0 {
      position &-= 1
      let bit = value &>> position & 1
      let top = UInt32(crc &>> 14 & 1)
      crc = crc &<< 1 & 0x7FFF
      if top ^ bit != 0 { crc ^= 0x4599 }
      run = bit == last ? run &+ 1 : 1
      last = bit
      if run == 5 {
        stuffed &+= 1
        // The stuff bit is the first of the next run.
        last = bit ^ 1
        run = 1
      }
    }
  }
}
