public import HSXMailbox
public import HSXRegistry
public import HXE

/// A limit that a refusal can name.
public enum Limit: UInt8, CaseIterable, Equatable, Sendable {
  case code, rodata, bss, stack, heap, tasks, transfers
  case values, commands, stringBytes, subscriptions, mailboxes, mailboxHandles, mailboxBytes
}

/// How much of everything the executive may use. What is refused says which of these said no.
public struct Budget: Equatable, Sendable {
  /// Bytes of one image's code.
  public var codeBytes: UInt32
  /// Bytes of one image's read-only data.
  public var rodataBytes: UInt32
  /// Bytes of one image's zeroed memory.
  public var bssBytes: UInt32
  /// Bytes of stack when the manifest does not say.
  public var defaultStackBytes: UInt32
  /// The most bytes of stack that a manifest may ask for.
  public var stackBytes: UInt32
  /// The most bytes of heap that a manifest may ask for.
  public var heapBytes: UInt32
  /// Tasks at once, those still loading and those on standby behind a replacement included.
  public var tasks: UInt32
  /// Transfers at once.
  public var transfers: UInt32
  /// Room for an image's metadata while it is read.
  public var image: ImageLimits
  /// Values, commands and their strings, of all tasks.
  public var registry: RegistryLimits
  /// Mailboxes of all tasks.
  public var mailboxes: MailboxLimits
  /// Instructions that a command's handler may retire.
  public var handlerInstructions: UInt32
  /// Whether a task's memory is put back when a command's handler fails: costs a copy of its 64 KiB.
  public var restoresMemoryAfterFailedCommand: Bool
  /// Events kept for subscribers.
  public var events: Int
  /// Subscriptions at once.
  public var subscriptions: Int
  /// Effects that may wait for the driver; tasks pause when they are spent.
  public var effects: Int

  /// The budget of a gateway or a workstation.
  public static var desktop: Budget {
    Budget(
      codeBytes: 0x1_0000, rodataBytes: 0xC000, bssBytes: 0xC000, defaultStackBytes: 4096,
      stackBytes: 0x8000, heapBytes: 0xC000, tasks: 64, transfers: 8, image: .desktop,
      registry: .desktop, mailboxes: .desktop, handlerInstructions: 100_000,
      restoresMemoryAfterFailedCommand: true, events: 4096, subscriptions: 4096, effects: 256)
  }

  /// The budget of a microcontroller.
  public static var embedded: Budget {
    Budget(
      codeBytes: 0x4000, rodataBytes: 0x4000, bssBytes: 0x4000, defaultStackBytes: 1536,
      stackBytes: 4096, heapBytes: 4096, tasks: 4, transfers: 1, image: .embedded,
      registry: .embedded, mailboxes: .embedded, handlerInstructions: 10_000,
      restoresMemoryAfterFailedCommand: false, events: 64, subscriptions: 4, effects: 16)
  }
}
