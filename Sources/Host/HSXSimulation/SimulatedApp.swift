import HXE

/// An app small enough to know what it will do, as an image.
public struct SimulatedApp: Equatable, Sendable {
  /// What it does when it runs.
  public enum Behavior: CaseIterable, Equatable, Sendable {
    /// Returns 0.
    case succeeds
    /// Returns 3.
    case fails
    /// Calls exit with 0.
    case exits
    /// Divides by zero.
    case faults
    /// Never ends.
    case spins
    /// Sleeps 40 ms, then returns 0.
    case sleeps
  }

  /// The apps of one number may run once, and declare the same values, command and mailbox; nil is an app of which
  /// any number may run, and which declares nothing.
  public var family: UInt8?
  /// What it does.
  public var behavior: Behavior

  /// An app of this family and behavior.
  public init(family: UInt8?, behavior: Behavior) {
    self.family = family
    self.behavior = behavior
  }

  /// Whether its end counts as a failure of a probation.
  public var isFailure: Bool { behavior == .fails || behavior == .faults }

  /// The name it has, without an instance's number.
  public var name: String { family.map { "app\($0)" } ?? "many" }

  /// The mailbox it declares.
  public var mailbox: String? { family.map { "app:box\($0)" } }

  /// The objects it declares: as many values, one command with the first one's number.
  public var valueIDs: [UInt16] { family.map { [UInt16($0) << 8 | 1, UInt16($0) << 8 | 2] } ?? [] }

  /// Its image.
  public func image() throws -> [UInt8] {
    var builder = ImageBuilder()
    builder.appName = Array(name.utf8)
    builder.allowsMultipleInstances = family == nil
    builder.code = code
    builder.rodata = Array("simulated".utf8)
    guard let family, let mailbox else { return try builder.build() }
    for id: UInt8 in [1, 2] {
      var value = ValueDescriptor()
      value.group = family
      value.id = id
      value.initial = Float16(id).bitPattern
      builder.values.append(
        ImageBuilder.Value(value, name: Array("value\(id)".utf8), unit: [], groupName: Array(name.utf8)))
    }
    var command = CommandDescriptor()
    command.group = family
    command.id = 1
    command.handler = UInt32(code.count - 8)
    builder.commands = [
      ImageBuilder.Command(command, name: Array("seven".utf8), help: [], groupName: Array(name.utf8))
    ]
    builder.mailboxes = [
      try ImageBuilder.Mailbox(target: Array(mailbox.utf8), capacity: 64, mode: .readWrite)
    ]
    return try builder.build()
  }

  /// What it does, and behind that the command's handler, which returns 7.
  private var code: [UInt8] {
    let program: [UInt32] =
      switch behavior {
      case .succeeds: [0x0100_0000, 0x2500_0000]
      case .fails: [0x0100_0003, 0x2500_0000]
      case .exits: [0x0100_0000, 0x3000_0100]
      case .faults: [0x0110_000A, 0x1311_2000]
      case .spins: [0x2100_0000]
      case .sleeps: [0x0100_0028, 0x3000_0600, 0x0100_0000, 0x2500_0000]
      }
    var bytes: [UInt8] = []
    for word in program + [0x0100_0007, 0x2500_0000] { bytes.appendBigEndian(word) }
    return bytes
  }
}
