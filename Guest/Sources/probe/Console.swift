import Glibc

/// The serial line to the host.
enum Console {
  /// Writes a line, and returns when the last byte has left the guest: what the host has read is then never behind what
  /// was done here.
  ///
  /// Every line ends with the number of flushes that the disk has completed, so that the host can tell what had been said at
  /// any point of the log of the disk's writes.
  static func say(_ text: String) {
    let bytes = Array("probe \(text) @\(Disk.counts().flushes)\n".utf8)
    var done = 0
    while done < bytes.count {
      let put = bytes.withUnsafeBytes { write(1, $0.baseAddress?.advanced(by: done), bytes.count - done) }
      if put < 0, errno != EINTR { return }
      done += max(put, 0)
    }
    tcdrain(1)
  }
}

/// The disk of the guest, as the kernel's block layer counts.
enum Disk {
  /// Writes and flushes that it has completed since the start.
  static func counts() -> (writes: Int, flushes: Int) {
    let descriptor = open("/sys/block/vda/stat", O_RDONLY)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = read(descriptor, &bytes, bytes.count)
    let words = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self).split { $0 == " " || $0 == "\n" }
    guard words.count > 15 else { return (0, 0) }
    return (Int(words[4]) ?? 0, Int(words[15]) ?? 0)
  }
}

/// What the host asked for.
enum Settings {
  static func text(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    return String(cString: value)
  }

  static func number(_ name: String) -> UInt64 {
    text(name).flatMap { UInt64($0) } ?? 0
  }
}

/// A small generator of repeatable numbers.
struct Sequence64 {
  var state: UInt64

  mutating func next(below bound: UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value &>> 27)) &* 0x94D0_49BB_1331_11EB
    return (value ^ (value &>> 31)) % bound
  }
}
