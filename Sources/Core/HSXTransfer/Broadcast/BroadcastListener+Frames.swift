public import HSXHAL

extension BroadcastListener {
  /// Takes a frame from the bus. Frames of other windows, of unknown kinds and of foreign sessions change nothing.
  public mutating func receive<Node: BroadcastNode & ~Copyable>(
    _ frame: CANFrame, for node: inout Node, now: Instant
  ) {
    guard let kind = window.kind(of: frame) else { return }
    let payload = BroadcastPayload(frame)
    switch kind {
    case .hold:
      asking.wantsHold = false
      asking.holdPatience = 4
      // What comes next may be a repair of any block.
      if course.isInferred { course.count = 0 }
    case .nack(let odd, let rank): hear(rank, ofOdd: odd)
    case .join: asking.wantsJoin = false
    case .yes: asking.wantsYes = false
    case .answer:
      if payload[0] == self.node, answer == nil || answer != payload { isDuplicated = true }
    case .get:
      if let question = BroadcastQuestion(payload, count: Int(frame.count)) { reply(question, node, now) }
    case .set: take(payload, for: &node, now: now)
    case .authentication: authenticate(payload, for: &node, now: now)
    case .load:
      if let header = LoadHeader(payload) { take(header, for: &node, now: now) }
    case .symbol(let odd, let index): take(index, ofOdd: odd, payload.word, for: &node, now: now)
    }
  }

  /// What the listener wants to send now; nil if nothing. The same, another or none after each `receive` and `advance`.
  public func pendingFrame(now: Instant) -> CANFrame? {
    if asking.wantsHold { return window.frame(.hold) }
    if asking.isDue, isTaking || state == .idle {
      return window.frame(.nack(odd: nextBlock & 1 != 0, rank: Deficit.rank(deficit)))
    }
    if asking.wantsJoin { return window.frame(.join) }
    if let answer, now >= answerAt { return window.frame(.answer, answer) }
    if asking.wantsYes { return window.frame(.yes) }
    return nil
  }

  /// The pending frame was sent.
  public mutating func sent(_ frame: CANFrame) {
    switch window.kind(of: frame) {
    case .hold:
      asking.wantsHold = false
      asking.holdPatience = 4
    case .nack: asked()
    case .join: asking.wantsJoin = false
    case .yes: asking.wantsYes = false
    case .answer:
      answer = nil
      hasCollided = false
    default: break
    }
  }

  /// The pending frame met another one with the same identifier: an answer is given up, the master asks again.
  public mutating func collided(_ frame: CANFrame) {
    guard window.kind(of: frame) == .answer else { return }
    answer = nil
    // Once may be another node's late answer; twice is a node with the same number.
    if hasCollided { isDuplicated = true }
    hasCollided = true
  }

  /// When `advance` must be called at the latest; nil if nothing waits for a time.
  public var deadline: Instant? {
    var time: Instant?
    switch state {
    case .armed, .verifying: time = dueAt
    case .opened, .loading, .complete: time = heardAt.advanced(byMilliseconds: Self.loadingTimeout)
    case .sealed: time = heardAt.advanced(byMilliseconds: Self.sealedTimeout)
    case .idle, .running, .refused: break
    }
    if isOffered { time = dueAt }
    if answer != nil, answerAt < time ?? answerAt.advanced(byMilliseconds: 1) { time = answerAt }
    return time
  }

  /// Does what the time asks for.
  public mutating func advance<Node: BroadcastNode & ~Copyable>(for node: inout Node, now: Instant) {
    switch state {
    case .armed where now >= dueAt:
      floor = session
      if node.activate(session: session) {
        state = .running
      } else {
        refuse(.activation)
      }
    case .verifying where now >= dueAt: seal(for: &node, now: now)
    case .opened, .loading, .complete:
      if now >= heardAt.advanced(byMilliseconds: Self.loadingTimeout) {
        leave(.expired, for: &node)
      } else if isOffered, now >= dueAt {
        deliver(for: &node, now: now)
      }
    case .sealed where now >= heardAt.advanced(byMilliseconds: Self.sealedTimeout):
      leave(.expired, for: &node)
    default: break
    }
  }

  private mutating func reply<Node: BroadcastNode & ~Copyable>(
    _ question: BroadcastQuestion, _ host: borrowing Node, _ now: Instant
  ) {
    var payload = BroadcastPayload()
    payload[0] = node
    switch question {
    case .capabilities(node, let attempt):
      payload[1] = targetClass
      payload[2] = abi
      payload[3] = 2
      payload.set(4, 4, id)
      // Two nodes with one number answer at different times, so that both are heard; other bits of the id each time.
      let slot = UInt64(id &>> UInt32(attempt & 7) &* 3 & 7)
      answer = payload
      answerAt = Instant(microseconds: now.microseconds &+ slot &* 200)
    case .status(node):
      payload[1] = (refusal?.rawValue ?? state.rawValue) | (isDuplicated ? 0x40 : 0)
      payload.set(2, 2, UInt32(nextBlock))
      payload.set(4, 4, statusPrefix(host))
      answer = payload
      answerAt = isDuplicated ? Instant(microseconds: now.microseconds &+ UInt64(id & 7) &* 200) : now
    case .lacks(let low, let block):
      if low == UInt8(truncatingIfNeeded: session), isTaking, nextBlock <= block { asking.wantsYes = true }
    default: break
    }
  }

  private func statusPrefix<Node: BroadcastNode & ~Copyable>(_ host: borrowing Node) -> UInt32 {
    switch state {
    case .idle, .refused, .running: host.runningHashPrefix
    case .sealed, .armed: hashPrefix
    case .opened, .loading, .complete, .verifying: manifestPrefix
    }
  }
}
