public import HXE
import MiniVM

/// What the executive allows, as data.
public struct Policy: Equatable, Sendable {
  /// What this target offers to images.
  public var capabilities: Capabilities
  /// How much of everything may be used.
  public var budget: Budget
  /// Milliseconds between two chunks after which a transfer is given up.
  public var writeTimeout: UInt32
  /// Milliseconds after which any transfer is given up.
  public var totalTimeout: UInt32
  /// Milliseconds that a sealed image waits for its activation.
  public var sealTimeout: UInt32
  /// Progress events a second for each transfer, besides the first and the last.
  public var progressRate: UInt32
  /// The most bytes of one chunk.
  public var chunkBytes: UInt32
  /// Chunks that are remembered, so that a sender may repeat them.
  public var rememberedChunks: Int
  /// Milliseconds that a replacement must run without a fault.
  public var probation: UInt32
  /// Whether the bytes of images that are not stored are kept beside their tasks, so that they can still be stored.
  public var retainsImages: Bool
  /// Boots in a row that may fail before an image gives way to the one before it.
  public var bootAttempts: UInt8
  /// Starts that a stored image may fail behind its activation: 0 where it runs at once, more where it is only made ready.
  public var trialAttempts: UInt8 = 0

  /// The policy of a gateway or a workstation.
  public static var desktop: Policy {
    Policy(
      capabilities: [.mailboxes, .values, .storage, .can, .uart, .binary16], budget: .desktop,
      writeTimeout: 5_000, totalTimeout: 120_000, sealTimeout: 600_000, progressRate: 10,
      chunkBytes: 32_768, rememberedChunks: 4096, probation: 5_000, retainsImages: true, bootAttempts: 3)
  }

  /// The policy of a microcontroller.
  public static var embedded: Policy {
    Policy(
      capabilities: [.mailboxes, .values, .can, .uart, .binary16], budget: .embedded,
      writeTimeout: 5_000, totalTimeout: 120_000, sealTimeout: 600_000, progressRate: 10,
      chunkBytes: 4096, rememberedChunks: 16, probation: 5_000, retainsImages: false, bootAttempts: 3)
  }

  /// What the machine's loader must hold an image to.
  var loadLimits: LoadLimits {
    LoadLimits(
      image: budget.image, codeBytes: budget.codeBytes, rodataBytes: budget.rodataBytes,
      bssBytes: budget.bssBytes, defaultStackBytes: budget.defaultStackBytes,
      stackBytes: budget.stackBytes, heapBytes: budget.heapBytes, capabilities: capabilities)
  }
}
