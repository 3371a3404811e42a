import HSXHAL
import HSXTransfer

extension Instant {
  init(nanoseconds: UInt64) { self.init(microseconds: nanoseconds / 1_000) }
  /// The first nanosecond at which it has come.
  var nanoseconds: UInt64 { microseconds > .max / 1_000 ? .max : microseconds * 1_000 }
}

/// A listener on a simulated bus, which takes some microseconds to react.
final class ListenerStation: BusStation {
  private(set) var listener: BroadcastListener
  var node: ModelNode
  let number: UInt8
  let id: UInt32
  private var generator: SeededGenerator
  private var frame: CANFrame?

  init(number: UInt8, id: UInt32, node: ModelNode, seed: UInt64) {
    self.number = number
    self.id = id
    self.node = node
    generator = SeededGenerator(seed: seed)
    listener = BroadcastListener(node: number, id: id)
  }

  /// Power is lost, and is back: only what is stored remains.
  func restart(at time: UInt64) {
    listener = BroadcastListener(node: number, id: id, sessionFloor: node.floor)
    node.abandon()
    resetCounters()
    (frame, readyAt, wakeAt) = (nil, .max, .max)
    path.late = []
  }

  override func pending(at time: UInt64) -> CANFrame? { frame }

  override func sent(_ frame: CANFrame, at time: UInt64) {
    listener.sent(frame)
    update(time)
  }

  override func collided(_ frame: CANFrame, at time: UInt64) {
    listener.collided(frame)
    update(time)
  }

  override func receive(_ frame: CANFrame, at time: UInt64) {
    node.now = time
    listener.receive(frame, for: &node, now: Instant(nanoseconds: time))
    update(time)
  }

  override func wake(at time: UInt64) {
    node.now = time
    listener.advance(for: &node, now: Instant(nanoseconds: time))
    update(time)
  }

  private func update(_ time: UInt64) {
    let wanted = listener.pendingFrame(now: Instant(nanoseconds: time))
    if wanted == nil {
      readyAt = .max
    } else if readyAt == .max {
      readyAt = time + 8_000 + generator.next() % 24_000
    }
    frame = wanted
    wakeAt = listener.deadline?.nanoseconds ?? .max
    if wakeAt <= time { wakeAt = time + 1_000 }
  }
}

/// A master on a simulated bus, whose link holds one frame beside the one that is being sent.
final class MasterStation: BusStation {
  private(set) var master: BroadcastMaster<ModelSource>
  private var queued: CANFrame?
  private var aloneSince: UInt64?
  private var generator: SeededGenerator

  init(
    _ settings: MasterSettings, source: ModelSource, nodes: [UInt8], seed: UInt64, securityCounter: UInt32 = 1
  ) {
    generator = SeededGenerator(seed: seed)
    master = BroadcastMaster(
      settings, manifest: source.manifest(securityCounter: securityCounter), source: source)
    for node in nodes { master.expect(node: node) }
  }

  func start(at time: UInt64) {
    master.start(now: Instant(nanoseconds: time))
    refill(time, latency: 0)
  }

  /// A bus without anybody: the link gives a frame up after 50 ms, and those behind it at once, as long as nobody is heard.
  override func unacknowledged(_ frame: CANFrame, at time: UInt64) {
    let since = aloneSince ?? time
    aloneSince = since
    guard time - since > 50_000_000 else { return }
    queued = nil
    refill(time, latency: 0)
  }

  override func sent(_ frame: CANFrame, at time: UInt64) { aloneSince = nil }

  func verdict(of node: UInt8) -> NodeVerdict { master.verdict(of: node) }

  override func pending(at time: UInt64) -> CANFrame? { queued }

  override func started(at time: UInt64) {
    queued = nil
    refill(time, latency: 0)
  }

  override func collided(_ frame: CANFrame, at time: UInt64) {
    queued = nil
    master.collided(now: Instant(nanoseconds: time))
    refill(time, latency: 0)
  }

  override func receive(_ frame: CANFrame, at time: UInt64) {
    master.receive(frame, now: Instant(nanoseconds: time))
    if queued == nil { refill(time, latency: 8_000 + generator.next() % 24_000) }
  }

  override func wake(at time: UInt64) {
    if queued == nil { refill(time, latency: 0) }
  }

  private func refill(_ time: UInt64, latency: UInt64) {
    queued = master.nextFrame(now: Instant(nanoseconds: time))
    readyAt = queued == nil ? .max : time + latency
    wakeAt = .max
    if queued == nil, let deadline = master.deadline { wakeAt = max(deadline.nanoseconds, time + 1_000) }
  }
}
