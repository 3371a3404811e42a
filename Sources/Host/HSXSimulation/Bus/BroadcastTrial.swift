import HSXHAL
public import HSXTransfer

/// One broadcast on a simulated bus, measured.
public struct BroadcastTrial: Sendable {
  /// Listeners, 1 to 127.
  public var nodes = 10
  /// Bits per second.
  public var bitsPerSecond: UInt32 = 500_000
  /// The probability that a listener loses a frame.
  public var loss = 0.0
  /// The probability that the master does.
  public var masterLoss = 0.0
  /// Whether half of the loss comes in bursts.
  public var hasBursts = false
  /// Whether identical frames merge.
  public var merges = true
  /// Whether OPEN, SEAL and COMMIT are authenticated.
  public var isAuthenticated = false
  /// Bytes of the image.
  public var imageBytes = 65_536
  /// Nanoseconds that the first node takes for a block.
  public var slowWriteTime: UInt64 = 0
  /// The most of the bus, in percent.
  public var loadLimit: UInt8 = 100
  /// Whether parity goes ahead of need.
  public var sendsParityAhead = true
  /// What everything random is drawn from.
  public var seed: UInt64 = 1

  /// The usual trial.
  public init() {}

  /// What came of a trial.
  public struct Result: Sendable {
    /// From the first bit of OPEN to the last answer of the roll call behind SEAL.
    public var seconds: Double
    /// To the end of the session.
    public var totalSeconds: Double
    /// What passed the bus.
    public var bus: BusCounts
    /// What the master did.
    public var master: MasterCounts
    /// How it ended; nil if it did not within ten minutes.
    public var outcome: MasterOutcome?
    /// What the master says of each node, from 1 on.
    public var verdicts: [NodeVerdict]
    /// How many nodes run the image that was sent.
    public var running: Int
  }

  /// Runs it.
  public func run() -> Result {
    var generator = SeededGenerator(seed: seed)
    let image = (0..<imageBytes).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    let bus = SimulatedBus(bitsPerSecond: bitsPerSecond, merges: merges, seed: generator.next())
    let key = ModelKey(isRequired: isAuthenticated, secret: generator.next())
    var settings = MasterSettings(session: 1 + UInt32(generator.next() >> 40), bitsPerSecond: bitsPerSecond)
    settings.listensFirst = false
    settings.loadLimit = loadLimit
    settings.sendsParityAhead = sendsParityAhead
    settings.seed = generator.next()
    let master = MasterStation(
      settings, source: ModelSource(key: key, image: image), nodes: (1...nodes).map(UInt8.init),
      seed: generator.next())
    master.path = path(masterLoss)
    bus.add(master)
    let listeners = (1...nodes).map { number in
      var node = ModelNode()
      node.key = key
      if number == 1 { node.writeTime = slowWriteTime }
      let station = ListenerStation(
        number: UInt8(number), id: UInt32(truncatingIfNeeded: generator.next()), node: node,
        seed: generator.next())
      station.path = path(loss)
      return station
    }
    listeners.forEach(bus.add)
    master.start(at: 0)
    while master.master.outcome == nil, bus.step(until: 600_000_000_000) {}
    let (opened, sealed) = (master.master.openedAt, master.master.sealedAt)
    return Result(
      seconds: Double((sealed?.microseconds ?? 0) &- (opened?.microseconds ?? 0)) / 1e6,
      totalSeconds: Double(bus.now) / 1e9, bus: bus.counts, master: master.master.counts,
      outcome: master.master.outcome, verdicts: (1...nodes).map { master.verdict(of: UInt8($0)) },
      running: listeners.count { $0.node.running == image })
  }

  private func path(_ loss: Double) -> ReceivePath {
    var path = ReceivePath()
    path.loss = loss
    if hasBursts, loss > 0 {
      // Bursts of ten frames, of which eight are lost, make half of the loss.
      path.loss = loss / 2
      path.burstBegins = loss / 2 / 0.8 / 10
    }
    return path
  }
}
