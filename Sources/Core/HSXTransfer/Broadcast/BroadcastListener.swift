import HSXHAL

/// One node's side of a broadcast: frames in, frames and calls to a `BroadcastNode` out.
///
/// The driver calls `receive` for each frame of the bus, `advance` when the `deadline` has come, and asks for
/// `pendingFrame` after either. That frame may change, or be withdrawn, as long as it is not on the bus; when it was
/// sent, the driver says so with `sent`. It does not allocate, and takes about 750 bytes; a frame costs some hundred
/// instructions, the one that completes a block some ten thousand.
public struct BroadcastListener: ~Copyable, Sendable {
  /// The node's number, 1 to 127.
  public internal(set) var node: UInt8
  /// What tells the node from every other, such as the hash of its serial number.
  public let id: UInt32
  /// The class of nodes that it belongs to, 1 to 255.
  public let targetClass: UInt8
  /// The version of the ABI that it offers.
  public let abi: UInt8
  /// How far it is.
  public internal(set) var state = ListenerState.idle
  /// Why it takes no part; only in `refused`.
  public internal(set) var refusal: ListenerRefusal?
  /// The session that it is or was in.
  public internal(set) var session: UInt32 = 0
  /// The lowest block that it lacks: 0 is the manifest, 1 the image's first.
  public internal(set) var nextBlock: UInt16 = 0
  /// Whether another node was heard that answers with the same number.
  public internal(set) var isDuplicated = false

  let window: BroadcastWindow
  var floor: UInt32
  var imageBytes: UInt32 = 0
  var announcedBytes: UInt32 = 0
  var manifestPrefix: UInt32 = 0
  var hashPrefix: UInt32 = 0
  var slots = InlineArray<2, BlockBuffer>(repeating: BlockBuffer())
  var marks = InlineArray<2, SlotMarks>(repeating: SlotMarks())
  /// What an earlier session left for one with the same manifest.
  var keptBlock: UInt16 = 0
  var keptState = ListenerState.idle
  var course = ListenerCourse()
  var asking = ListenerAsking()
  var held = HeldOrder()
  var answer: BroadcastPayload?
  /// Whether the last answer met another one.
  var hasCollided = false
  var answerAt = Instant.zero
  var heardAt = Instant.zero
  var dueAt = Instant.zero

  /// A listener in no session.
  ///
  /// - Parameter sessionFloor: the number of the last session that was activated, as the node has stored it; sessions
  ///   up to it are ignored.
  public init(
    window: BroadcastWindow = .standard, node: UInt8, id: UInt32, targetClass: UInt8 = 1, abi: UInt8 = 1,
    sessionFloor: UInt32 = 0
  ) {
    self.window = window
    self.node = node
    self.id = id
    self.targetClass = targetClass
    self.abi = abi
    floor = sessionFloor
  }

  /// Milliseconds without a frame of the session after which a node that is not sealed drops what came.
  public static var loadingTimeout: UInt32 { 60_000 }
  /// Milliseconds that a sealed image waits for COMMIT.
  public static var sealedTimeout: UInt32 { 600_000 }
  /// Milliseconds until a busy node is asked again.
  static var retryTime: UInt32 { 1 }

  /// The last block of the image; 0 before the manifest is known.
  var lastBlock: UInt16 { UInt16(truncatingIfNeeded: (Int(imageBytes) &+ 255) / 256) }

  /// Whether it wants blocks.
  var isTaking: Bool { state == .opened || state == .loading }
}

/// What is known of a block beside its symbols.
struct SlotMarks: Sendable {
  /// Whether a header told its CRC-16.
  var isAnnounced = false
  /// Whether it is rebuilt, and no longer whitened.
  var isPlain = false
}

/// Where in the master's course the listener is.
struct ListenerCourse: Sendable {
  /// The block that the master opened last.
  var open: UInt16 = 0
  /// Whether any header of this session was heard.
  var isKnown = false
  /// Whether the open block is known by its symbols alone, so that it has no CRC-16, and nothing doubtful may go in.
  var isInferred = false
  /// Whether data of the other parity has come that may be of two blocks, so that a header must tell first.
  var isDoubtful = false
  /// The block that is being repaired.
  var repair: UInt16?
  /// How often the manifest was asked for before OPEN was heard.
  var early: UInt8 = 0
  /// The block behind which HOLD was said last.
  var heldBlock: UInt16 = 0
  /// The last index heard of the open block.
  var lastIndex: UInt8 = 0
  /// The indices that the last header announced.
  var first: UInt8 = 0
  var count: UInt8 = 48
  /// Whether this listener has asked for another pass.
  var hasJoined = false

  /// Whether the last header announced this index.
  func announces(_ index: Int) -> Bool {
    let distance = index &- Int(first)
    return (distance < 0 ? distance &+ 48 : distance) < Int(count)
  }
}

/// What the listener wants to say without data.
struct ListenerAsking: Sendable {
  /// The lowest block it lacks was polled, and is asked for.
  var isDue = false
  /// How often it was.
  var tries: UInt8 = 0
  /// Symbols of the next block until it is asked for again; 0 if it is not.
  var patience: UInt8 = 0
  var wantsHold = false
  /// Symbols until HOLD may be said again.
  var holdPatience: UInt8 = 0
  var wantsJoin = false
  var wantsYes = false
}

/// An order that waits for its AUTH.
struct HeldOrder: Sendable {
  var first: UInt64 = 0
  var second: UInt64 = 0
  /// The orders held: 0, 1 or 2.
  var count: UInt8 = 0
}
