import HSXHAL

/// A question to each expected node, one after the other; up to three times to one that is silent.
struct RollCall {
  enum Kind: Equatable {
    case capabilities
    /// Before the blocks, when a session goes on.
    case resume
    case seal
    case commit
  }

  var kind: Kind
  /// How often everybody was asked: 0 to 2.
  var round = 0
  /// The node to ask next.
  var next = 1
  /// The node whose answer is awaited, until then; 0 for none.
  var asked: UInt8 = 0
  var until = Instant.zero
  /// When the one that was asked last is asked again, or given up.
  var patientUntil = Instant.zero
  /// How often those that were not done were asked again.
  var repeats = 0
  /// Whether those that were silent have been called a second time.
  var hasCalledTwice = false
  /// How often COMMIT was sent to those that missed it.
  var commits = 0

  init(_ kind: Kind, round commits: Int = 0) {
    self.kind = kind
    self.commits = commits
  }
}

extension BroadcastMaster where Source: ~Copyable {
  /// Milliseconds from asking a silent node to asking it again, and at last to giving it up.
  private static func patience(_ round: Int) -> UInt32 { round == 0 ? 2 : round == 1 ? 8 : 32 }

  /// Microseconds within which a node answers; the next one is asked then. A later answer counts all the same.
  private var answerTime: UInt64 { bitTime(220) &+ 180 }

  mutating func rollFrame(now: Instant) -> CANFrame? {
    if now < roll.until { return nil }
    roll.asked = 0
    if roll.next == 1, roll.round == 0 { forgetAnswers() }
    while roll.next < 128 {
      let number = roll.next
      roll.next &+= 1
      guard roster[number].isExpected, !roster[number].isAnswered, roster[number].asks <= roll.round else {
        continue
      }
      guard now >= roster[number].patientUntil else {
        roll.next = number
        roll.until = roster[number].patientUntil
        return nil
      }
      return ask(UInt8(truncatingIfNeeded: number), now: now)
    }
    if hasSilentNodes, roll.round < 2 {
      roll.round &+= 1
      roll.next = 1
      return rollFrame(now: now)
    }
    if hasSilentNodes, now < roll.patientUntil {
      roll.until = roll.patientUntil
      return nil
    }
    evaluate(now: now)
    return nil
  }

  private var hasSilentNodes: Bool {
    for number in 1..<128 where roster[number].isExpected && !roster[number].isAnswered { return true }
    return false
  }

  private mutating func forgetAnswers() {
    for number in 1..<128 {
      roster[number].asks = 0
      roster[number].patientUntil = .zero
      if roll.repeats == 0 { roster[number].isAnswered = false }
    }
  }

  private mutating func ask(_ node: UInt8, now: Instant) -> CANFrame {
    roll.asked = node
    roll.until = Instant(microseconds: now.microseconds &+ answerTime)
    roll.patientUntil = now.advanced(byMilliseconds: Self.patience(roll.round))
    roster[Int(node)].patientUntil = roll.patientUntil
    roster[Int(node)].asks = roll.round &+ 1
    counts.questions &+= 1
    if roll.round > 0 { counts.retries &+= 1 }
    let question: BroadcastQuestion =
      roll.kind == .capabilities
      ? .capabilities(node: node, attempt: UInt8(truncatingIfNeeded: roll.round)) : .status(node: node)
    return settings.window.frame(.get, question.payload, count: question.count)
  }

  mutating func take(_ answer: BroadcastPayload, now: Instant) {
    counts.answers &+= 1
    let node = Int(answer[0] & 127)
    guard phase == .rollCall, node > 0, answer[0] == UInt8(truncatingIfNeeded: node) else { return }
    let rest = answer.number(4, 4)
    if roll.kind == .capabilities {
      if let id = roster[node].id, id != rest { roster[node].isDuplicate = true }
      roster[node].id = rest
      roster[node].targetClass = answer[1]
      // A second node with the number has until the patience is over.
      roster[node].isAnswered = true
      return
    }
    roster[node].isAnswered = true
    if answer[1] & 0x40 != 0 { roster[node].isDuplicate = true }
    roster[node].state = answer[1] & 0xBF
    roster[node].block = UInt16(truncatingIfNeeded: answer.number(2, 2))
    roster[node].hash = rest
    guard roll.asked == answer[0] || !hasSilentNodes else { return }
    roll.asked = 0
    roll.until = now
  }

  private mutating func evaluate(now: Instant) {
    switch roll.kind {
    case .capabilities: beginBlocks()
    case .resume:
      let start = lowestBlock ?? 1
      course.end = blocks
      if start == 0 { return open(times: 2) }
      startBlock(min(start, blocks &+ 1))
      phase = .blocks
    case .seal: evaluateSeal(now: now)
    case .commit: evaluateCommit(now: now)
    }
  }

  /// The lowest block that a node of the session, or one that forgot it, lacks.
  private var lowestBlock: Int? {
    var lowest: Int?
    for number in 1..<128 where roster[number].isExpected && roster[number].isAnswered {
      switch ListenerState(rawValue: roster[number].state) {
      case .idle: lowest = 0
      case .opened, .loading: lowest = min(lowest ?? .max, Int(roster[number].block))
      default: break
      }
    }
    return lowest
  }

  /// Asks those in one of the states again after a while. False if there are none.
  private mutating func askAgain(
    _ first: ListenerState, _ second: ListenerState?, _ time: UInt32, now: Instant
  )
    -> Bool
  {
    var isAny = false
    for number in 1..<128 where roster[number].isExpected && roster[number].isAnswered {
      guard let state = ListenerState(rawValue: roster[number].state), state == first || state == second
      else {
        continue
      }
      roster[number].isAnswered = false
      isAny = true
    }
    guard isAny else { return false }
    roll.repeats &+= 1
    (roll.next, roll.round) = (1, 0)
    roll.until = now.advanced(byMilliseconds: time)
    return true
  }

  /// Calls the silent ones a second time, after a while. False if that was done, or there are none.
  private mutating func callTwice(now: Instant) -> Bool {
    guard !roll.hasCalledTwice, hasSilentNodes else { return false }
    roll.hasCalledTwice = true
    roll.repeats &+= 1
    (roll.next, roll.round) = (1, 0)
    roll.until = now.advanced(byMilliseconds: 50)
    return true
  }

  private mutating func evaluateSeal(now: Instant) {
    if settings.policy != .never, callTwice(now: now) { return }
    if roll.repeats < 8, hasState(.complete) {
      push(.seal(session: sessionByte, manifest: manifestPrefix))
      push(.seal(session: sessionByte, manifest: manifestPrefix))
      if askAgain(.complete, .verifying, 0, now: now) { return }
    }
    if roll.repeats < 2_000, askAgain(.verifying, nil, 5, now: now) { return }
    if course.pass < 7, let lowest = lowestBlock {
      course.joined = nil
      nextPass(from: lowest, to: blocks)
      return
    }
    sealedAt = now
    for number in 1..<128 where roster[number].isExpected { judgeSeal(number) }
    guard settings.policy != .never else { return end(.sealed) }
    guard isPolicyMet else {
      for _ in 0..<3 { push(.abort(session: settings.session, reason: 1)) }
      phase = .aborting
      return
    }
    phase = .committing(sent: 0, start: now)
  }

  private func hasState(_ state: ListenerState) -> Bool {
    for number in 1..<128 where roster[number].isExpected && roster[number].isAnswered {
      if roster[number].state == state.rawValue { return true }
    }
    return false
  }

  private mutating func judgeSeal(_ number: Int) {
    let record = roster[number]
    roster[number].verdict = verdict(record)
    roster[number].hasProved = roster[number].verdict == .sealed || roster[number].verdict == .running
  }

  private func verdict(_ record: NodeRecord) -> NodeVerdict {
    if record.isDuplicate { return .duplicateNode }
    guard record.isAnswered else { return .missing }
    if let refusal = ListenerRefusal(rawValue: record.state) { return .refused(refusal) }
    switch ListenerState(rawValue: record.state) {
    case .sealed, .armed: return record.hash == manifest.hashPrefix ? .sealed : .wrongHash
    case .running: return record.hash == manifest.hashPrefix ? .running : .wrongHash
    case .opened, .loading: return .incomplete(block: record.block)
    case .complete, .verifying, .refused: return .unfinished
    case .idle: return .restarted
    case nil: return .missing
    }
  }

  private var isPolicyMet: Bool {
    var (proved, lacking, lackingOfClass) = (0, 0, 0)
    let wanted: UInt8? = if case .everyOfClass(let wanted) = settings.policy { wanted } else { nil }
    for number in 1..<128 where roster[number].isExpected {
      if roster[number].hasProved {
        proved &+= 1
      } else {
        lacking &+= 1
        if roster[number].targetClass == wanted { lackingOfClass &+= 1 }
      }
    }
    switch settings.policy {
    case .all: return lacking == 0 && proved > 0
    case .quorum(let least): return proved >= max(1, least)
    case .everyOfClass: return lackingOfClass == 0 && proved > 0
    case .never: return false
    }
  }

  private mutating func evaluateCommit(now: Instant) {
    if callTwice(now: now) { return }
    if roll.repeats < 20, askAgain(.armed, nil, 5, now: now) { return }
    if roll.commits < 3, hasState(.sealed) {
      roll.commits &+= 1
      phase = .committing(sent: 0, start: now)
      return
    }
    for number in 1..<128 where roster[number].isExpected {
      guard roster[number].hasProved else { continue }
      roster[number].verdict = verdictAfterCommit(roster[number])
    }
    end(.committed)
  }

  private func verdictAfterCommit(_ record: NodeRecord) -> NodeVerdict {
    guard record.isAnswered else { return .silent }
    switch (ListenerState(rawValue: record.state), ListenerRefusal(rawValue: record.state)) {
    case (_, let refusal?): return .refused(refusal)
    case (.running, _), (.idle, _):
      // After a restart a node is in no session, and tells by its hash what it runs.
      return record.hash == manifest.hashPrefix ? .running : .restarted
    default: return .unmoved
    }
  }
}
