import Glibc
import HSXHAL
import HSXLinux
import HSXPersistence

/// The other devices that a Linux has: memory as flash, NAND, an EEPROM by sysfs.
enum DeviceCheck {
  static func run() throws {
    for path in ["/dev/mtd0", "/dev/mtd0ro", "/dev/mtd1", "/dev/mtd2", eeprom, "/dev/vda", "/dev/console"] {
      for access in [StorageAccess.exclusive, .readOnly] {
        do {
          let device = try StorageDevice.open(path: path, access: access)
          Console.say("opened \(path) \(access) \(kind(device)) \(device.geometry)")
        } catch {
          Console.say("refused \(path) \(access) \(error.cause)")
        }
      }
    }
    try eachSector("/dev/mtd1")
    try everyByte(eeprom)
    try ring(eeprom)
    Console.say("done")
  }

  private static let eeprom = "/sys/bus/i2c/devices/0-0050/eeprom"

  private static func kind(_ device: borrowing StorageDevice) -> String {
    switch device {
    case .file: "file"
    case .mtd: "mtd"
    case .eeprom: "eeprom"
    }
  }

  /// Programs and erases every sector, and sees that its neighbours keep what they had.
  private static func eachSector(_ path: String) throws {
    let device = try StorageDevice.open(path: path, access: .exclusive)
    let unit = device.geometry.eraseUnit
    let count = device.geometry.size / unit
    for sector in 0..<count {
      try device.erase(sector: sector)
      try device.program([UInt8(sector & 0x7F), 1, 2, 3].span, at: sector * unit + unit - 4)
    }
    try device.erase(sector: count / 2)
    try device.sync()
    var wrong = 0
    for sector in 0..<count {
      var bytes: [UInt8] = [0, 0, 0, 0]
      var span = bytes.mutableSpan
      try device.read(at: sector * unit + unit - 4, into: &span)
      let expected: [UInt8] = sector == count / 2 ? [255, 255, 255, 255] : [UInt8(sector & 0x7F), 1, 2, 3]
      if bytes != expected { wrong += 1 }
    }
    Console.say("sectors \(count) wrong \(wrong)")
  }

  private static func everyByte(_ path: String) throws {
    let device = try StorageDevice.open(path: path, access: .exclusive)
    let size = device.geometry.size
    try device.program([UInt8](repeating: 0x5A, count: size).span, at: 0)
    for offset in 0..<size { try device.program([UInt8(truncatingIfNeeded: offset)].span, at: offset) }
    try device.sync()
    var bytes = [UInt8](repeating: 0, count: size)
    var span = bytes.mutableSpan
    try device.read(at: 0, into: &span)
    let wrong = bytes.indices.count { bytes[$0] != UInt8(truncatingIfNeeded: $0) }
    Console.say("bytes \(size) wrong \(wrong)")
  }

  private static func ring(_ path: String) throws {
    var device = try StorageDevice.open(path: path, access: .exclusive)
    let ring = Ring(offset: 0, pageSize: device.geometry.size / 2, pageCount: 2)
    var journal = try Journal<4>(formatting: ring, in: &device)
    for value in UInt16(1)...100 { try journal.commit([Record(.value0, 1, value)].span, in: &device) }
    let found = try Journal<4>(mounting: ring, in: &device).value(of: .value0, 1)
    Console.say("ring \(found ?? 0)")
  }
}
