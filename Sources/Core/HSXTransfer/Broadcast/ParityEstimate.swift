/// How many parity symbols are sent ahead of need: the 80 % quantile of what recent blocks needed, in 128ths.
///
/// A block that asked for more raises it by seven parts, one that did not lowers it by two, so that it stands still where
/// about one of five asks. The first blocks count more, so that it is soon where it belongs.
struct ParityEstimate {
  private var value = 0
  private var age = 0
  private static var one: Int { 128 }
  private static var limit: Int { 14 }

  /// The symbols for the next block.
  var count: Int { min(Self.limit, (value &+ Self.one / 2) / Self.one) }

  /// Takes what a block needed beyond the ones sent ahead; 0 if nobody asked.
  mutating func learn(_ extra: Int) {
    let gain = age < 8 ? 8 : age < 32 ? 3 : 1
    age = min(age &+ 1, 32)
    if extra > 0 {
      // Ten and more is a node that lost its way, not a measure of the bus.
      value &+= 7 &* gain &+ (extra > 9 ? 0 : max(0, extra &- 2) &* 8 &* min(gain, 3))
    } else {
      value &-= 2 &* gain
    }
    value = max(0, min(Self.limit &* Self.one, value))
  }
}
