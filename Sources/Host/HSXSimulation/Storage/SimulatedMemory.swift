public import HSXHAL

/// A memory whose power can be cut at any step, and that refuses what may not be asked instead of forgiving it.
///
/// It is a value: a copy is another device with the same content and the same fate. Every byte of a program is a step, every
/// 32nd part of an erase, and each sync; `cut(at:tear:)` says at which step the power fails and what that leaves.
public struct SimulatedMemory: NonvolatileMemory, Sendable {
  /// Its shape.
  public let geometry: Geometry
  /// What its cells are like.
  public let family: MemoryFamily

  /// What it was asked and should not have been, in order.
  public internal(set) var violations: [MemoryViolation] = []
  /// Bytes programmed since the beginning.
  public internal(set) var bytesProgrammed = 0
  /// Calls of `program` since the beginning.
  public internal(set) var programs = 0
  /// Bytes read since the beginning.
  public internal(set) var bytesRead = 0
  /// Calls of `sync` since the beginning.
  public internal(set) var syncs = 0
  /// Erases of each sector since the beginning; empty without erase units.
  public internal(set) var erases: [Int]
  /// Steps since the beginning.
  public internal(set) var steps = 0
  /// What it did, if `isTracing`.
  public internal(set) var operations: [MemoryOperation] = []
  /// Notes each operation.
  public var isTracing = false
  /// Ranges of bytes that must not be changed.
  public var protected: [Range<Int>] = []

  /// What reads now, apart from stuck bits.
  var bytes: [UInt8]
  /// By write unit: programmed, or its erase cut short; it must be erased first. Empty on FRAM.
  var isUsed: [Bool]
  /// By write unit: cannot be read. Empty without an error-correcting code.
  var isTorn: [Bool]
  /// What reads differently at each boot, in the order in which it came about.
  var weakRanges: [WeakRange] = []
  var pending = PendingOperations()
  var isOn = true
  var cut: (step: Int, tear: Tear)?
  var refusedReads = 0..<0
  var failures: [MemoryFailure] = []
  var stuck: [(bit: Int, isSet: Bool)] = []

  /// A memory as it leaves the factory: erased; FRAM full of zeros.
  public init(_ family: MemoryFamily, _ geometry: Geometry) {
    self.family = family
    self.geometry = geometry
    let units = geometry.size / geometry.writeUnit
    bytes = Array(repeating: family == .fram ? 0 : geometry.erasedValue, count: geometry.size)
    isUsed = family == .fram ? [] : Array(repeating: false, count: units)
    isTorn = family == .eccNOR ? Array(repeating: false, count: units) : []
    erases = geometry.eraseUnit == 0 ? [] : Array(repeating: 0, count: geometry.size / geometry.eraseUnit)
  }

  /// Reads what stands there now.
  public mutating func read(at offset: Int, into target: inout MutableSpan<UInt8>) throws(MemoryFault) {
    guard isOn else { throw .refused(at: offset) }
    let count = target.count
    guard offset >= 0, offset <= geometry.size, count <= geometry.size - offset else {
      violations.append(.outside(offset: offset, count: count))
      throw .misused(at: offset)
    }
    if refusedReads.overlaps(offset..<offset + count) { throw .refused(at: offset) }
    bytesRead += count
    for index in 0..<count {
      let place = offset + index
      if family == .eccNOR, isTorn[place / geometry.writeUnit] {
        throw .unreadable(at: place - place % geometry.writeUnit)
      }
      target[index] = bytes[place]
    }
    for bit in stuck where bit.bit / 8 >= offset && bit.bit / 8 < offset + count {
      let mask: UInt8 = 1 << UInt8(bit.bit % 8)
      if bit.isSet { target[bit.bit / 8 - offset] |= mask } else { target[bit.bit / 8 - offset] &= ~mask }
    }
  }

  /// Programs, unless the power fails in it; what may not be programmed is a violation.
  public mutating func program(_ source: Span<UInt8>, at offset: Int) throws(MemoryFault) {
    guard isOn else { throw .refused(at: offset) }
    let count = source.count
    let unit = geometry.writeUnit
    guard offset >= 0, offset <= geometry.size, count <= geometry.size - offset else {
      throw misuse(.outside(offset: offset, count: count), at: offset)
    }
    guard offset % unit == 0, count % unit == 0 else {
      throw misuse(.misaligned(offset: offset, count: count), at: offset)
    }
    try checkProtection(offset..<offset + count)
    if family != .fram {
      for place in offset / unit..<(offset + count) / unit where isUsed[place] {
        throw misuse(.usedTwice(offset: place * unit), at: offset)
      }
    }
    programs += 1
    if let failure = failure(of: .program, number: programs) {
      leave(failure, source, at: offset)
      if failure.isSilent { return }
      throw .refused(at: offset)
    }
    note(.program, cost: count)
    if let cut, steps + count > cut.step {
      lose(cut.tear.lost, isPartial: cut.tear.isPartial)
      tear(source, at: offset, after: cut.step - steps, cut.tear.manner)
      powerDown()
      throw .refused(at: offset)
    }
    steps += count
    bytesProgrammed += count
    pending.note(program: bytes[offset..<offset + count], source, used: usedUnits(offset, count), at: offset)
    apply(source, at: offset)
  }

  /// Erases, unless the power fails in it.
  public mutating func erase(sector: Int) throws(MemoryFault) {
    let unit = geometry.eraseUnit
    guard isOn else { throw .refused(at: sector * unit) }
    guard unit > 0 else { throw misuse(.misaligned(offset: sector, count: 0), at: 0) }
    guard sector >= 0, sector < geometry.size / unit else {
      throw misuse(.outside(offset: sector * unit, count: unit), at: sector * unit)
    }
    let range = sector * unit..<(sector + 1) * unit
    try checkProtection(range)
    erases[sector] += 1
    if failure(of: .erase, number: erases.reduce(0, +)) != nil { throw .refused(at: range.lowerBound) }
    note(.erase, cost: 32)
    if let cut, steps + 32 > cut.step {
      lose(cut.tear.lost, isPartial: cut.tear.isPartial)
      tear(erase: range, after: cut.step - steps, cut.tear.manner)
      powerDown()
      throw .refused(at: range.lowerBound)
    }
    steps += 32
    pending.note(
      erase: bytes[range], used: usedUnits(range.lowerBound, unit), weak: weakRanges, at: range.lowerBound)
    applyErase(range)
  }

  /// Makes lasting what was done so far.
  public mutating func sync() throws(MemoryFault) {
    guard isOn else { throw .refused(at: 0) }
    syncs += 1
    note(.sync, cost: 1)
    if let cut, steps + 1 > cut.step {
      lose(cut.tear.lost, isPartial: cut.tear.isPartial)
      powerDown()
      throw .refused(at: 0)
    }
    steps += 1
    pending.removeAll()
  }

  private mutating func misuse(_ violation: MemoryViolation, at offset: Int) -> MemoryFault {
    violations.append(violation)
    return .misused(at: offset)
  }

  private mutating func checkProtection(_ range: Range<Int>) throws(MemoryFault) {
    for taken in protected where taken.overlaps(range) {
      throw misuse(.protected(offset: max(taken.lowerBound, range.lowerBound)), at: range.lowerBound)
    }
  }

  private mutating func note(_ kind: MemoryOperation.Kind, cost: Int) {
    guard isTracing else { return }
    operations.append(MemoryOperation(kind: kind, step: steps, cost: cost, pending: pending.count))
  }

  private func usedUnits(_ offset: Int, _ count: Int) -> ArraySlice<Bool> {
    isUsed.isEmpty ? [] : isUsed[offset / geometry.writeUnit..<(offset + count) / geometry.writeUnit]
  }
}
