import HSXHAL
import HSXLinux
import HSXPersistence

/// Writes values that only grow, and images with growing revisions, one after the other, and tells the host of each before it
/// is written and after it is stored.
enum Writing {
  /// The keys, and as many slots as a file of 4 MiB has.
  typealias Ledger = Store<64>

  /// Keys that are written one by one.
  static let keys: ClosedRange<UInt16> = 1...16
  /// Two keys that are written together, always to the same value.
  static let twins: (UInt16, UInt16) = (101, 102)
  /// A value of the app, always the same as the revision of its active image; the revision goes by the second number.
  static let imageTwins: (UInt16, UInt16) = (201, 202)

  private static let path = Settings.text("HSX_PATH") ?? "/dev/mtd0"

  private static func open() throws(StorageError) -> WeakenedDevice {
    let strength = Settings.text("HSX_SYNC").flatMap { WeakenedDevice.Sync(rawValue: $0) } ?? .full
    return try WeakenedDevice(path: path, strength: strength)
  }

  static func format() throws {
    var device = try open()
    try format(&device)
    Console.say("formatted")
  }

  private static func format<Memory: NonvolatileMemory & ~Copyable>(_ memory: inout Memory) throws(StoreError)
  {
    guard let layout = Layout.standard(for: memory.geometry) else {
      throw .layout(needed: 0, available: memory.geometry.size)
    }
    _ = try Ledger.format(layout, in: &memory)
  }

  /// Makes the file of the store if there is none: told before and after, for power may be cut here too.
  private static func createIfMissing() throws {
    guard (try? PathKind(at: path)) == nil else { return }
    Console.say("missing")
    _ = try FileMemory.create(at: path, size: 4 << 20) { (memory: inout FileMemory) throws(StoreError) in
      try format(&memory)
    }
    Console.say("formatted")
  }

  static func run() throws {
    try createIfMissing()
    var device = try open()
    var ledger = try Ledger(mounting: &device)
    let again = try Ledger(mounting: &device)
    for key in Array(keys) + [twins.0, twins.1] {
      let value = ledger.value(of: key, generation: 0) ?? 0
      guard value == again.value(of: key, generation: 0) ?? 0 else {
        Console.say("failed key \(key) unstable")
        return
      }
      Console.say("read \(key) \(value)")
    }
    let (revision, value) = try Images.read(&ledger, in: &device)
    Console.say("read \(imageTwins.0) \(value)")
    Console.say("read \(imageTwins.1) \(revision)")
    Console.say("mounted \(ledger.condition.rawValue)")
    var choice = Sequence64(state: Settings.number("HSX_SEED"))
    while true {
      switch choice.next(below: 16) {
      case 0:
        try Images.replace(&ledger, choice.next(below: 2) == 0, in: &device)
      case 1...4:
        let value = (ledger.value(of: twins.0, generation: 0) ?? 0) + 1
        Console.say("try \(twins.0) \(value) \(twins.1) \(value)")
        var batch = Batch<64>()
        try batch.append(Record(.value0, twins.0, value))
        try batch.append(Record(.value0, twins.1, value))
        try ledger.commit(batch, in: &device)
        Console.say("stored \(twins.0) \(value) \(twins.1) \(value)")
      default:
        let key = keys.lowerBound + UInt16(choice.next(below: UInt64(keys.count)))
        let value = (ledger.value(of: key, generation: 0) ?? 0) + 1
        Console.say("try \(key) \(value)")
        try ledger.setValue(value, of: key, generation: 0, in: &device)
        Console.say("stored \(key) \(value)")
      }
    }
  }
}
