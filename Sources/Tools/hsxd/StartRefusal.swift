import ArgumentParser
import Glibc
import HSXLinux
import HSXPersistence
import HSXProvisioning
import HSXServer
import HSXTranslation
import NIOCore

/// Why the daemon does not start, as it is told to a person: two lines on the standard error.
struct StartRefusal: Error {
  var what: String
  var why: String
  var code: String
  var reason: String
  var remedy: String
  var status: Int32

  private init(what: String, why: String, code: String, reason: String, remedy: String, status: Int32) {
    self.what = what
    self.why = why
    self.code = code
    self.reason = reason
    self.remedy = remedy
    self.status = status
  }

  /// A configuration that cannot be taken.
  init(configuration what: String, _ why: String, reason: String, remedy: String) {
    (self.what, self.why, code, self.reason, self.remedy) = (what, why, "EINVAL", reason, remedy)
    status = 2
  }

  /// A store that cannot be opened or made.
  init(store path: String, _ error: FileMemory.CreationError<StoreError>) {
    switch error {
    case .format(let error): self.init(store: path, error)
    case .storage(let error):
      let reason: ToolReason =
        switch error.cause {
        case .system, .exists, .replaced: .file
        case .inUse: .storageInUse
        case .kind, .size, .unsupported: .notStorage
        }
      self.init(
        what: path, why: error.sentence, code: reason.code.wireName, reason: reason.rawValue,
        remedy: reason.remedy, status: 1)
    }
  }

  /// A store that cannot be mounted.
  init(store path: String, _ error: StoreError) {
    let error = ProvisioningError.store(error)
    (what, why, code) = (path, error.detail, error.code.wireName)
    (reason, remedy, status) = (error.reasonWord, error.remedy, 1)
  }

  /// An address that cannot be listened at.
  init(_ failure: DaemonService.ListeningFailure) {
    switch failure.address {
    case .tcp(let host, let port): what = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): what = path
    }
    let number = (failure.cause as? IOError)?.errnoCode
    why = number.map { String(cString: strerror($0)) + "." } ?? "\(failure.cause)"
    status = 1
    switch number {
    case EADDRINUSE:
      (code, reason) = ("EBUSY", "address_in_use")
      remedy = "End what listens there (`ss -lp` shows it), or give another with --listen or --socket."
    case EACCES, EPERM, EROFS:
      (code, reason) = ("EPERM", "address_denied")
      remedy = "Give a port above 1023, or a path in a folder that this user may write to."
    case EEXIST:
      why = "Something that is no socket has this name."
      (code, reason) = ("EEXIST", "address_taken")
      remedy = "Move it away, or give another path with --socket."
    default:
      (code, reason) = ("EIO", "address_unusable")
      remedy = "Give an address of this machine, or a path whose folder exists."
    }
  }

  /// Tells it.
  func report() {
    LineLog.writeToStandardError("hsxd: \(what): \(why) [\(code) \(reason)]\n  \(remedy)\n")
  }
}
