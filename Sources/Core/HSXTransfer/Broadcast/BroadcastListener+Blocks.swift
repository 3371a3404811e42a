import HSXHAL

// LOAD: headers and symbols, and what is asked for.
extension BroadcastListener {
  /// The symbols that the lowest missing block lacks.
  var deficit: Int { state == .idle ? BlockBuffer.dataSymbols : slots[Int(nextBlock & 1)].deficit }

  /// Whether a whole block waits until the node takes it.
  var isOffered: Bool { isTaking && nextBlock > 0 && marks[Int(nextBlock & 1)].isPlain }

  mutating func clear(_ slot: Int) {
    slots[slot].clear()
    marks[slot] = SlotMarks()
  }

  /// Forgets what came of a block, not what its header told.
  private mutating func clearSymbols(_ slot: Int) {
    slots[slot].clearSymbols()
    marks[slot].isPlain = false
  }

  mutating func take<Node: BroadcastNode & ~Copyable>(
    _ header: LoadHeader, for node: inout Node, now: Instant
  ) {
    if state == .idle {
      // OPEN was missed, and it is early: asking for the manifest makes the master repeat both.
      if header.block == 0 { course.early = 0 }
      if header.block == 1, !header.isRepair, course.early < 3 {
        course.early &+= 1
        ask()
      }
      return
    }
    guard header.session == UInt8(truncatingIfNeeded: session), state != .refused, state != .running else {
      return
    }
    heardAt = now
    guard isTaking else { return }
    (course.first, course.count) = (header.first, header.count)
    course.isDoubtful = false
    if header.block == nextBlock || header.block == nextBlock &+ 1 { announce(header) }
    if header.isRepair {
      course.repair = header.block
      if header.block == nextBlock { pause() }
      deliver(for: &node, now: now)
      return
    }
    course.repair = nil
    if !course.isKnown || course.open != header.block { course.lastIndex = 0 }
    if course.isKnown, course.open == header.block &+ 1 {
      // The next block was inferred from a repair whose header was missed.
      if course.open == nextBlock || course.open == nextBlock &+ 1 {
        clearSymbols(Int(course.open & 1))
      }
      prepare(course.open)
    }
    (course.open, course.isKnown, course.isInferred) = (header.block, true, false)
    deliver(for: &node, now: now)
    if isTaking { poll() }
  }

  /// Asks for the lowest missing block if the master is past it.
  private mutating func poll() {
    let ahead = Int(course.open) &- Int(nextBlock)
    if isOffered, ahead > (course.open > lastBlock ? 0 : 1) { asking.wantsHold = true }
    switch ahead {
    case 1: ask()
    case 2:
      ask()
      // Once for a block: what is asked for now comes during the pause.
      if course.heldBlock != course.open || isOffered { asking.wantsHold = true }
      course.heldBlock = course.open
    case 3... where nextBlock == 0 && !course.hasJoined:
      course.hasJoined = true
      asking.wantsJoin = true
    default: asking.isDue = false
    }
  }

  private mutating func announce(_ header: LoadHeader) {
    let index = Int(header.block & 1)
    guard !marks[index].isPlain else { return }
    slots[index].checksum = header.checksum
    marks[index].isAnnounced = true
  }

  mutating func take<Node: BroadcastNode & ~Copyable>(
    _ index: Int, ofOdd odd: Bool, _ symbol: UInt64, for node: inout Node, now: Instant
  ) {
    guard isTaking, course.isKnown, let block = block(ofOdd: odd, index) else { return }
    heardAt = now
    if asking.holdPatience > 0 { asking.holdPatience &-= 1 }
    guard block == nextBlock || block == nextBlock &+ 1,
      block <= lastBlock || imageBytes == 0 || nextBlock == 0
    else { return }
    let slot = Int(block & 1)
    if !marks[slot].isPlain { slots[slot].store(index, symbol) }
    if block != nextBlock { wait(slots[slot].deficit) }
    deliver(for: &node, now: now)
  }

  /// The block that a symbol belongs to; nil if that is not certain enough.
  private mutating func block(ofOdd odd: Bool, _ index: Int) -> UInt16? {
    let isOpenParity = (course.open & 1 != 0) == odd
    if let repair = course.repair {
      if (repair & 1 != 0) == odd { return course.announces(index) ? repair : nil }
      // The master is back at the open block, and the header that says so was missed.
      course.repair = nil
      (course.first, course.count) = (0, 48)
      if isOpenParity { poll() }
    }
    if isOpenParity {
      guard course.announces(index) else { return nil }
      if course.isInferred, !follows(index) { return nil }
      course.lastIndex = UInt8(truncatingIfNeeded: index)
      return course.open
    }
    if nextBlock < course.open {
      // Parity of the block that is asked for, whose repair header was missed; unless it follows data, of a repair or the next.
      if index < BlockBuffer.dataSymbols { course.isDoubtful = true }
      return !course.isDoubtful && nextBlock &+ 1 == course.open ? nextBlock : nil
    }
    // The block before is done here, the open one near its end, and data begins anew: a header was missed.
    guard index < 8, Int(course.lastIndex) >= min(dataCount(course.open), 32) &- 4 else { return nil }
    course.open &+= 1
    course.isInferred = true
    course.lastIndex = UInt8(truncatingIfNeeded: index)
    (course.first, course.count) = (0, 48)
    poll()
    return course.open
  }

  /// Whether a symbol follows those of an inferred block. One that goes back says that it is another block's, so that
  /// those before are too.
  private mutating func follows(_ index: Int) -> Bool {
    let distance = index &- Int(course.lastIndex)
    if distance < -3 {
      course.count = 0
      if course.open == nextBlock || course.open == nextBlock &+ 1 {
        clearSymbols(Int(course.open & 1))
        prepare(course.open)
      }
    }
    return distance > 0 && distance <= 8
  }

  /// A symbol of the block behind the one that is missing: patience runs out.
  private mutating func wait(_ rest: Int) {
    if isOffered {
      if rest <= 8, asking.holdPatience == 0 { asking.wantsHold = true }
      return
    }
    guard !asking.isDue, asking.patience > 0, course.repair == nil else { return }
    asking.patience &-= 1
    guard asking.patience == 0 else { return }
    if asking.tries < 3 { asking.isDue = true } else if asking.holdPatience == 0 { asking.wantsHold = true }
  }

  mutating func ask() {
    guard !isOffered, deficit > 0 else { return }
    asking.isDue = true
    asking.tries = 0
    asking.patience = 0
  }

  private mutating func pause() {
    asking.isDue = false
    asking.patience = 0
  }

  /// The deficit was told, by this listener or one that lacks as much or more.
  mutating func asked() {
    asking.isDue = false
    asking.patience = 8 &<< min(asking.tries, 3)
    asking.tries = min(asking.tries &+ 1, 7)
  }

  mutating func hear(_ rank: Int, ofOdd odd: Bool) {
    guard asking.isDue, (nextBlock & 1 != 0) == odd, rank <= Deficit.rank(deficit) else { return }
    asked()
  }

  /// Data symbols of a block that are sent.
  private func dataCount(_ block: UInt16) -> Int {
    if block == 0 { return BroadcastManifest.size / BlockBuffer.symbolBytes }
    guard block >= lastBlock, lastBlock > 0 else { return BlockBuffer.dataSymbols }
    return (Int(imageBytes) &- 256 &* (Int(block) &- 1) &+ 7) / 8
  }

  /// Puts what is not sent of a block in its place.
  mutating func prepare(_ block: UInt16) {
    guard block == 0 || imageBytes > 0 else { return }
    let count = dataCount(block)
    guard count < BlockBuffer.dataSymbols else { return }
    slots[Int(block & 1)].fill(behind: count, session: session, block: block)
  }

  /// Hands on the lowest missing block if it is whole, and those behind it.
  mutating func deliver<Node: BroadcastNode & ~Copyable>(for node: inout Node, now: Instant) {
    while isTaking, nextBlock == 0 || nextBlock <= lastBlock, rebuild() {
      let slot = Int(nextBlock & 1)
      if nextBlock == 0 {
        guard admit(for: &node) else { return }
        continue
      }
      let count = min(256, Int(imageBytes) &- 256 &* (Int(nextBlock) &- 1))
      let number = nextBlock &- 1
      switch node.write(number, slots[slot].bytes.span.extracting(0..<count)) {
      case .taken: pass()
      case .busy:
        dueAt = now.advanced(byMilliseconds: Self.retryTime)
        return
      case .refused(let refusal):
        leave(refusal, for: &node)
        return
      }
    }
  }

  private mutating func pass() {
    let slot = Int(nextBlock & 1)
    clear(slot)
    asking.isDue = false
    asking.patience = 0
    asking.wantsHold = false
    nextBlock &+= 1
    if nextBlock > lastBlock, state == .loading {
      state = .complete
      return
    }
    if nextBlock < lastBlock { prepare(nextBlock &+ 1) }
    // The master may be past this one already.
    if course.isKnown, course.open == nextBlock &+ 1 { ask() }
  }

  /// Whether the lowest missing block is plain now. One that contradicts its header is forgotten, and asked for again.
  private mutating func rebuild() -> Bool {
    let slot = Int(nextBlock & 1)
    if marks[slot].isPlain { return true }
    // An inferred block may be a repair of the one before: the next header, or the next block, tells.
    let isDoubtful = course.isInferred && course.open == nextBlock && !marks[slot].isAnnounced
    guard slots[slot].deficit == 0, !isDoubtful else { return false }
    slots[slot].rebuild()
    slots[slot].whiten(session: session, block: nextBlock)
    let count =
      nextBlock == 0 ? BroadcastManifest.size : min(256, Int(imageBytes) &- 256 &* (Int(nextBlock) &- 1))
    if marks[slot].isAnnounced, slots[slot].crc16(count) != slots[slot].checksum {
      forget()
      return false
    }
    marks[slot].isPlain = true
    return true
  }

  private mutating func forget() {
    clearSymbols(Int(nextBlock & 1))
    prepare(nextBlock)
    if course.isKnown, course.open == nextBlock &+ 1 { ask() }
  }

  /// Judges the manifest. False if the listener does not go on.
  private mutating func admit<Node: BroadcastNode & ~Copyable>(for node: inout Node) -> Bool {
    let isAnnounced = marks[0].isAnnounced
    guard let manifest = BroadcastManifest(slots[0].bytes.span),
      announcedBytes == 0 || announcedBytes == manifest.imageBytes
    else {
      guard isAnnounced else {
        marks[0].isPlain = false
        forget()
        return false
      }
      leave(.manifest, for: &node)
      return false
    }
    var digest = Node.Digest()
    digest.update(slots[0].bytes.span.extracting(0..<BroadcastManifest.size))
    let hash = digest.finish()
    var prefix: UInt32 = 0
    for index in 0..<4 { prefix |= UInt32(hash[index]) &<< UInt32(index &* 8) }
    clear(0)
    if keptState != .idle, prefix == manifestPrefix {
      state = keptState
      nextBlock = keptBlock
    } else {
      if keptState != .idle { node.abandon() }
      if let refusal = node.admit(manifest) {
        refuse(refusal)
        return false
      }
      imageBytes = manifest.imageBytes
      (manifestPrefix, hashPrefix) = (prefix, manifest.hashPrefix)
      state = .loading
      nextBlock = 1
    }
    (keptBlock, keptState) = (0, .idle)
    asking = ListenerAsking()
    // Symbols of block 1 may be there already, unless an earlier session's place is further on.
    if nextBlock != 1 { clear(1) }
    if nextBlock <= lastBlock { prepare(nextBlock) }
    if nextBlock < lastBlock { prepare(nextBlock &+ 1) }
    if course.isKnown, course.open == nextBlock &+ 1 { ask() }
    return true
  }
}
