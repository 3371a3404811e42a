import HSXHAL

// SET: what the master orders. Where the node asks for it, an order waits for the AUTH behind it.
extension BroadcastListener {
  mutating func take<Node: BroadcastNode & ~Copyable>(
    _ payload: BroadcastPayload, for node: inout Node, now: Instant
  ) {
    guard let order = BroadcastOrder(payload) else { return }
    switch order {
    case .pace(let low, _, _):
      if low == UInt8(truncatingIfNeeded: session) { heardAt = now }
    case .assign(let number, id):
      if (1...127).contains(number) {
        self.node = number
        isDuplicated = false
      }
    case .assign: break
    case _ where !node.requiresAuthentication: obey(order, for: &node, now: now)
    case .openA: held = HeldOrder(first: payload.word, count: 1)
    case .openB where held.count == 1: held = HeldOrder(first: held.first, second: payload.word, count: 2)
    case .openB: held = HeldOrder()
    case .seal, .commit, .abort: held = HeldOrder(first: payload.word, count: 1)
    }
  }

  mutating func authenticate<Node: BroadcastNode & ~Copyable>(
    _ payload: BroadcastPayload, for node: inout Node, now: Instant
  ) {
    let held = held
    self.held = HeldOrder()
    guard node.requiresAuthentication, held.count > 0,
      let order = BroadcastOrder(BroadcastPayload(word: held.first))
    else { return }
    var number = session
    switch order {
    case .openA(let opened, _, _, _, _):
      guard held.count == 2 else { return }
      number = opened
    case .abort(let aborted, _): number = aborted
    default: guard held.count == 1 else { return }
    }
    let code = AuthenticationText(session: number, held).code(node)
    // One comparison of all bits, so that its time tells nothing.
    guard code ^ payload.word == 0 else { return }
    obey(order, for: &node, now: now)
    if held.count == 2, let second = BroadcastOrder(BroadcastPayload(word: held.second)) {
      obey(second, for: &node, now: now)
    }
  }

  private mutating func obey<Node: BroadcastNode & ~Copyable>(
    _ order: BroadcastOrder, for node: inout Node, now: Instant
  ) {
    let low = UInt8(truncatingIfNeeded: session)
    switch order {
    case .openA(let number, let targetClass, let code, let window, _):
      guard enter(number, now: now) else { return }
      if targetClass != 0, targetClass != self.targetClass {
        leave(.targetClass, for: &node)
      } else if code != 0 || window > 2 || window == 0 {
        leave(.unsupported, for: &node)
      }
    case .openB(let number, let bytes):
      if enter(number, now: now) { announcedBytes = bytes }
    case .seal(low, manifestPrefix):
      heardAt = now
      if state == .complete {
        seal(for: &node, now: now)
      } else if isTaking, nextBlock &+ 1 >= lastBlock, state == .loading {
        course.open = lastBlock &+ 1
        ask()
      }
    case .commit(low, manifestPrefix, let milliseconds):
      guard state == .sealed || state == .armed else { return }
      heardAt = now
      state = .armed
      dueAt = now.advanced(byMilliseconds: UInt32(milliseconds))
    case .abort(session, _):
      if state != .idle, state != .running, state != .refused { leave(.aborted, for: &node) }
    default: break
    }
  }

  /// Goes into a session, or stays in it. False if it is not for this listener.
  private mutating func enter(_ number: UInt32, now: Instant) -> Bool {
    guard number > floor else { return false }
    if number == session, state != .idle {
      if state != .running, state != .refused { heardAt = now }
      return isTaking
    }
    guard number > session || state == .idle || state == .refused || state == .running, state != .armed else {
      return false
    }
    if state != .opened {
      switch state {
      case .loading, .complete, .sealed: (keptBlock, keptState) = (nextBlock, state)
      case .verifying: (keptBlock, keptState) = (nextBlock, .complete)
      default: (keptBlock, keptState) = (0, .idle)
      }
    }
    session = number
    state = .opened
    refusal = nil
    nextBlock = 0
    announcedBytes = 0
    course = ListenerCourse()
    asking = ListenerAsking()
    for index in 0..<2 { clear(index) }
    prepare(0)
    heardAt = now
    return true
  }

  mutating func seal<Node: BroadcastNode & ~Copyable>(for node: inout Node, now: Instant) {
    switch node.seal() {
    case .sealed: state = .sealed
    case .pending:
      state = .verifying
      dueAt = now.advanced(byMilliseconds: Self.retryTime)
    case .refused(let refusal): leave(refusal, for: &node)
    }
  }

  /// Takes no further part, and gives back what the session took.
  mutating func leave<Node: BroadcastNode & ~Copyable>(_ refusal: ListenerRefusal, for node: inout Node) {
    node.abandon()
    refuse(refusal)
  }

  mutating func refuse(_ refusal: ListenerRefusal) {
    state = .refused
    self.refusal = refusal
    (keptBlock, keptState) = (0, .idle)
    asking = ListenerAsking()
  }
}

/// What an AUTH is over: the whole session number and the orders before it.
struct AuthenticationText {
  private var bytes = InlineArray<20, UInt8>(repeating: 0)
  private let count: Int

  init(session: UInt32, _ held: HeldOrder) {
    count = held.count == 2 ? 20 : 12
    for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: session &>> UInt32(index &* 8)) }
    for index in 0..<8 {
      bytes[4 &+ index] = UInt8(truncatingIfNeeded: held.first &>> UInt64(index &* 8))
      bytes[12 &+ index] = UInt8(truncatingIfNeeded: held.second &>> UInt64(index &* 8))
    }
  }

  /// The first eight bytes of the code, the first one lowest.
  func code<Key: BroadcastKey & ~Copyable>(_ key: borrowing Key) -> UInt64 {
    let code = key.authenticationCode(of: bytes.span.extracting(0..<count))
    var word: UInt64 = 0
    for index in 0..<8 { word |= UInt64(code[index]) &<< UInt64(index &* 8) }
    return word
  }
}
