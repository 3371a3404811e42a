import Foundation

/// Tells, when a case crashes or hangs, how to replay it.
enum Alarm {
  /// Seconds after which a case counts as hanging.
  static let limit: UInt32 = 10
  // Written before each case and read by the signal's catcher only: one thread.
  nonisolated(unsafe) private static var line = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
  nonisolated(unsafe) private static var length = 0
  nonisolated(unsafe) private static var target = Target.parser

  /// Catches what a crash or a hang raises.
  static func install(_ target: Target) {
    self.target = target
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGALRM] {
      signal(number) { number in
        // Nothing but write and _exit is safe here.
        write(2, Alarm.line, Alarm.length)
        _exit(128 + number)
      }
    }
  }

  /// Begins the case of `seed`.
  static func set(_ seed: UInt64) {
    let text = "crash or hang\n" + replayLine(target, seed) + "\n"
    length = 0
    for byte in text.utf8.prefix(256) {
      line[length] = byte
      length += 1
    }
    alarm(limit)
  }

  /// Ends the last case.
  static func clear() { alarm(0) }

  /// The command that runs the case of `seed` again.
  static func replayLine(_ target: Target, _ seed: UInt64) -> String {
    "replay: Scripts/fuzz \(target.rawValue) --replay \(seed)"
  }
}
