import HSXHAL

/// A range whose bits are not sure: an interrupted write unit, or a sector whose erase was cut short.
struct WeakRange: Sendable {
  var range: Range<Int>
  var old: [UInt8]
  var new: [UInt8]
  var history: WeakHistory
  /// How likely a bit is the new one in a mixture, of 32.
  var share: Int
  /// Boots since the cut.
  var boots = 0
  /// Distinguishes the mixtures of two ranges.
  var seed: UInt64
}

extension SimulatedMemory {
  /// Programs without asking.
  mutating func apply(_ source: Span<UInt8>, at offset: Int) {
    for index in source.indices { bytes[offset + index] = source[index] }
    markUsed(offset..<offset + source.count)
  }

  /// Erases without asking.
  mutating func applyErase(_ range: Range<Int>) {
    for place in range { bytes[place] = geometry.erasedValue }
    for unit in range.lowerBound / geometry.writeUnit..<range.upperBound / geometry.writeUnit {
      isUsed[unit] = false
      if family == .eccNOR { isTorn[unit] = false }
    }
    weakRanges.removeAll { range.contains($0.range.lowerBound) }
  }

  mutating func markUsed(_ range: Range<Int>) {
    guard !isUsed.isEmpty, !range.isEmpty else { return }
    for unit in range.lowerBound / geometry.writeUnit...(range.upperBound - 1) / geometry.writeUnit {
      isUsed[unit] = true
    }
  }

  /// What a cut leaves of a program after `done` of its bytes.
  mutating func tear(_ source: Span<UInt8>, at offset: Int, after done: Int, _ manner: Tear.Manner) {
    let unit = geometry.writeUnit
    let whole = family == .fram ? done : done - done % unit
    let flight = offset + whole..<offset + (family == .fram ? done + 1 : whole + unit)
    for index in 0..<done { bytes[offset + index] = source[index] }
    markUsed(offset..<flight.upperBound)
    bytesProgrammed += done
    switch manner {
    case .prefix:
      if family == .eccNOR { isTorn[flight.lowerBound / unit] = true }
    case .bits(let seed):
      if family == .eccNOR {
        isTorn[flight.lowerBound / unit] = true
      } else {
        mix(source, at: offset, in: flight, seed)
      }
    case .scattered(let seed):
      if family == .nor {
        mix(source, at: offset, in: offset + done..<offset + source.count, seed)
        markUsed(offset..<offset + source.count)
      } else if family == .eccNOR {
        isTorn[flight.lowerBound / unit] = true
      } else {
        mix(source, at: offset, in: flight, seed)
      }
    case .weak(let history):
      guard family != .fram else { return }
      // The whole unit is in doubt, also its bytes before the cut.
      let new = flight.map { source[$0 - offset] }
      let old = flight.map { _ in geometry.erasedValue }
      weakRanges.append(
        WeakRange(range: flight, old: old, new: new, history: history, share: 16, seed: UInt64(steps)))
    }
  }

  private mutating func mix(_ source: Span<UInt8>, at offset: Int, in range: Range<Int>, _ seed: UInt32) {
    var random = SeededGenerator(seed: UInt64(seed) << 32 | UInt64(offset & 0xFFFF_FFFF))
    for place in range {
      let mask = UInt8(truncatingIfNeeded: random.next())
      bytes[place] = bytes[place] & ~mask | source[place - offset] & mask
    }
  }

  /// What a cut leaves of an erase after `done` of its 32 parts.
  mutating func tear(erase range: Range<Int>, after done: Int, _ manner: Tear.Manner) {
    let old = Array(bytes[range])
    markUsed(range)
    switch manner {
    case .prefix:
      let end = range.lowerBound + range.count * done / 32
      for place in range.lowerBound..<end { bytes[place] = geometry.erasedValue }
      weakRanges.removeAll { range.contains($0.range.lowerBound) && $0.range.upperBound <= end }
      if family == .eccNOR {
        for unit in range.lowerBound / geometry.writeUnit..<end / geometry.writeUnit { isTorn[unit] = false }
        if end % geometry.writeUnit != 0 { isTorn[end / geometry.writeUnit] = true }
      }
    case .bits(let seed), .scattered(let seed):
      weakRanges.removeAll { range.contains($0.range.lowerBound) }
      blend(range, old, Array(repeating: geometry.erasedValue, count: range.count), share: done, UInt64(seed))
    case .weak(let history):
      let erased = Array(repeating: geometry.erasedValue, count: range.count)
      weakRanges.append(
        WeakRange(range: range, old: old, new: erased, history: history, share: done, seed: UInt64(steps)))
    }
  }

  /// Writes a mixture of old and new bits; with an error-correcting code, units of which some cannot be read.
  private mutating func blend(_ range: Range<Int>, _ old: [UInt8], _ new: [UInt8], share: Int, _ seed: UInt64)
  {
    var random = SeededGenerator(seed: seed &* 0x1000 &+ UInt64(range.lowerBound))
    if family == .eccNOR {
      let unit = geometry.writeUnit
      for start in stride(from: range.lowerBound, to: range.upperBound, by: unit) {
        let draw = random.next()
        isTorn[start / unit] = draw & 1 == 1
        let isNew = Int(draw >> 32 & 31) < share
        for place in start..<start + unit {
          bytes[place] = isNew ? new[place - range.lowerBound] : old[place - range.lowerBound]
        }
      }
      return
    }
    for place in range {
      var mask: UInt8 = 0
      let draw = random.next()
      for bit in 0..<8 where Int(draw >> (8 * UInt64(bit)) & 31) < share { mask |= 1 << UInt8(bit) }
      bytes[place] = old[place - range.lowerBound] & ~mask | new[place - range.lowerBound] & mask
    }
  }

  /// Lets every weak range read as its history says at this boot.
  mutating func resolveWeakRanges() {
    for index in weakRanges.indices {
      show(index)
      guard weakRanges[index].history.reading(atBoot: weakRanges[index].boots) == .old else { continue }
      // What was weak before an erase that left everything as it was is weak still.
      for earlier in 0..<index where weakRanges[index].range.contains(weakRanges[earlier].range.lowerBound) {
        show(earlier)
      }
    }
    for index in weakRanges.indices { weakRanges[index].boots += 1 }
  }

  private mutating func show(_ index: Int) {
    let weak = weakRanges[index]
    let units = weak.range.lowerBound / geometry.writeUnit..<weak.range.upperBound / geometry.writeUnit
    switch weak.history.reading(atBoot: weak.boots) {
    case .old:
      bytes.replaceSubrange(weak.range, with: weak.old)
      if family == .eccNOR { for unit in units { isTorn[unit] = false } }
    case .new:
      bytes.replaceSubrange(weak.range, with: weak.new)
      if family == .eccNOR { for unit in units { isTorn[unit] = false } }
    case .mixed:
      if family == .eccNOR, units.count == 1 {
        isTorn[units.lowerBound] = true
      } else {
        blend(weak.range, weak.old, weak.new, share: weak.share, weak.seed &+ UInt64(weak.boots) &* 0x9E37)
      }
    }
  }
}
