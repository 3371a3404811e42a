import Glibc
import HSXHAL
import HSXLinux

/// What reaches the disk behind block2mtd, and by which call: writes and flushes as the kernel's block layer counts them.
enum Measurement {
  static func run() throws {
    let path = "/dev/mtd0"
    var value: UInt8 = 0
    for name in ["nothing", "fsync", "close", "sync(2)", "device"] {
      let device = try StorageDevice.open(path: path, access: .exclusive)
      let before = settled()
      value += 1
      try device.program([UInt8](repeating: value, count: 8).span, at: 64)
      var result: CInt = 0
      switch name {
      case "fsync":
        let second = open(path, O_RDONLY)
        result = fsync(second) == 0 ? 0 : errno
        close(second)
      case "close": close(open(path, O_RDWR))
      case "sync(2)": Glibc.sync()
      case "device": try device.sync()
      default: break
      }
      let after = settled()
      let writes = after.writes - before.writes
      Console.say(
        "measured \(name) errno \(result) writes \(writes) flushes \(after.flushes - before.flushes)")
      // The next begins with a clean page.
      try device.sync()
    }
    Console.say("done")
  }

  /// The counts, some time later: the kernel counts a write only after it has told those who wait for it.
  private static func settled() -> (writes: Int, flushes: Int) {
    usleep(50_000)
    return Disk.counts()
  }
}
