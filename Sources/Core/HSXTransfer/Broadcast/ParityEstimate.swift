/// How many parity symbols are sent ahead of need: the 80 % quantile of what recent blocks needed, in sixteenths.
///
/// A block that asked for more raises it by four parts, one that did not lowers it by one, so that it stands still where one
/// of five asks.
struct ParityEstimate {
  private var sixteenths = 0
  private var isSettled = false

  /// The symbols for the next block.
  var count: Int { min(12, (sixteenths &+ 8) / 16) }

  /// Takes what a block needed beyond the ones sent ahead; 0 if nobody asked.
  mutating func learn(_ extra: Int) {
    if extra > 0 {
      sixteenths &+= isSettled ? 4 : 16
      if extra > 2 { sixteenths &+= (extra &- 2) &* 6 }
    } else {
      isSettled = true
      sixteenths &-= 1
    }
    sixteenths = max(0, min(12 &* 16, sixteenths))
  }
}
