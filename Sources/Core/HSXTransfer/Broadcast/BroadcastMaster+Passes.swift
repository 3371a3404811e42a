import HSXHAL

extension BroadcastMaster where Source: ~Copyable {
  /// Milliseconds between two COMMITs.
  static var commitInterval: UInt32 { 10 }
  /// COMMITs of a round.
  private static var commitCount: Int { 5 }
  /// Milliseconds from the first COMMIT to the activation.
  private static var commitTime: UInt32 { 60 }

  mutating func endPass(now: Instant) {
    if settings.isResuming, course.pass == 0, course.end == 0 {
      roll = RollCall(.resume)
      phase = .rollCall
    } else if course.end < blocks {
      let question = BroadcastQuestion.lacks(
        session: sessionByte, block: UInt16(truncatingIfNeeded: blocks))
      retry = settings.window.frame(.get, question.payload, count: question.count)
      counts.questions &+= 1
      phase = .question(until: Instant(microseconds: now.microseconds &+ nackTime))
    } else if let joined = course.joined, course.pass < 7 {
      course.joined = nil
      nextPass(from: 0, to: min(joined, blocks))
    } else {
      seal()
    }
  }

  /// Somebody lacks what lies behind this pass.
  mutating func extendPass() {
    let next = course.end &+ 1
    course.end = blocks
    startBlock(next)
    phase = .blocks
  }

  /// Goes over blocks again. Block 0 always comes first, for those that know of no session.
  mutating func nextPass(from first: Int, to last: Int) {
    course.pass &+= 1
    counts.passes &+= 1
    course.end = last
    heldMicroseconds = 0
    if first == 0 {
      open(times: 2)
    } else {
      pushOpen()
      startBlock(first)
      phase = .blocks
    }
  }

  mutating func seal() {
    for _ in 0..<3 { push(.seal(session: sessionByte, manifest: manifestPrefix)) }
    phase = .sealing
  }

  mutating func commit(_ sent: Int, _ start: Instant, now: Instant) {
    guard now >= start.advanced(byMilliseconds: UInt32(sent) &* Self.commitInterval) else { return }
    let end = start.advanced(byMilliseconds: Self.commitTime)
    let left = UInt16(truncatingIfNeeded: min(60, end.milliseconds(since: now)))
    push(.commit(session: sessionByte, manifest: manifestPrefix, milliseconds: left))
    if sent &+ 1 < Self.commitCount {
      phase = .committing(sent: sent &+ 1, start: start)
    } else {
      phase = .activating(until: end.advanced(byMilliseconds: 2))
    }
  }

}
