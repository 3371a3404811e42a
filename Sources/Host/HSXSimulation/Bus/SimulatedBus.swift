public import HSXHAL
import HSXTransfer

/// A classical CAN bus in virtual time, to the bit: arbitration, frames that merge, stuffing, error frames and counters.
public final class SimulatedBus {
  /// Bits per second.
  public let bitsPerSecond: UInt32
  /// Whether identical frames of several stations, sent at once, are one. On links behind adapters they are not.
  public let merges: Bool
  /// The probability that a frame is hit by noise, seen by everybody, and sent again.
  public var noise = 0.0
  /// What hangs on it.
  public private(set) var stations: [BusStation] = []
  /// Nanoseconds of virtual time.
  public private(set) var now: UInt64 = 0
  /// What passed.
  public private(set) var counts = BusCounts()
  /// Called for each good frame.
  public var tap: ((CANFrame, UInt64) -> Void)?

  private var generator: SeededGenerator
  private let bitTime: UInt64

  /// A bus without stations.
  public init(bitsPerSecond: UInt32, merges: Bool = true, seed: UInt64) {
    self.bitsPerSecond = bitsPerSecond
    self.merges = merges
    bitTime = 1_000_000_000 / UInt64(bitsPerSecond)
    generator = SeededGenerator(seed: seed)
  }

  /// Hangs a station on it.
  public func add(_ station: BusStation) { stations.append(station) }

  /// Lets one frame pass, or time go on to the next thing that happens. False if nothing will ever happen, or not until `limit`.
  public func step(until limit: UInt64) -> Bool {
    guard now < limit else { return false }
    var next = UInt64.max
    var identifier = UInt16.max
    var senders: [Int] = []
    var frames: [CANFrame] = []
    for (index, station) in stations.enumerated() where station.isOn {
      if let time = station.returnsAt {
        if time <= now { station.resetCounters() } else { next = min(next, time) }
      }
      if station.wakeAt <= now {
        station.wakeAt = .max
        station.wake(at: now)
      }
      next = min(next, station.wakeAt)
      guard station.returnsAt == nil else { continue }
      guard station.readyAt <= now else {
        next = min(next, station.readyAt)
        continue
      }
      guard let frame = station.pending(at: now) else { continue }
      if frame.identifier < identifier {
        identifier = frame.identifier
        senders.removeAll(keepingCapacity: true)
        frames.removeAll(keepingCapacity: true)
      }
      if frame.identifier == identifier {
        senders.append(index)
        frames.append(frame)
      }
    }
    guard let frame = frames.first else {
      guard next < limit else {
        now = limit
        return next != .max
      }
      now = max(next, now + 1)
      return true
    }
    if !frames.allSatisfy({ $0 == frame }) {
      collide(senders, frames)
    } else if senders.count > 1, !merges {
      transmit(frame, [senders[Int.random(in: 0..<senders.count, using: &generator)]])
    } else {
      transmit(frame, senders)
    }
    return true
  }

  /// Whether something of this probability happens.
  public func happens(_ probability: Double) -> Bool {
    probability > 0 && Double(generator.next() >> 11) * 0x1p-53 < probability
  }

  private func transmit(_ frame: CANFrame, _ senders: [Int]) {
    let bits = frame.bitsOnWire
    let isHeard = stations.indices.contains {
      !senders.contains($0) && stations[$0].isOn && stations[$0].returnsAt == nil
    }
    if !isHeard || happens(noise) {
      let position = isHeard ? Int(generator.next() % UInt64(bits - 13)) + 1 : bits - 11
      fail(senders, bits: position, isUnacknowledged: !isHeard)
      if !isHeard { for sender in senders { stations[sender].unacknowledged(frame, at: now) } }
      return
    }
    for sender in senders { stations[sender].started(at: now) }
    counts.add(frame, bits: bits, senders: senders.count)
    // Heard at the end of the frame; the bus is free after three bits more.
    let end = now + UInt64(bits - 3) * bitTime
    tap?(frame, end)
    for (index, station) in stations.enumerated() where station.isOn && station.returnsAt == nil {
      if senders.contains(index) {
        station.countTransmit(isGood: true)
        station.sent(frame, at: end)
      } else {
        station.countReceive(isGood: true)
        deliver(frame, to: station, at: end)
      }
    }
    now = end + 3 * bitTime
  }

  private func deliver(_ frame: CANFrame, to station: BusStation, at time: UInt64) {
    if station.path.isClean {
      station.receive(frame, at: time)
      return
    }
    var path = station.path
    var ready: [CANFrame] = []
    if path.isInBurst, happens(path.burstEnds) { path.isInBurst = false }
    if !path.isInBurst, happens(path.burstBegins) { path.isInBurst = true }
    if !happens(path.isInBurst ? path.burstLoss : path.loss) {
      if happens(path.reorder) {
        path.late.append((frame, Int(generator.next() % 3) + 1))
      } else {
        ready.append(frame)
        if happens(path.duplicate) { ready.append(frame) }
      }
    }
    if !path.late.isEmpty {
      for index in path.late.indices { path.late[index].behind -= 1 }
      ready += path.late.filter { $0.behind < 0 }.map(\.frame)
      path.late.removeAll { $0.behind < 0 }
    }
    station.path = path
    for frame in ready { station.receive(frame, at: time) }
  }

  /// Two frames with one identifier: the first bit that differs is an error for one sender, and then for all.
  private func collide(_ senders: [Int], _ frames: [CANFrame]) {
    counts.collisions += 1
    fail(senders, bits: 13 + 8, isUnacknowledged: false)
    for (sender, frame) in zip(senders, frames) where stations[sender].isOn {
      stations[sender].collided(frame, at: now)
    }
  }

  /// An error frame after so many bits.
  private func fail(_ senders: [Int], bits: Int, isUnacknowledged: Bool) {
    counts.errorFrames += 1
    // Error flag, its echo, delimiter and the space behind.
    let length = bits + 6 + 6 + 8 + 3
    counts.bits += length
    now += UInt64(length) * bitTime
    for (index, station) in stations.enumerated() where station.isOn && station.returnsAt == nil {
      if senders.contains(index) {
        station.countTransmit(isGood: false, isUnacknowledged: isUnacknowledged)
        if station.transmitErrors > 255 {
          // 128 times eleven recessive bits.
          station.returnsAt = now + 128 * 11 * bitTime
          counts.busOff += 1
        }
      } else {
        station.countReceive(isGood: false)
      }
    }
  }
}

/// What passed a simulated bus.
public struct BusCounts: Sendable {
  /// Bit times that were not idle.
  public internal(set) var bits = 0
  /// Good frames.
  public private(set) var frames = 0
  /// Good frames by the last seven bits of their identifier.
  public private(set) var byOffset = [Int](repeating: 0, count: 128)
  /// Frames that several stations sent as one, less one each time.
  public private(set) var merged = 0
  /// Error frames.
  public internal(set) var errorFrames = 0
  /// Frames of one identifier with different bytes.
  public internal(set) var collisions = 0
  /// How often a station left the bus.
  public internal(set) var busOff = 0

  mutating func add(_ frame: CANFrame, bits: Int, senders: Int) {
    self.bits += bits
    frames += 1
    byOffset[Int(frame.identifier & 0x7F)] += 1
    merged += senders - 1
  }
}
