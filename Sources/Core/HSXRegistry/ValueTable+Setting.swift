public import HSXHAL
import HXE

extension ValueTable {
  /// What a set did.
  public struct SetResult: Equatable, Sendable {
    /// `ok` also when nothing changed.
    public var status: ValueStatus
    /// The change, if there is one.
    public var change: ValueChange?

    init(_ status: ValueStatus, change: ValueChange? = nil) {
      self.status = status
      self.change = change
    }
  }

  /// What a get found.
  public struct GetResult: Equatable, Sendable {
    /// `ok` if the value is known and the caller may read it.
    public var status: ValueStatus
    /// The present value; 0 unless `ok`.
    public var bits: UInt16
  }

  /// The present value. Without the level and not the owner: `notPermitted`.
  public func get(_ id: ObjectID, caller: Caller) -> GetResult {
    guard let value = self[id] else { return GetResult(status: .notFound, bits: 0) }
    guard caller.reaches(owner: value.owner, level: value.authLevel) else {
      return GetResult(status: .notPermitted, bits: 0)
    }
    return GetResult(status: .ok, bits: value.bits)
  }

  /// Sets a value. The first rule that applies decides:
  ///
  /// 1. unknown: `notFound`;
  /// 2. not the owner, and below the level or read-only: `notPermitted`;
  /// 3. pin, without a token, unless the owner itself asks by a system call: `notPermitted`;
  /// 4. the same number (−0 is 0), or nearer to it than epsilon: `ok`, nothing changes;
  /// 5. sooner after the last change than the value allows: `busy`;
  /// 6. outside the range, or not a number where there is a range: `invalid`;
  /// 7. else it changes, and if it is stored, a write is due after its debounce; a write already due stays so.
  public mutating func set(_ id: ObjectID, to bits: UInt16, caller: Caller, now: Instant) -> SetResult {
    guard let index = index(of: id) else { return SetResult(.notFound) }
    let value = all[index]
    let isOwner = caller.owns(value.owner)
    guard caller.reaches(owner: value.owner, level: value.authLevel) else { return SetResult(.notPermitted) }
    if value.flags.contains(.readOnly), !isOwner { return SetResult(.notPermitted) }
    if value.flags.contains(.pin), !caller.hasToken, !(isOwner && caller.isTask) {
      return SetResult(.notPermitted)
    }
    guard !value.isUnchanged(by: bits) else { return SetResult(.ok) }
    if let last = value.lastChange, now < last.advanced(byMilliseconds: value.rateMilliseconds) {
      return SetResult(.busy)
    }
    guard value.admits(bits) else { return SetResult(.invalid) }
    all[index].lastChange = now
    return SetResult(.ok, change: change(index, to: bits, caller: caller.pid, now: now))
  }

  /// Gives a value what storage holds for it. No owner, level or rate is asked, and nothing is written back.
  /// `invalid` if it is outside the range: the value stays.
  public mutating func restore(_ id: ObjectID, to bits: UInt16) -> SetResult {
    guard let index = index(of: id) else { return SetResult(.notFound) }
    guard all[index].admits(bits) else { return SetResult(.invalid) }
    guard all[index].bits != bits else { return SetResult(.ok) }
    all[index].writeDue = nil
    return SetResult(.ok, change: change(index, to: bits, caller: 0, now: nil))
  }

  private mutating func change(_ index: Int, to bits: UInt16, caller: UInt32, now: Instant?) -> ValueChange {
    let old = all[index].bits
    all[index].bits = bits
    if let now, all[index].saves, all[index].writeDue == nil {
      all[index].writeDue = now.advanced(
        byMilliseconds: all[index].debounceMilliseconds.multipliedSaturating(by: debounceFactor))
    }
    let value = all[index]
    return ValueChange(
      id: value.id, owner: value.owner, caller: caller, old: old, new: bits,
      subscribers: subscriptions.filter { $0.id == value.id }, writeDue: value.writeDue)
  }
}

extension UInt32 {
  fileprivate func multipliedSaturating(by factor: UInt32) -> UInt32 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }
}
