/// The symbols of one block that have come so far, and the block when enough of them are there: 280 bytes.
///
/// A parity symbol waits in the place of a data symbol that is missing, so that a block needs no more room than its bytes.
struct BlockBuffer {
  /// Data symbols of a full block.
  static var dataSymbols: Int { 32 }
  /// Parity symbols behind them.
  static var paritySymbols: Int { 16 }
  /// Bytes of a symbol.
  static var symbolBytes: Int { 8 }
  private static var empty: UInt8 { 0xFF }

  /// The data symbols in their order, whitened.
  var bytes = InlineArray<256, UInt8>(repeating: 0)
  /// Which data symbols are in their places.
  private(set) var data: UInt32 = 0
  /// Which parity symbols wait.
  private(set) var parities: UInt16 = 0
  /// In the place of which data symbol each of them waits.
  private var places = InlineArray<16, UInt8>(repeating: 0xFF)
  /// The CRC-16 that a header announced.
  var checksum: UInt16 = 0

  init() {}

  /// Forgets everything that came.
  mutating func clear() {
    (data, parities, checksum) = (0, 0, 0)
    for index in 0..<Self.paritySymbols { places[index] = Self.empty }
  }

  /// The symbols still needed.
  var deficit: Int { max(0, Self.dataSymbols &- data.nonzeroBitCount &- parities.nonzeroBitCount) }

  /// Whether anything came.
  var isEmpty: Bool { data == 0 && parities == 0 }

  /// Takes a symbol; one that is there already, or not needed, changes nothing.
  mutating func store(_ index: Int, _ symbol: UInt64) {
    if index >= 0, index < Self.dataSymbols {
      guard data & 1 &<< UInt32(index) == 0 else { return }
      // A parity symbol that waits here is needed less by one now, so it may go.
      evict(index)
      data |= 1 &<< UInt32(index)
      setWord(index, symbol)
      return
    }
    let number = index &- Self.dataSymbols
    guard number >= 0, number < Self.paritySymbols, parities & 1 &<< UInt16(number) == 0, deficit > 0,
      let place = vacancy()
    else { return }
    parities |= 1 &<< UInt16(number)
    places[number] = UInt8(truncatingIfNeeded: place)
    setWord(place, symbol)
  }

  private mutating func evict(_ place: Int) {
    for number in 0..<Self.paritySymbols where Int(places[number]) == place {
      places[number] = Self.empty
      parities &= ~(1 &<< UInt16(number))
    }
  }

  private func vacancy() -> Int? {
    var taken = data
    for number in 0..<Self.paritySymbols where places[number] != Self.empty {
      taken |= 1 &<< UInt32(places[number] & 31)
    }
    for place in 0..<Self.dataSymbols where taken & 1 &<< UInt32(place) == 0 { return place }
    return nil
  }

  /// The parity symbol that waits in the place of a missing data symbol.
  func parityNumber(at place: Int) -> Int? {
    for number in 0..<Self.paritySymbols where Int(places[number]) == place { return number }
    return nil
  }

  /// Says that every place holds its data symbol.
  mutating func complete() {
    data = .max
    parities = 0
    for index in 0..<Self.paritySymbols { places[index] = Self.empty }
  }

  /// The symbol in a place, the first byte lowest.
  func word(_ place: Int) -> UInt64 {
    var word: UInt64 = 0
    let base = (place & 31) &* 8
    for index in 0..<8 { word |= UInt64(bytes[base &+ index]) &<< UInt64(index &* 8) }
    return word
  }

  /// Forgets the symbols, not what a header announced.
  mutating func clearSymbols() {
    let checksum = checksum
    clear()
    self.checksum = checksum
  }

  /// Puts zeros, whitened, behind the first `count` data symbols: they are not sent.
  mutating func fill(behind count: Int, session: UInt32, block: UInt16) {
    var sequence = Whitening(session: session, block: block)
    for place in 0..<Self.dataSymbols {
      let symbol = sequence.symbol()
      if place >= count { store(place, symbol) }
    }
  }

  /// Writes the symbol of a place.
  mutating func setWord(_ place: Int, _ word: UInt64) {
    let base = (place & 31) &* 8
    for index in 0..<8 { bytes[base &+ index] = UInt8(truncatingIfNeeded: word &>> UInt64(index &* 8)) }
  }
}
