import HSXHAL
public import HSXTransfer

/// One seeded session with every fault that a bus and its nodes can have, and what must hold whatever happens.
public struct BroadcastCase: Sendable {
  /// What everything is drawn from.
  public let seed: UInt64

  /// The case of a seed.
  public init(seed: UInt64) { self.seed = seed }

  /// What was found.
  public struct Finding: Sendable {
    /// What does not hold; empty if everything does.
    public var problems: [String] = []
    /// What happened, in a line.
    public var summary = ""
    /// How the first master's session ended.
    public var outcome: MasterOutcome?
    /// How many nodes run what a master says they run.
    public var running = 0
    /// What the first master says of each node.
    public var verdicts: [NodeVerdict] = []
  }

  /// Runs it; with `tells`, every frame is printed by `print`.
  public func run(tell: ((String) -> Void)? = nil) -> Finding {
    var scene = BroadcastScene(seed: seed)
    guard let tell else {
      scene.play()
      return scene.judge()
    }
    scene.expect()
    scene.bus.tap = { frame, time in tell(describe(frame, time)) }
    scene.play()
    scene.corrupt.forEach(tell)
    return scene.judge()
  }

  private func describe(_ frame: CANFrame, _ time: UInt64) -> String {
    var line = "\(time / 1_000) us  \(String(frame.identifier, radix: 16)) "
    for index in 0..<Int(frame.count) {
      let digits = String(frame.bytes[index], radix: 16)
      line += digits.count < 2 ? " 0" + digits : " " + digits
    }
    return line
  }
}

/// The bus, the stations and the plan of a case.
struct BroadcastScene {
  let bus: SimulatedBus
  private var generator: SeededGenerator
  private var masters: [MasterStation] = []
  private var images: [[UInt8]] = []
  private var listeners: [ListenerStation] = []
  private var events: [(time: UInt64, action: Action)] = []
  private let isFull: Bool
  private let key: ModelKey
  private var oldImage: [UInt8]
  private var newSettings: MasterSettings
  private var text = ""
  private var sessions = 0

  private enum Action {
    case restart(Int)
    case powerOn(Int)
    case powerOff(Int)
    case startMaster(Int)
    case killMaster(Int, resumeAfter: UInt64)
    case resumeMaster(Int)
  }

  init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }
    isFull = seed % 100 == 0
    let count = isFull ? 100 : pick(2...12)
    let size = isFull ? 65_536 : pick(256...8_192)
    let bitrate = UInt32([125_000, 250_000, 500_000, 1_000_000][isFull ? 2 : pick(0...3)])
    bus = SimulatedBus(bitsPerSecond: bitrate, merges: !chance(15), seed: generator.next())
    if chance(20) { bus.noise = Double(pick(1...20)) / 1_000 }
    key = ModelKey(isRequired: chance(50), secret: generator.next())
    oldImage = (0..<64).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    newSettings = MasterSettings(session: 1_000 + UInt32(pick(0...100_000)), bitsPerSecond: bitrate)
    newSettings.seed = generator.next()
    newSettings.listensFirst = chance(70)
    newSettings.asksCapabilities = chance(20)
    newSettings.loadLimit = chance(20) ? UInt8(pick(5...100)) : nil
    newSettings.policy =
      [.all, .quorum(max(1, count / 2)), .everyOfClass(1), .never][[0, 0, 1, 1, 2, 3][pick(0...5)]]
    var path = ReceivePath()
    if chance(70) { path.loss = Double(pick(0...(isFull ? 100 : 300))) / 1_000 }
    if chance(25) { (path.burstBegins, path.burstEnds) = (Double(pick(1...10)) / 1_000, 0.1) }
    if chance(30) { path.duplicate = Double(pick(1...50)) / 1_000 }
    if chance(30) { path.reorder = Double(pick(1...50)) / 1_000 }
    let span = UInt64(Double(size) * 30 / Double(bitrate) * 1e9) + 400_000_000
    func moment() -> UInt64 { UInt64.random(in: 0..<span, using: &generator) }
    for number in 1...count {
      var node = ModelNode()
      node.key = key
      node.counterFloor = chance(3) ? 9 : 0
      node.running = oldImage
      node.runningHashPrefix = 0x0BAD_0BAD
      if chance(8) { node.writeTime = UInt64(pick(1...40)) * 1_000_000 }
      if chance(20) { node.sealTime = UInt64(pick(1...300)) * 1_000_000 }
      let station = ListenerStation(
        number: chance(2) ? 1 : UInt8(number), id: UInt32(truncatingIfNeeded: generator.next()), node: node,
        seed: generator.next())
      station.path = path
      listeners.append(station)
      if chance(8) { events.append((moment(), .restart(number - 1))) }
      if chance(5) {
        station.isOn = false
        if chance(80) { events.append((moment(), .powerOn(number - 1))) }
      }
      if chance(4) { events.append((moment(), .powerOff(number - 1))) }
    }
    images.append((0..<size).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
    events.append((0, .startMaster(0)))
    if chance(12) { events.append((moment(), .killMaster(0, resumeAfter: moment()))) }
    if chance(10) {
      images.append((0..<pick(256...4_096)).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
      events.append((moment(), .startMaster(1)))
    }
    self.generator = generator
    for station in listeners { bus.add(station) }
    for index in images.indices { addMaster(index, path, isResuming: false) }
    events.sort { $0.time < $1.time }
    text =
      "\(count) nodes, \(size) bytes, \(bitrate) bit/s, loss \(path.loss), burst \(path.burstBegins), "
      + "duplicates \(path.duplicate), reordered \(path.reorder), noise \(bus.noise), \(images.count) masters, "
      + "\(events.count - 1) events, \(newSettings.policy), key \(key.isRequired)"
  }

  private mutating func addMaster(_ index: Int, _ path: ReceivePath, isResuming: Bool) {
    var settings = newSettings
    if isResuming { settings.session += 1 }
    settings.isResuming = isResuming
    if index == 1 {
      settings.session = settings.session &+ UInt32(generator.next() % 7) &- 3
      settings.seed = generator.next()
    }
    var source = ModelSource(image: images[index])
    source.key = key
    sessions += 1
    let station = MasterStation(
      settings, source: source, nodes: (1...listeners.count).map(UInt8.init), seed: generator.next())
    // The master's own losses are a tenth: it is the one with the large buffers.
    station.path = path
    station.path.loss = path.loss / 10
    station.path.burstBegins = path.burstBegins / 10
    if isResuming { masters[index] = station } else { masters.append(station) }
    bus.add(station)
  }

  /// Makes the nodes compare what comes with the first image.
  func expect() { for station in listeners where images.count == 1 { station.node.expected = images[0] } }

  /// Which nodes took a block that was never sent.
  var corrupt: [String] {
    listeners.compactMap { station in station.node.corrupt.map { "node \(station.number): \($0)" } }
  }

  mutating func play() {
    let limit: UInt64 = 900_000_000_000
    while true {
      let next = events.first?.time ?? .max
      if next <= bus.now {
        perform(events.removeFirst().action)
        continue
      }
      if events.isEmpty, masters.allSatisfy({ $0.master.outcome != nil || !$0.isOn }) { break }
      guard bus.now < limit else { break }
      if !bus.step(until: min(next, limit)), next == .max { break }
    }
    // Whatever is armed goes off.
    let end = bus.now + 200_000_000
    while bus.now < end, bus.step(until: end) {}
  }

  private mutating func perform(_ action: Action) {
    switch action {
    case .restart(let index): listeners[index].restart(at: bus.now)
    case .powerOn(let index): listeners[index].isOn = true
    case .powerOff(let index):
      listeners[index].isOn = false
      listeners[index].restart(at: bus.now)
    case .startMaster(let index): masters[index].start(at: bus.now)
    case .killMaster(let index, let pause):
      guard masters[index].master.outcome == nil else { return }
      masters[index].isOn = false
      events.append((bus.now + pause, .resumeMaster(index)))
    case .resumeMaster(let index):
      addMaster(index, masters[index].path, isResuming: true)
      masters[index].start(at: bus.now)
    }
  }

  func judge() -> BroadcastCase.Finding {
    var finding = BroadcastCase.Finding()
    finding.summary = text
    finding.outcome = masters[0].master.outcome
    finding.verdicts = (1...listeners.count).map { masters[0].verdict(of: UInt8($0)) }
    for station in listeners {
      if let misuse = station.node.misuse { finding.problems.append("node \(station.number): \(misuse)") }
      guard let running = station.node.running else { continue }
      if running != oldImage, !images.contains(running) {
        finding.problems.append("node \(station.number) runs a wrong image")
      }
      if station.node.activations > sessions {
        finding.problems.append("node \(station.number) activated \(station.node.activations) times")
      }
    }
    for (index, station) in masters.enumerated() {
      guard let outcome = station.master.outcome else {
        if station.isOn { finding.problems.append("master \(index) has not ended") }
        continue
      }
      for number in 1...listeners.count {
        let verdict = station.verdict(of: UInt8(number))
        if verdict == .pending { finding.problems.append("\(outcome): node \(number) has no verdict") }
        guard verdict == .running else { continue }
        finding.running += 1
        let nodes = listeners.filter { $0.number == UInt8(number) }
        // A node may have been taken over by the other master since.
        let ran = nodes.contains { node in
          node.node.running == images[index] || masters.count > 1 && node.node.activations > 1
        }
        if !ran { finding.problems.append("node \(number) is said to run what it does not") }
      }
      if case .aborted = outcome, finding.running > 0, masters.count == 1 {
        finding.problems.append("aborted, and nodes run it")
      }
    }
    return finding
  }
}
