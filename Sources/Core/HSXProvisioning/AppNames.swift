import HXE
import MiniVM

/// The names of the apps that there are, one a task, and the rules by which a new one gets its own.
public struct AppNames: Equatable, Sendable {
  /// One task's name.
  struct Entry: Equatable, Sendable {
    var pid: PID
    var base: ShortName
    var name: ShortName
    var allowsMultiple: Bool
  }

  /// The most bytes of a name.
  static var longest: Int { 31 }

  private(set) var entries: [Entry] = []

  /// No names.
  public init() {}

  /// The name that a new task of the app `base` gets: `base` itself, or with `_#0`, `_#1`, … the first free.
  ///
  /// - Parameter replaced: a task whose name does not count as taken, since the new one takes it over.
  /// - Throws: `ProvisioningError.appExists` if there is one and either does not allow another.
  func resolve(
    _ base: ShortName, allowsMultiple: Bool, replacing replaced: PID?
  ) throws(ProvisioningError) -> ShortName {
    let others = entries.filter { $0.pid != replaced }
    if let replaced, let entry = entries.first(where: { $0.pid == replaced }) { return entry.name }
    let instances = others.filter { $0.base == base || $0.name == base }
    guard !instances.isEmpty else { return base }
    guard allowsMultiple, instances.allSatisfy({ $0.allowsMultiple }) else { throw .appExists(base) }
    for number in 0...UInt32(truncatingIfNeeded: others.count) {
      let candidate = Self.instance(base, number)
      if !others.contains(where: { $0.name == candidate }) { return candidate }
    }
    throw .appExists(base)
  }

  /// The task that runs under the bare name of the app `base`, or else its first instance.
  func holder(of base: ShortName) -> PID? {
    entries.first { $0.name == base }?.pid ?? entries.first { $0.base == base }?.pid
  }

  mutating func add(_ entry: Entry) {
    entries.append(entry)
  }

  /// Gives a task's name back.
  mutating func remove(_ pid: PID) {
    entries.removeAll { $0.pid == pid }
  }

  /// `base_#number`, with the base cut so that all of it fits.
  private static func instance(_ base: ShortName, _ number: UInt32) -> ShortName {
    let digits = decimal(number)
    var name = base
    name.truncate(to: longest - 2 - digits.count)
    name.append(UInt8(ascii: "_"))
    name.append(UInt8(ascii: "#"))
    for digit in digits { name.append(digit) }
    return name
  }

  /// `task_<pid>`, for an image that nobody named.
  static func anonymous(_ pid: PID) -> ShortName {
    var name = ShortName()
    for byte in "task_".utf8 { name.append(byte) }
    for digit in decimal(pid) { name.append(digit) }
    return name
  }

  private static func decimal(_ number: UInt32) -> [UInt8] {
    var digits: [UInt8] = []
    var rest = number
    repeat {
      digits.insert(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10), at: 0)
      rest /= 10
    } while rest > 0
    return digits
  }
}
