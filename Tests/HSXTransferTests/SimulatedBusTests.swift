import HSXHAL
import HSXSimulation
import Testing

@testable import HSXTransfer

@Suite("The simulated bus")
struct SimulatedBusTests {
  /// Sends what it is given, and notes what it hears.
  private final class Station: BusStation {
    var queue: [CANFrame] = []
    var heard: [(frame: CANFrame, time: UInt64)] = []
    var collisions = 0

    init(_ frames: [CANFrame]) {
      super.init()
      queue = frames
      readyAt = frames.isEmpty ? .max : 0
    }

    override func pending(at time: UInt64) -> CANFrame? { queue.first }
    override func sent(_ frame: CANFrame, at time: UInt64) {
      queue.removeFirst()
      readyAt = queue.isEmpty ? .max : time
    }
    override func collided(_ frame: CANFrame, at time: UInt64) { collisions += 1 }
    override func receive(_ frame: CANFrame, at time: UInt64) { heard.append((frame, time)) }
  }

  private func frame(_ identifier: UInt16, _ first: UInt8 = 0, count: Int = 8) -> CANFrame {
    var bytes = InlineArray<8, UInt8>(repeating: 0x55)
    bytes[0] = first
    return CANFrame(standard: identifier, bytes, count: count)
  }

  private func bus(_ stations: [Station], merges: Bool = true, limit: UInt64 = 50_000_000) -> SimulatedBus {
    let bus = SimulatedBus(bitsPerSecond: 500_000, merges: merges, seed: 1)
    stations.forEach(bus.add)
    while bus.step(until: limit) {}
    return bus
  }

  @Test("lets the lowest identifier pass first, one frame after another, to the bit")
  func arbitration() {
    let stations = [Station([frame(0x300)]), Station([frame(0x100)]), Station([frame(0x200)]), Station([])]
    _ = bus(stations)
    #expect(stations[3].heard.map(\.frame.identifier) == [0x100, 0x200, 0x300])
    #expect(stations[0].heard.count == 2)
    let end = UInt64(frame(0x100).bitsOnWire + frame(0x200).bitsOnWire - 3) * 2_000
    #expect(stations[3].heard[1].time == end)
  }

  @Test("merges frames without data that several send at once, or passes each where it cannot")
  func merging() {
    let shared = frame(0x687, count: 0)
    for (merges, expected) in [(true, 1), (false, 3)] {
      let listener = Station([])
      let bus = bus([Station([shared]), Station([shared]), Station([shared]), listener], merges: merges)
      #expect(listener.heard.count == expected)
      #expect(bus.counts.merged == 3 - expected)
    }
  }

  @Test("makes an error of two frames with one identifier, until both stations are off the bus")
  func collision() {
    let stations = [Station([frame(0x100, 1)]), Station([frame(0x100, 2)]), Station([])]
    let bus = bus(stations, limit: 3_000_000)
    #expect(stations[2].heard.isEmpty)
    #expect(stations[0].collisions == 32 && stations[1].collisions == 32)
    #expect(bus.counts.busOff == 2)
    #expect(stations[0].confinement == .off)
    #expect(stations[2].confinement != .off)
  }

  @Test("acknowledges nothing for a station alone, which becomes passive and not bus-off")
  func alone() {
    let station = Station([frame(0x100)])
    let bus = bus([station], limit: 20_000_000)
    #expect(station.queue.count == 1)
    #expect(station.confinement == .passive)
    #expect(bus.counts.busOff == 0)
  }

  @Test("repeats a frame that noise has hit, and counts it")
  func noise() {
    let (sender, listener) = (Station((0..<200).map { frame(0x100, UInt8($0)) }), Station([]))
    let bus = SimulatedBus(bitsPerSecond: 500_000, seed: 3)
    bus.noise = 0.1
    bus.add(sender)
    bus.add(listener)
    while bus.step(until: 1_000_000_000) {}
    #expect(listener.heard.map { $0.frame.bytes[0] } == (0..<200).map(UInt8.init))
    #expect(bus.counts.errorFrames > 5)
  }

  @Test("loses, doubles and delays frames for one station alone")
  func paths() {
    let (sender, deaf, whole) = (Station((0..<200).map { frame(0x100, UInt8($0)) }), Station([]), Station([]))
    deaf.path.loss = 0.2
    deaf.path.duplicate = 0.2
    deaf.path.reorder = 0.2
    _ = bus([sender, deaf, whole], limit: 1_000_000_000)
    #expect(whole.heard.count == 200)
    let numbers = deaf.heard.map { $0.frame.bytes[0] }
    #expect(Set(numbers).count < 190 && Set(numbers).count > 120)
    #expect(numbers.count > Set(numbers).count)
    #expect(numbers != numbers.sorted())
  }

  @Test(
    "carries sessions with every fault: no wrong image, no false success, a verdict for each",
    arguments: 1...24)
  func seeds(_ seed: UInt64) {
    let finding = BroadcastCase(seed: seed).run()
    #expect(finding.problems.isEmpty, "\(finding.problems) Scripts/simulate can --replay \(seed)")
  }

  @Test("replays a seed to the frame")
  func replay() {
    var stories: [[String]] = []
    for _ in 0..<2 {
      var story: [String] = []
      _ = BroadcastCase(seed: 5).run { story.append($0) }
      stories.append(story)
    }
    #expect(stories[0] == stories[1] && stories[0].count > 100)
  }

  @Test("lets nobody without the key activate anything")
  func hostility() {
    for seed in 1...3 { #expect(HostileCase(seed: UInt64(seed)).run(frames: 20_000).isEmpty) }
  }

  @Test("takes hardly longer for ten nodes than for one")
  func scaling() {
    var trial = BroadcastTrial()
    (trial.imageBytes, trial.loss) = (8_192, 0.05)
    trial.nodes = 1
    let one = trial.run()
    trial.nodes = 10
    let ten = trial.run()
    #expect(one.running == 1 && ten.running == 10)
    #expect(ten.seconds < 1.2 * one.seconds)
  }

  @Test("a slow node costs the others at most a quarter, and still gets the image")
  func slowNode() {
    var trial = BroadcastTrial()
    (trial.nodes, trial.imageBytes) = (5, 8_192)
    trial.slowWriteTime = 20_000_000
    let slow = trial.run()
    #expect(slow.running == 5)
    #expect(slow.master.holds > 0)
  }
}
