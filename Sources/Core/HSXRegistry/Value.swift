public import HSXHAL
public import HXE

/// A registered value: one binary16 number and what is known about it. Numbers are binary16 bits.
public struct Value: Equatable, Sendable {
  /// Its number.
  public let id: ObjectID
  /// The task it belongs to.
  public let owner: UInt32
  /// The flags as registered; `persist` follows what its owner says later.
  public internal(set) var flags: ValueFlags
  /// What a caller that is not the owner needs.
  public internal(set) var authLevel: UInt8
  /// The present value.
  public internal(set) var bits: UInt16
  /// A change below this is none.
  public internal(set) var epsilon: UInt16 = 0
  /// The least value; with `maximum` both 0, there is no range.
  public internal(set) var minimum: UInt16 = 0
  /// The greatest value.
  public internal(set) var maximum: UInt16 = 0
  /// The least time between two changes.
  public internal(set) var rateMilliseconds: UInt32 = 0
  /// The key under which it is stored; 0 if none.
  public internal(set) var persistKey: UInt16 = 0
  /// The time over which changes are gathered into one write.
  public internal(set) var debounceMilliseconds: UInt32 = 0
  /// Its name.
  public internal(set) var name: StringID?
  /// Its group's name.
  public internal(set) var groupName: StringID?
  /// Its unit.
  public internal(set) var unit: StringID?
  /// Whether it starts from what is stored.
  public internal(set) var loads = false
  /// Whether its changes are stored.
  public internal(set) var saves = false
  /// When it last changed by a set.
  public internal(set) var lastChange: Instant?
  /// When its present value is to be written, if it is not yet.
  public internal(set) var writeDue: Instant?

  init(id: ObjectID, owner: UInt32, flags: ValueFlags, authLevel: UInt8, bits: UInt16) {
    self.id = id
    self.owner = owner
    self.flags = flags
    self.authLevel = authLevel
    self.bits = bits
  }

  /// Whether it has a range.
  public var hasRange: Bool { !(Binary16(bits: minimum).isZero && Binary16(bits: maximum).isZero) }

  /// Whether it may have this value.
  public func admits(_ bits: UInt16) -> Bool {
    !hasRange || Binary16(bits: bits).isInside(Binary16(bits: minimum), Binary16(bits: maximum))
  }

  /// Whether setting `bits` would be no change: the same number, or one inside epsilon.
  func isUnchanged(by bits: UInt16) -> Bool {
    let present = Binary16(bits: self.bits)
    let next = Binary16(bits: bits)
    return present.isSame(as: next) || next.isWithin(Binary16(bits: epsilon), of: present)
  }
}

/// A value to be written to storage.
public struct PersistWrite: Equatable, Sendable {
  /// The value.
  public var id: ObjectID
  /// The key.
  public var key: UInt16
  /// The bits to write.
  public var bits: UInt16

  /// `bits` of the value `id`, under `key`.
  public init(id: ObjectID, key: UInt16, bits: UInt16) {
    self.id = id
    self.key = key
    self.bits = bits
  }
}

/// What storage holds under a key.
public struct StoredValue: Equatable, Sendable {
  /// The key.
  public var key: UInt16
  /// The bits.
  public var bits: UInt16

  /// `bits` under `key`.
  public init(key: UInt16, bits: UInt16) {
    self.key = key
    self.bits = bits
  }
}

/// Whoever wants to hear of a value's changes.
public struct Subscription: Equatable, Sendable {
  /// The value.
  public var id: ObjectID
  /// The task that asked.
  public var pid: UInt32
  /// Where the notices go; a number that means something to the executive alone.
  public var mailbox: UInt32

  /// A subscription of `pid` to `id`.
  public init(id: ObjectID, pid: UInt32, mailbox: UInt32) {
    self.id = id
    self.pid = pid
    self.mailbox = mailbox
  }
}

/// A value that has another number now.
public struct ValueChange: Equatable, Sendable {
  /// The value.
  public var id: ObjectID
  /// Whose it is.
  public var owner: UInt32
  /// Who changed it; 0 if the executive did.
  public var caller: UInt32
  /// The bits before.
  public var old: UInt16
  /// The bits after.
  public var new: UInt16
  /// Whom to tell, in the order of their asking.
  public var subscribers: [Subscription]
  /// When it is to be written, if it persists.
  public var writeDue: Instant?

  /// What a subscriber's mailbox gets: number, old bits, new bits, little-endian.
  public var notice: [UInt8] { Self.notice(id, old: old, new: new) }

  static func notice(_ id: ObjectID, old: UInt16, new: UInt16) -> [UInt8] {
    var bytes: [UInt8] = []
    for half in [id.rawValue, old, new] {
      bytes.append(UInt8(truncatingIfNeeded: half))
      bytes.append(UInt8(truncatingIfNeeded: half >> 8))
    }
    return bytes
  }
}
