// The code: a systematic Cauchy code. Data symbol i stands at y = i, parity symbol j at x = 32 + j, and its coefficient is
// 1 / (x + y). The inverse of any square part of such a matrix has a closed form, so a block is rebuilt in place, and
// what is needed beside it are five rows of 16 bytes.

extension BlockBuffer {
  /// The parity symbol `number` of a block whose data symbols are all there. 32 multiplications of eight bytes.
  func paritySymbol(_ number: Int) -> UInt64 {
    var sum: UInt64 = 0
    for index in 0..<Self.dataSymbols {
      sum ^= GaloisField.products(word(index), GaloisField.coefficient(parity: number, data: index))
    }
    return sum
  }

  /// Rebuilds the missing data symbols from the parity symbols in their places. Only for a block whose deficit is 0.
  ///
  /// With e missing: e × (32 + 8 e) multiplications.
  mutating func rebuild() {
    // Where the missing symbols stand (y), which parity symbols wait there (x), the two factors of the inverse, and one column.
    var columns = InlineArray<16, UInt8>(repeating: 0)
    var rows = InlineArray<16, UInt8>(repeating: 0)
    var missing = 0
    for place in 0..<Self.dataSymbols where data & 1 &<< UInt32(place) == 0 && missing < 16 {
      guard let number = parityNumber(at: place) else { return }
      columns[missing] = UInt8(truncatingIfNeeded: place)
      rows[missing] = UInt8(truncatingIfNeeded: 32 &+ number)
      missing &+= 1
    }
    guard missing > 0 else { return }
    reduce(rows, columns, missing)
    var left = InlineArray<16, UInt8>(repeating: 0)
    var right = InlineArray<16, UInt8>(repeating: 0)
    for index in 0..<missing {
      left[index] = Self.factor(rows[index], columns, among: rows, missing)
      right[index] = Self.factor(columns[index], rows, among: columns, missing)
    }
    for byte in 0..<Self.symbolBytes {
      var column = InlineArray<16, UInt8>(repeating: 0)
      for row in 0..<missing {
        column[row] = GaloisField.product(bytes[Int(columns[row]) &* 8 &+ byte], left[row])
      }
      for index in 0..<missing {
        var sum: UInt8 = 0
        for row in 0..<missing {
          // x + y is 32 to 63 as in the matrix, so its inverse is in the same table.
          let inverse = GaloisField.coefficient(parity: Int(rows[row]), data: Int(columns[index]))
          sum ^= GaloisField.product(column[row], inverse)
        }
        bytes[Int(columns[index]) &* 8 &+ byte] = GaloisField.product(sum, right[index])
      }
    }
    complete()
  }

  /// Takes the data symbols that are there out of the parity symbols that wait.
  private mutating func reduce(
    _ rows: InlineArray<16, UInt8>, _ columns: InlineArray<16, UInt8>, _ missing: Int
  ) {
    for row in 0..<missing {
      let place = Int(columns[row])
      var sum = word(place)
      for index in 0..<Self.dataSymbols where data & 1 &<< UInt32(index) != 0 {
        sum ^= GaloisField.products(
          word(index), GaloisField.coefficient(parity: Int(rows[row]), data: index))
      }
      setWord(place, sum)
    }
  }

  /// The product of `value` + each of `others`, over the product of `value` + each of its `own` but itself.
  private static func factor(
    _ value: UInt8, _ others: InlineArray<16, UInt8>, among own: InlineArray<16, UInt8>, _ count: Int
  ) -> UInt8 {
    var (above, below) = (UInt8(1), UInt8(1))
    for index in 0..<count {
      above = GaloisField.product(above, value ^ others[index])
      if own[index] != value { below = GaloisField.product(below, value ^ own[index]) }
    }
    return GaloisField.product(above, GaloisField.inverse(below))
  }
}
