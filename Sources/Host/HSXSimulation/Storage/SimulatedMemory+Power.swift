import HSXHAL

/// What was done since the last sync, with all it takes to undo it.
struct PendingOperations: Sendable {
  private struct Operation {
    var offset: Int
    var count: Int
    var isErase: Bool
    var start: Int
    var usedStart: Int
    var usedCount: Int
    var weak: [WeakRange]
  }

  private var operations: [Operation] = []
  /// Old bytes, then the new ones of a program.
  private var bytes: [UInt8] = []
  private var used: [Bool] = []

  var count: Int { operations.count }

  mutating func removeAll() {
    operations.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    used.removeAll(keepingCapacity: true)
  }

  mutating func note(
    program old: ArraySlice<UInt8>, _ new: Span<UInt8>, used: ArraySlice<Bool>, at offset: Int
  ) {
    operations.append(
      Operation(
        offset: offset, count: old.count, isErase: false, start: bytes.count, usedStart: self.used.count,
        usedCount: used.count, weak: []))
    bytes.append(contentsOf: old)
    for index in new.indices { bytes.append(new[index]) }
    self.used.append(contentsOf: used)
  }

  mutating func note(erase old: ArraySlice<UInt8>, used: ArraySlice<Bool>, weak: [WeakRange], at offset: Int)
  {
    operations.append(
      Operation(
        offset: offset, count: old.count, isErase: true, start: bytes.count, usedStart: self.used.count,
        usedCount: used.count, weak: weak))
    bytes.append(contentsOf: old)
    self.used.append(contentsOf: used)
  }

  /// Undoes everything in `memory`, the newest first, then does again what is not `lost`, and, if `isPartial`, a part of what is.
  func replay(without lost: UInt64, isPartial: Bool, in memory: inout SimulatedMemory) {
    for operation in operations.reversed() {
      for index in 0..<operation.count {
        memory.bytes[operation.offset + index] = bytes[operation.start + index]
      }
      let unit = operation.offset / memory.geometry.writeUnit
      for index in 0..<operation.usedCount { memory.isUsed[unit + index] = used[operation.usedStart + index] }
      if operation.isErase { memory.weakRanges = operation.weak }
    }
    for (number, operation) in operations.enumerated() {
      let range = operation.offset..<operation.offset + operation.count
      let start = operation.start + operation.count
      let isLost = lost >> UInt64(number % 64) & 1 == 1
      let part = (operation.offset / 8 &+ number &* 5) % (operation.isErase ? 32 : operation.count)
      switch (isLost, operation.isErase) {
      case (false, true): memory.applyErase(range)
      case (false, false):
        memory.apply(bytes.span.extracting(start..<start + operation.count), at: range.lowerBound)
      case (true, true): if isPartial { memory.tear(erase: range, after: part, .prefix) }
      case (true, false):
        guard isPartial else { continue }
        let source = bytes.span.extracting(start..<start + operation.count)
        memory.tear(source, at: range.lowerBound, after: part, .bits(seed: UInt32(number)))
      }
    }
  }
}

extension SimulatedMemory {
  /// Programs and erases that no sync has made lasting yet.
  public var pendingCount: Int { pending.count }
  /// Whether it has power.
  public var isPowered: Bool { isOn }

  /// Lets the power fail `count` steps from now, within whatever is in flight then.
  ///
  /// From there every call is refused until `powerUp()`.
  public mutating func cut(after count: Int, _ tear: Tear) {
    cut = (steps + count, tear)
  }

  /// Cuts the power now, between two operations; `lost` names those since the last sync that never arrived.
  public mutating func cutNow(lost: UInt64 = 0, isPartial: Bool = false) {
    lose(lost, isPartial: isPartial)
    powerDown()
  }

  /// Takes back a cut that has not come.
  public mutating func cancelCut() { cut = nil }

  /// The next boot: what is weak reads as its history says.
  public mutating func powerUp() {
    if isOn { powerDown() }
    isOn = true
    resolveWeakRanges()
  }

  mutating func powerDown() {
    isOn = false
    cut = nil
    pending.removeAll()
  }

  mutating func lose(_ lost: UInt64, isPartial: Bool) {
    guard lost != 0, pending.count > 0 else { return }
    let before = pending
    before.replay(without: lost, isPartial: isPartial, in: &self)
  }
}
