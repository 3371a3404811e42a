public import HSXHAL

/// The sending side of a broadcast: one session, from OPEN to the last roll call.
///
/// The driver takes a frame with `nextFrame` whenever the link has room for one, best no more than one ahead of the one
/// that is on the bus; hands in every frame that it hears with `receive`; and comes again when the `deadline` is over. A
/// taken frame counts as sent. It does not allocate.
public struct BroadcastMaster<Source: BroadcastSource & ~Copyable>: ~Copyable {
  /// What has been sent and heard.
  public internal(set) var counts = MasterCounts()
  /// How the session ended; nil as long as it has not.
  public internal(set) var outcome: MasterOutcome?
  /// When the first bit of OPEN was given to the link.
  public internal(set) var openedAt: Instant?
  /// When the last answer of the roll call behind SEAL was heard, or not.
  public internal(set) var sealedAt: Instant?

  let settings: MasterSettings
  let manifest: BroadcastManifest
  let manifestPrefix: UInt32
  let source: Source
  var phase = MasterPhase.idle
  var outbox = MasterOutbox()
  var random: UInt64
  var roster = InlineArray<128, NodeRecord>(repeating: NodeRecord())
  var course = MasterCourse()
  var parity = ParityEstimate()
  var repair = MasterRepair()
  var roll = RollCall(.capabilities)
  var load = BusLoad()
  var buffers = InlineArray<2, BlockBuffer>(repeating: BlockBuffer())
  var buffered = InlineArray<2, Int>(repeating: -1)
  var pausedUntil = Instant.zero
  var heldUntil = Instant.zero
  var holdTime: UInt32 = 4
  var heldMicroseconds: UInt64 = 0
  var retry: CANFrame?

  /// A master of one session.
  public init(_ settings: MasterSettings, manifest: BroadcastManifest, source: consuming Source) {
    self.settings = settings
    self.manifest = manifest
    var digest = Source.Digest()
    digest.update(manifest.bytes.span)
    let hash = digest.finish()
    var prefix: UInt32 = 0
    for index in 0..<4 { prefix |= UInt32(hash[index]) &<< UInt32(index &* 8) }
    manifestPrefix = prefix
    self.source = source
    random = settings.seed &* 0x9E37_79B9_7F4A_7C15 | 1
  }

  /// Expects a node, 1 to 127, which counts in the policy and is asked in the roll calls.
  public mutating func expect(node: UInt8, targetClass: UInt8 = 1) {
    guard (1...127).contains(node) else { return }
    roster[Int(node)].isExpected = true
    roster[Int(node)].targetClass = targetClass
  }

  /// Begins. Without `listensFirst` the next frame is OPEN.
  public mutating func start(now: Instant) {
    guard phase == .idle else { return }
    if settings.listensFirst {
      let time = 200_000 &+ draw(below: 100_001)
      phase = .listening(until: Instant(microseconds: now.microseconds &+ time), since: now)
    } else {
      begin()
    }
  }

  /// What became of a node.
  public func verdict(of node: UInt8) -> NodeVerdict { roster[Int(node & 127)].verdict }

  /// The blocks of the image.
  public var blocks: Int { manifest.blocks }
  /// The block that was opened last, for showing how far it is.
  public var openBlock: Int { course.open }
  /// The image's share of the window.
  public var window: BroadcastWindow { settings.window }

  var sessionByte: UInt8 { UInt8(truncatingIfNeeded: settings.session) }

  mutating func begin() {
    if settings.asksCapabilities {
      roll = RollCall(.capabilities)
      phase = .rollCall
    } else {
      beginBlocks()
    }
  }

  mutating func beginBlocks() {
    course.end = settings.isResuming ? 0 : blocks
    open(times: 3)
  }

  /// A number below `limit`, from the seed: xorshift64.
  mutating func draw(below limit: UInt64) -> UInt64 {
    random ^= random &<< 13
    random ^= random &>> 7
    random ^= random &<< 17
    return random % max(1, limit)
  }

  /// The time that so many bits take.
  func bitTime(_ bits: UInt64) -> UInt64 { bits &* 1_000_000 / UInt64(settings.bitsPerSecond) }
}

/// What a master is doing.
enum MasterPhase: Equatable {
  case idle
  /// For another master.
  case listening(until: Instant, since: Instant)
  /// Blocks, and the poll behind the last.
  case blocks
  /// Whether any node lacks a block behind the pass.
  case question(until: Instant)
  /// SEAL is in the outbox.
  case sealing
  case rollCall
  /// COMMIT so often, the next one at that time.
  case committing(sent: Int, start: Instant)
  /// Until the activation is over.
  case activating(until: Instant)
  /// ABORT is in the outbox.
  case aborting
  case ended
}

/// What a master knows of a node.
struct NodeRecord {
  var isExpected = false
  var targetClass: UInt8 = 1
  var isAnswered = false
  /// How often it was asked in this roll call, and when it may be asked again.
  var asks = 0
  var patientUntil = Instant.zero
  var hasProved = false
  var isDuplicate = false
  var state: UInt8 = 0
  var block: UInt16 = 0
  var hash: UInt32 = 0
  var id: UInt32?
  var verdict = NodeVerdict.pending
}

/// Frames that wait for the link: at most 24, of which each use asks for fewer.
struct MasterOutbox {
  private var payloads = InlineArray<24, UInt64>(repeating: 0)
  private var kinds = InlineArray<24, UInt8>(repeating: 0)
  private var first = 0
  private(set) var count = 0

  /// Refuses silently when full; what a master says it says several times.
  mutating func push(_ offset: Int, _ payload: BroadcastPayload) {
    guard count < 24 else { return }
    payloads[(first &+ count) % 24] = payload.word
    kinds[(first &+ count) % 24] = UInt8(truncatingIfNeeded: offset)
    count &+= 1
  }

  mutating func pop() -> (offset: UInt8, payload: BroadcastPayload)? {
    guard count > 0 else { return nil }
    let item = (kinds[first], BroadcastPayload(word: payloads[first]))
    first = (first &+ 1) % 24
    count &-= 1
    return item
  }

  mutating func clear() { count = 0 }
}

/// The bits on the bus in the present 10 ms.
struct BusLoad {
  private var window: UInt64 = 0
  private var bits: UInt64 = 0
  /// When traffic of others was heard last.
  var others: Instant?

  mutating func add(_ count: Int, now: Instant) {
    let present = now.microseconds / 10_000
    if present != window { (window, bits) = (present, 0) }
    bits &+= UInt64(count)
  }

  /// When a frame of so many bits may be sent at the earliest.
  func earliest(_ count: Int, _ bitsPerSecond: UInt32, percent: UInt8, now: Instant) -> Instant {
    let present = now.microseconds / 10_000
    guard percent < 100, present == window else { return now }
    let limit = UInt64(bitsPerSecond) &* UInt64(percent) / 10_000
    // A window in which nothing was sent takes one frame, however slow the bus.
    guard bits > 0, bits &+ UInt64(count) > limit else { return now }
    return Instant(microseconds: (present &+ 1) &* 10_000)
  }
}
