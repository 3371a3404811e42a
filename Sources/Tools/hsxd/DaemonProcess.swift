import Glibc
import HSXServer

/// What the daemon does as a process of Linux.
struct DaemonProcess {
  /// How long an orderly stop may take.
  private static let stopSeconds = 5

  /// The program's path: after an update, that of the new program.
  private let executable: String

  init() {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink("/proc/self/exe", &path, Int(PATH_MAX))
    executable = String(
      decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// As many open files as the system allows: each connection is one.
  func raiseFileLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// Ends the process in five seconds, whatever holds it up. By a timer of the system, which needs no thread of ours.
  static func setDeadline() {
    signal(SIGALRM) { _ in _exit(1) }
    alarm(UInt32(stopSeconds))
  }

  /// Ends the process at once.
  static func exitAtOnce() -> Never { _exit(1) }

  /// Begins anew with the same arguments, under the same process number. Returns if that is impossible.
  func restart() {
    alarm(0)
    // What is ignored or blocked stays so in the new program, and what is open stays open.
    for number in [SIGTERM, SIGINT, SIGHUP, SIGALRM, SIGPIPE] { signal(number, SIG_DFL) }
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    for descriptor in 3..<Int32(sysconf(Int32(_SC_OPEN_MAX)).clamped(to: 4...1 << 20)) {
      let flags = fcntl(descriptor, F_GETFD)
      if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
    }
    var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
    arguments.append(nil)
    execv(executable, &arguments)
  }
}

extension Int {
  fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
