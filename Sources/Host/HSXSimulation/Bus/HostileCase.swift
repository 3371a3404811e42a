import HSXHAL
import HSXTransfer

/// A listener whose bus belongs to somebody without the group key: forged and recorded sessions, changed frames and noise.
public struct HostileCase: Sendable {
  /// What everything is drawn from.
  public let seed: UInt64

  /// The case of a seed.
  public init(seed: UInt64) { self.seed = seed }

  /// Sends so many frames; what does not hold is returned.
  public func run(frames count: Int) -> [String] {
    var generator = SeededGenerator(seed: seed)
    let key = ModelKey(isRequired: true, secret: generator.next())
    let forged = ModelKey(isRequired: true, secret: generator.next())
    // A session of before, with the right key, and one of a forger.
    let old = record(key, session: 100, &generator)
    let other = record(forged, session: 200, &generator)
    var node = ModelNode()
    node.key = key
    (node.floor, node.counterFloor) = (100, 1)
    var listener = BroadcastListener(node: 1, id: 7, sessionFloor: 100)
    var time: UInt64 = 0
    var position = 0
    for _ in 0..<count {
      time += generator.next() % 3 == 0 ? generator.next() % 30_000 : 130
      position += 1
      var frame: CANFrame
      switch generator.next() % 8 {
      case 0: frame = noise(&generator)
      case 1: frame = changed(other[position % other.count], &generator)
      case 2: frame = changed(old[position % old.count], &generator)
      case 3, 4: frame = old[position % old.count]
      default: frame = other[position % other.count]
      }
      if generator.next() % 4_096 == 0 { position = Int(generator.next() % 100_000) }
      let now = Instant(microseconds: time)
      node.now = time * 1_000
      listener.receive(frame, for: &node, now: now)
      if generator.next() % 4 == 0, let pending = listener.pendingFrame(now: now) { listener.sent(pending) }
      if let deadline = listener.deadline, deadline <= now { listener.advance(for: &node, now: now) }
    }
    var problems: [String] = []
    if node.activations > 0 { problems.append("a forged image was activated") }
    if let misuse = node.misuse { problems.append(misuse) }
    if listener.session != 0 { problems.append("a forged session was entered") }
    // Into a true session that is never committed, between its frames and after them.
    var isCommit = false
    for frame in record(key, session: 250, &generator) {
      let wasCommit = isCommit
      isCommit = frame.identifier == 0x691 && frame.bytes[0] == 4
      if isCommit || wasCommit { continue }
      for turn in 0...generator.next() % 8 {
        time += 130
        let hostile =
          turn == 0 ? frame : generator.next() % 2 == 0 ? noise(&generator) : changed(frame, &generator)
        node.now = time * 1_000
        listener.receive(hostile, for: &node, now: Instant(microseconds: time))
        listener.advance(for: &node, now: Instant(microseconds: time))
      }
    }
    if node.activations > 0 { problems.append("an image was activated without COMMIT") }
    if let misuse = node.misuse { problems.append(misuse) }
    // It delays, and no more: the next true session is taken.
    let genuine = record(key, session: 300, &generator)
    for frame in genuine {
      time += 130
      let now = Instant(microseconds: time)
      node.now = time * 1_000
      listener.receive(frame, for: &node, now: now)
    }
    listener.advance(for: &node, now: Instant(microseconds: time + 200_000))
    if node.activations != 1 { problems.append("the true session was not taken: \(listener.state)") }
    return problems
  }

  /// The frames of a master that hears exactly what it wants to hear.
  private func record(_ key: ModelKey, session: UInt32, _ generator: inout SeededGenerator) -> [CANFrame] {
    let image = (0..<700).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    let bus = SimulatedBus(bitsPerSecond: 500_000, seed: generator.next())
    var settings = MasterSettings(session: session, bitsPerSecond: 500_000)
    settings.listensFirst = false
    let master = MasterStation(
      settings, source: ModelSource(key: key, image: image), nodes: [1], seed: 1, securityCounter: 1)
    var node = ModelNode()
    node.key = key
    let station = ListenerStation(number: 1, id: 7, node: node, seed: 2)
    bus.add(master)
    bus.add(station)
    var frames: [CANFrame] = []
    bus.tap = { frame, _ in frames.append(frame) }
    master.start(at: 0)
    while master.master.outcome == nil, bus.step(until: 10_000_000_000) {}
    return frames
  }

  private func noise(_ generator: inout SeededGenerator) -> CANFrame {
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: generator.next()) }
    if generator.next() % 2 == 0 { bytes[0] = UInt8(generator.next() % 9) }
    let identifier =
      generator.next() % 4 == 0 ? UInt16(generator.next() % 0x800) : 0x680 | UInt16(generator.next() % 0x80)
    return CANFrame(
      standard: identifier, bytes, count: generator.next() % 3 == 0 ? Int(generator.next() % 9) : 8)
  }

  private func changed(_ frame: CANFrame, _ generator: inout SeededGenerator) -> CANFrame {
    var bytes = frame.bytes
    bytes[Int(generator.next() % 8)] ^= UInt8(1 << (generator.next() % 8))
    return CANFrame(standard: frame.identifier, bytes, count: Int(frame.count))
  }
}
