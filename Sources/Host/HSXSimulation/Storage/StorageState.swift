public import HSXPersistence

/// What the keys of a configuration hold, at one moment.
public struct StorageState: Hashable, Sendable {
  /// Nothing, for a key.
  static var nothing: UInt32 { 0x1_0000 }

  /// By key: its value, or `nothing`.
  var values = SIMD16<UInt32>(repeating: StorageState.nothing)

  /// No key holds anything.
  public init() {}

  /// The value of the key number `key`, nil if it has none.
  public subscript(key: Int) -> UInt16? {
    get { UInt16(exactly: values[key]) }
    set { values[key] = newValue.map(UInt32.init) ?? StorageState.nothing }
  }

  /// Keys that hold something.
  public var count: Int {
    let isHeld = values .!= StorageState.nothing
    return (0..<16).reduce(0) { $0 + (isHeld[$1] ? 1 : 0) }
  }

  /// What a journal says.
  public init(of journal: borrowing StoreJournal, keys: Int) {
    for key in 0..<keys {
      let (kind, argument) = StorageState.name(of: key)
      if let value = journal.value(of: kind, argument) { values[key] = UInt32(value) }
    }
  }

  /// What the journal knows the key number `key` by.
  static func name(of key: Int) -> (kind: Record.Kind, argument: UInt16) {
    let argument = UInt16(truncatingIfNeeded: [1, 0xFFFE, 0x100, 0x7FFF, 3, 0xFF, 2, 0x8000][key / 2])
    switch key % 6 {
    case 1: return (.value1, argument)
    case 3: return (.slot, argument)
    case 5: return (key < 8 ? .floorLow : .floorHigh, argument)
    default: return (.value0, argument)
    }
  }
}

/// What an application wants to store at once: the changes, all of them or none.
public struct StorageUpdate: Equatable, Sendable {
  /// One key and what it is to hold; nil to forget it.
  public struct Change: Equatable, Sendable {
    /// The key's number.
    public var key: Int
    /// Its value.
    public var value: UInt16?
  }

  /// In order.
  public var changes: [Change]

  /// The state after it.
  public func applied(to state: StorageState) -> StorageState {
    var state = state
    for change in changes {
      // A slot in the state 0 is free: as if it had none.
      let isFree = change.value == 0 && StorageState.name(of: change.key).kind == .slot
      state[change.key] = isFree ? nil : change.value
    }
    return state
  }

  /// As the journal takes it.
  public var records: [Record] {
    changes.map { change in
      let (kind, argument) = StorageState.name(of: change.key)
      guard let value = change.value else { return Record(.tombstone, argument, UInt16(kind.rawValue)) }
      return Record(kind, argument, value)
    }
  }
}

extension StorageState: CustomStringConvertible {
  /// The keys that hold something, and their values.
  public var description: String {
    (0..<16).compactMap { key in self[key].map { "\(key)=\(String($0, radix: 16))" } }.joined(separator: " ")
  }
}

extension StorageUpdate: CustomStringConvertible {
  /// The changes, a key and its value or nothing.
  public var description: String {
    "[" + changes.map { "\($0.key)=\($0.value.map { String($0, radix: 16) } ?? "")" }.joined(separator: " ")
      + "]"
  }
}
