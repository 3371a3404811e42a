/// What a registry may hold. Nothing of it grows beyond these numbers.
public struct RegistryLimits: Equatable, Sendable {
  /// Values of all tasks.
  public var values: Int
  /// Commands of all tasks.
  public var commands: Int
  /// Bytes of different strings.
  public var stringBytes: Int
  /// Subscriptions to values.
  public var subscriptions: Int

  /// Limits with these numbers.
  public init(values: Int, commands: Int, stringBytes: Int, subscriptions: Int) {
    self.values = values
    self.commands = commands
    self.stringBytes = stringBytes
    self.subscriptions = subscriptions
  }

  /// The limits of a gateway or a workstation.
  public static var desktop: RegistryLimits {
    RegistryLimits(values: 256, commands: 256, stringBytes: 4096, subscriptions: 256)
  }

  /// The limits of a microcontroller.
  public static var embedded: RegistryLimits {
    RegistryLimits(values: 64, commands: 16, stringBytes: 2048, subscriptions: 32)
  }
}
