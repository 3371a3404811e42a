public import HSXHAL

extension BroadcastMaster where Source: ~Copyable {
  /// The next frame for the link; nil if there is none before the `deadline` or before one is heard.
  public mutating func nextFrame(now: Instant) -> CANFrame? {
    if now < pausedUntil { return nil }
    guard let frame = retry ?? produce(now: now) else { return nil }
    let bits = frame.bitsOnWire
    let earliest = load.earliest(bits, settings.bitsPerSecond, percent: percent(now), now: now)
    if earliest > now {
      retry = frame
      pausedUntil = earliest
      return nil
    }
    retry = nil
    load.add(bits, now: now)
    if openedAt == nil, settings.window.kind(of: frame) == .set { openedAt = now }
    return frame
  }

  /// When `nextFrame` is worth asking again, if nothing is heard; nil if the session has ended.
  public var deadline: Instant? {
    var time: Instant
    switch phase {
    case .idle, .ended: return nil
    case .listening(let until, _): time = until
    case .blocks: time = max(course.quietAt, repair.wasServedInHold ? .zero : heldUntil)
    case .question(let until): time = until
    case .sealing, .aborting: time = .zero
    case .rollCall: time = roll.until
    case .committing(let sent, let start):
      time = start.advanced(byMilliseconds: UInt32(sent) &* Self.commitInterval)
    case .activating(let until): time = until
    }
    return max(time, pausedUntil)
  }

  /// Takes a frame that another node sent.
  public mutating func receive(_ frame: CANFrame, now: Instant) {
    load.add(frame.bitsOnWire, now: now)
    guard phase != .ended else { return }
    guard let kind = settings.window.kind(of: frame) else {
      load.others = now
      return
    }
    let payload = BroadcastPayload(frame)
    switch kind {
    case .nack(let odd, let rank): hear(rank, ofOdd: odd)
    case .hold: hold(now: now)
    case .join:
      counts.joins &+= 1
      if phase == .blocks { course.joined = max(course.joined ?? 0, course.open) }
    case .yes:
      if case .question = phase { extendPass() }
    case .answer: take(payload, now: now)
    case .set, .load, .symbol, .get, .authentication: meet(kind, payload, now: now)
    }
  }

  /// A frame of this master met another one with its identifier: there is a second master.
  public mutating func collided(now: Instant) { backOff(now: now) }

  /// The link had no room for a frame that was taken: it comes again after 1 to 8 ms.
  public mutating func refused(_ frame: CANFrame, now: Instant) {
    retry = frame
    pausedUntil = Instant(microseconds: now.microseconds &+ 1_000 &+ draw(below: 7_001))
  }

  private func percent(_ now: Instant) -> UInt8 {
    if let limit = settings.loadLimit { return max(5, min(100, limit)) }
    guard let others = load.others, now.milliseconds(since: others) < 1_000 else { return 100 }
    return 50
  }

  private mutating func produce(now: Instant) -> CANFrame? {
    // A change of phase makes no frame; few of them follow each other.
    for _ in 0..<8 {
      if let item = outbox.pop() {
        if item.offset == UInt8(truncatingIfNeeded: BroadcastKind.load.offset) {
          counts.headers &+= 1
          return frame(openHeader)
        }
        counts.orders &+= 1
        return CANFrame(
          standard: settings.window.base | UInt16(item.offset), item.payload.bytes, count: 8)
      }
      let before = phase
      let open = course.open
      if let frame = phaseFrame(now: now) { return frame }
      if phase == before, course.open == open, outbox.count == 0 { return nil }
    }
    return nil
  }

  private mutating func phaseFrame(now: Instant) -> CANFrame? {
    switch phase {
    case .idle, .ended: return nil
    case .listening(let until, _):
      if now >= until { begin() }
      return nil
    case .blocks: return blockFrame(now: now)
    case .question(let until):
      if now >= until { seal() }
      return nil
    case .sealing:
      roll = RollCall(.seal)
      phase = .rollCall
      return nil
    case .aborting:
      end(.aborted)
      return nil
    case .rollCall: return rollFrame(now: now)
    case .committing(let sent, let start):
      commit(sent, start, now: now)
      return nil
    case .activating(let until):
      if now >= until {
        roll = RollCall(.commit, round: roll.commits)
        phase = .rollCall
      }
      return nil
    }
  }

  private mutating func hold(now: Instant) {
    counts.holds &+= 1
    guard phase == .blocks else { return }
    // A quarter of what the image takes on the wire; a pass for stragglers has more patience.
    let nominal = bitTime(UInt64(blocks &+ 1) &* 34 &* 115)
    let limit = course.pass == 0 ? nominal / 4 : nominal &* 16 &+ 10_000_000
    let time = UInt64(holdTime) &* 1_000
    guard heldMicroseconds &+ time <= limit || now < heldUntil else { return }
    course.isHeld = true
    if course.open > course.end { course.polls = max(course.polls, 1) }
    repair.wasServedInHold = false
    let until = Instant(microseconds: now.microseconds &+ time)
    guard until > heldUntil else { return }
    heldMicroseconds &+= until.microseconds &- max(now, heldUntil).microseconds
    heldUntil = until
    holdTime = min(64, holdTime &* 2)
  }

  /// A frame of another master.
  private mutating func meet(_ kind: BroadcastKind, _ payload: BroadcastPayload, now: Instant) {
    if case .listening(let until, let since) = phase {
      if now.milliseconds(since: since) > 30_000 {
        end(.occupied)
      } else {
        let quiet = now.advanced(byMilliseconds: 200)
        phase = .listening(until: max(until, quiet), since: since)
      }
      return
    }
    if kind == .set, let order = BroadcastOrder(payload) {
      switch order {
      case .openA(let session, _, _, _, _), .openB(let session, _):
        if session >= settings.session, !isCommitted {
          end(.yielded(to: session))
          return
        }
      default: break
      }
    }
    backOff(now: now)
  }

  /// Is silent for a while, and then says whose session it is.
  private mutating func backOff(now: Instant) {
    guard phase != .ended else { return }
    let until = Instant(microseconds: now.microseconds &+ 2_000 &+ draw(below: 18_001))
    if until > pausedUntil { pausedUntil = until }
    retry = nil
    if case .listening = phase { return }
    if phase == .blocks, outbox.count < 8 { pushOpen() }
  }

  /// Whether nodes may be activating, so that what they run must still be asked.
  private var isCommitted: Bool {
    switch phase {
    case .committing, .activating: true
    case .rollCall: roll.kind == .commit
    default: false
    }
  }

  mutating func end(_ outcome: MasterOutcome) {
    self.outcome = outcome
    phase = .ended
    for number in 1..<128 where roster[number].isExpected && roster[number].verdict == .pending {
      roster[number].verdict = .abandoned
    }
    outbox.clear()
    retry = nil
  }
}
