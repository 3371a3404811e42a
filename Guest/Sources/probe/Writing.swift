import HSXHAL
import HSXLinux
import HSXPersistence

/// Writes values that only grow, one after the other, and tells the host of each before it is written and after it is stored.
enum Writing {
  private typealias Ledger = Journal<32>

  /// Keys that are written one by one.
  private static let keys: ClosedRange<UInt16> = 1...16
  /// Two keys that are written together, always to the same value.
  private static let twins: (UInt16, UInt16) = (101, 102)

  private static func open() throws(StorageError) -> WeakenedDevice {
    let strength = Settings.text("HSX_SYNC").flatMap { WeakenedDevice.Sync(rawValue: $0) } ?? .full
    return try WeakenedDevice(path: "/dev/mtd0", strength: strength)
  }

  private static func ring(_ geometry: Geometry) -> Ring {
    Ring(offset: 0, pageSize: geometry.eraseUnit, pageCount: min(geometry.size / geometry.eraseUnit, 64))
  }

  static func format() throws {
    var device = try open()
    _ = try Ledger.format(ring(device.geometry), in: &device)
    try device.sync()
    Console.say("formatted")
  }

  static func run() throws {
    var device = try open()
    let ring = ring(device.geometry)
    var ledger = try Ledger(mounting: ring, in: &device)
    let again = try Ledger(mounting: ring, in: &device)
    for key in Array(keys) + [twins.0, twins.1] {
      let value = ledger.value(of: .value0, key) ?? 0
      guard value == again.value(of: .value0, key) ?? 0 else {
        Console.say("failed key \(key) unstable")
        return
      }
      Console.say("read \(key) \(value)")
    }
    Console.say("mounted \(ledger.condition.rawValue)")
    var choice = Sequence64(state: Settings.number("HSX_SEED"))
    while true {
      if choice.next(below: 4) == 0 {
        let value = (ledger.value(of: .value0, twins.0) ?? 0) + 1
        let both = [Record(.value0, twins.0, value), Record(.value0, twins.1, value)]
        Console.say("try \(twins.0) \(value) \(twins.1) \(value)")
        try ledger.commit(both.span, in: &device)
        Console.say("stored \(twins.0) \(value) \(twins.1) \(value)")
      } else {
        let key = keys.lowerBound + UInt16(choice.next(below: UInt64(keys.count)))
        let value = (ledger.value(of: .value0, key) ?? 0) + 1
        Console.say("try \(key) \(value)")
        try ledger.commit([Record(.value0, key, value)].span, in: &device)
        Console.say("stored \(key) \(value)")
      }
    }
  }
}
