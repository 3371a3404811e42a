import Glibc

/// The serial line to the host.
enum Console {
  /// Writes a line, and returns when the last byte has left the guest: what the host has read is then never behind what
  /// was done here.
  static func say(_ text: String) {
    let bytes = Array("probe \(text)\n".utf8)
    var done = 0
    while done < bytes.count {
      let put = bytes.withUnsafeBytes { write(1, $0.baseAddress?.advanced(by: done), bytes.count - done) }
      if put < 0, errno != EINTR { return }
      done += max(put, 0)
    }
    tcdrain(1)
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
