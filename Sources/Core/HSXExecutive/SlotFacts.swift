public import HSXHAL
public import HSXPersistence
public import HXE

/// A slot of the store, as a person looks at it.
public struct SlotFacts: Equatable, Sendable {
  /// Its number.
  public var slot: UInt8
  /// Its state: phase, whether the app boots from it, the generation of its values, attempts, failures, cause.
  public var state: SlotState
  /// Whether it is the one to go back to.
  public internal(set) var isFallback = false
  /// Whether its descriptor cannot be read; then nothing of what follows is known.
  public internal(set) var isDamaged = false
  /// Why the memory refused to read its descriptor; nothing is known then, not even that it is damaged.
  public internal(set) var fault: MemoryFault?
  /// The app's name; nil where no complete image is.
  public internal(set) var app: ShortName?
  /// Its revision: of an app's images in the store, each later one has a higher number.
  public internal(set) var revision: UInt32?
  /// Bytes of the image.
  public internal(set) var length: UInt32?
  /// The CRC-32 of the image's bytes.
  public internal(set) var crc32: UInt32?
  /// The SHA-256 of the image's bytes.
  public internal(set) var sha256: [UInt8] = []
  /// Where it came from, by the number that the store keeps of it; 0 if that is not known.
  public internal(set) var source: UInt32 = 0

  init(slot: UInt8, state: SlotState) {
    self.slot = slot
    self.state = state
  }
}

/// Where a task's image is stored.
public struct StoredImage: Equatable, Sendable {
  /// The slot.
  public var slot: UInt8
  /// The revision.
  public var revision: UInt32
  /// The CRC-32 of the image's bytes.
  public var crc32: UInt32
}
