@testable import HSXExecutive
import HSXHAL
@testable import HSXProvisioning
import HXE
import MiniVM
import Testing

@Suite("A transfer's timers and events")
struct TransferTimeTests {
  private func fresh() -> Executive { Executive(policy: .desktop, platform: .host) }

  private func at(_ milliseconds: UInt64) -> Instant { Instant(milliseconds: milliseconds) }

  @Test("half a write timeout without a chunk is a stall, told once; a whole one is the end")
  func writeTimeout() throws {
    var executive = fresh()
    let before = executive.fingerprint
    let key = try executive.begin(at: 0)
    _ = try executive.write(key, 0, Array(goldenImage("sum").prefix(10)), at: 1000)
    #expect(executive.nextDeadline == at(3500))
    executive.advance(to: at(3499))
    #expect(try !executive.transferStatus(key).isStalled)
    let mark = executive.events.nextSequence
    executive.advance(to: at(3500))
    executive.advance(to: at(3600))
    #expect(try executive.transferStatus(key).isStalled)
    #expect(executive.bodies(from: mark).count == 2)
    #expect(executive.nextDeadline == at(6000))
    executive.advance(to: at(5999))
    #expect(executive.transfers.count == 1)
    executive.advance(to: at(6000))
    #expect(try executive.transferStatus(key).lastError == .timedOut(.writeTimeout))
    #expect(executive.fingerprint == before)
    #expect(executive.nextDeadline == nil)
  }

  @Test("a repeated chunk is a sign of life")
  func repeatedChunk() throws {
    var executive = fresh()
    let part = Array(try goldenImage("sum").prefix(10))
    let key = try executive.begin(at: 0)
    for time: UInt64 in [0, 4000, 8000, 12000] { _ = try executive.write(key, 0, part, at: time) }
    executive.advance(to: at(16_999))
    #expect(executive.transfers.count == 1)
  }

  @Test("a chunk that comes too late meets the end of the transfer, whoever was to look at the time")
  func lateChunk() throws {
    var executive = fresh()
    let key = try executive.begin(at: 0)
    let part = Array(try goldenImage("sum").prefix(10))
    let error = refusal { () throws(ProvisioningError) in try executive.write(key, 0, part, at: 5000) }
    #expect(error?.code == .notFound)
    #expect(try executive.transferStatus(key).lastError == .timedOut(.writeTimeout))
  }

  @Test("all chunks in time are not enough when the whole takes too long")
  func totalTimeout() throws {
    var executive = fresh()
    let key = try executive.begin(at: 0)
    let image = try goldenImage("large")
    for number in 0..<30 {
      _ = try executive.write(key, UInt32(number), [image[number]], at: UInt64(number) * 4000)
    }
    executive.advance(to: at(119_999))
    #expect(executive.transfers.count == 1)
    executive.advance(to: at(120_000))
    #expect(try executive.transferStatus(key).lastError == .timedOut(.totalTimeout))
  }

  @Test("a sealed image waits for its own time, and is activated or given up")
  func seal() throws {
    var executive = fresh()
    let image = try goldenImage("thermostat")
    let before = executive.fingerprint
    func sealed(at time: UInt64) throws -> Provisioner.Key {
      let key = try executive.begin(sealsOnly: true, at: time)
      _ = try executive.write(key, 0, image, at: time)
      #expect(try executive.end(key, at: time) == nil)
      #expect(try executive.transferStatus(key).state == .sealed)
      return key
    }
    let forgotten = try sealed(at: 0)
    executive.advance(to: at(599_999))
    #expect(executive.transfers.count == 1)
    executive.advance(to: at(600_000))
    #expect(try executive.transferStatus(forgotten).lastError == .timedOut(.sealTimeout))
    #expect(executive.fingerprint == before)
    let wanted = try sealed(at: 600_000)
    let activation = try executive.activate(wanted, by: .admin, now: at(700_000))
    #expect(try executive.task(activation.pid).state == .ready)
    // What was proved may meet a rival before it is activated.
    let refused = try sealed(at: 700_000)
    let late = executive.fingerprint
    let error = refusal { () throws(ProvisioningError) in
      try executive.activate(refused, by: .admin, now: at(700_001))
    }
    #expect(error?.code == .exists)
    #expect(executive.fingerprint.tasks == late.tasks)
    #expect(executive.fingerprint.transfers == 0)
    let again = refusal { () throws(ProvisioningError) in
      try executive.activate(refused, by: .admin, now: at(700_002))
    }
    #expect(again?.code == .notFound)
  }

  @Test("a lost client session takes its transfers along after their write timeout, and no others")
  func sessionLost() throws {
    var executive = fresh()
    let image = try goldenImage("sum")
    let mine = try executive.begin(owner: 5, at: 0)
    executive.clientSessionEnded(6, now: at(100))
    executive.clientSessionEnded(5, now: at(1000))
    _ = try executive.write(mine, 0, Array(image.prefix(5)), by: .clientSession(5), at: 4000)
    executive.advance(to: at(5999))
    #expect(executive.transfers.count == 1)
    executive.advance(to: at(6000))
    #expect(try executive.transferStatus(mine).lastError == .timedOut(.sessionLost))
  }

  @Test(
    "progress comes at the first and the last byte and at most ten times a second between",
    arguments: [true, false])
  func progressRate(totalIsKnown: Bool) throws {
    var executive = fresh()
    let image = try goldenImage("thermostat")
    let key = try executive.begin(total: totalIsKnown ? UInt32(image.count) : nil, at: 0)
    for position in image.indices {
      _ = try executive.write(key, UInt32(position), [image[position]], at: UInt64(position))
    }
    _ = try executive.end(key, at: 609)
    let told = executive.bodies().compactMap { body -> UInt32? in
      if case .transferProgress(_, let progress) = body { progress.bytesWritten } else { nil }
    }
    #expect(told == [1, 101, 201, 301, 401, 501, 601, 609])
  }

  @Test("the first byte is told even just after a stall")
  func progressAfterStall() throws {
    var executive = fresh()
    let key = try executive.begin(at: 0)
    executive.advance(to: at(2500))
    let mark = executive.events.nextSequence
    _ = try executive.write(key, 0, Array(goldenImage("sum").prefix(9)), at: 2510)
    #expect(executive.bodies(from: mark).count == 1)
  }

  @Test("each transfer's events begin with its start and finish with its end, an error followed by idle")
  func order() throws {
    var executive = fresh()
    _ = try executive.load(goldenImage("thermostat"))
    let bad = try goldenImage("bad/crc_flip")
    let mark = executive.events.nextSequence
    _ = refusal { () throws(ProvisioningError) in try executive.load(bad) }
    func words(from sequence: UInt64) -> [String] {
      executive.bodies(from: sequence).compactMap { body in
        switch body {
        case .transferState(_, _, let next): "\(next)"
        case .transferStarted: "started"
        case .transferProgress: "progress"
        case .transferComplete: "complete"
        case .transferError(_, _, let stage): "error in \(stage)"
        case .transferAborted(_, let reason, _): "aborted by \(reason)"
        default: nil
        }
      }
    }
    let good = ["loading", "started", "progress", "verify", "ready", "complete"]
    #expect(Array(words(from: 1).prefix(good.count)) == good)
    let failed = words(from: mark)
    #expect(failed.suffix(3).first == "failed")
    #expect(failed.last == "idle")
    #expect(failed.dropLast().last?.hasPrefix("error in ") == true)
    let start = executive.events.nextSequence
    let key = try executive.begin()
    _ = try executive.loadAbort(key, by: .admin, now: .zero)
    #expect(words(from: start) == ["loading", "started", "aborting", "aborted by user", "idle"])
  }
}
