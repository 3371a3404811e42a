import HSXHAL

/// Where a master is in the image.
struct MasterCourse {
  /// The open block.
  var open = 0
  /// The last block of this pass.
  var end = 0
  var pass: UInt8 = 0
  /// The next symbol of the open block: data, then parity ahead of need.
  var position = 0
  var total = 0
  /// A header of the open block is due.
  var needsHeader = false
  /// How often the open block's header still is repeated before anything else, when nothing else follows.
  var polls = 0
  /// Whoever lacks the block before has asked by then.
  var quietAt = Instant.zero
  /// The block at which a node joined last.
  var joined: Int?
  /// HOLDs heard since the open block was opened.
  var isHeld = false
}

/// What is asked for, and what has been sent of it.
struct MasterRepair {
  /// The block that is asked for, and how many symbols.
  var block = -1
  var wanted = 0
  /// Whether a repair was sent since HOLD was heard, and may have been what it was for.
  var wasServedInHold = false
  /// The symbols that the repair header announced and are still to be sent.
  var left = 0
  var leftBlock = -1
  /// By the last two bits of the block: the next index of a repair, and what was asked for in all.
  var next = InlineArray<4, UInt8>(repeating: 32)
  var extra = InlineArray<4, UInt8>(repeating: 0)
  /// How often ten and more were asked for.
  var largest = InlineArray<4, UInt8>(repeating: 0)
  /// How often it was answered in this pass: not without end, for whoever asks may not be a node.
  var answers = InlineArray<4, UInt8>(repeating: 0)
  /// Whether parity that was not sent before is used up.
  var isSpent = InlineArray<4, Bool>(repeating: false)
}

extension BroadcastMaster where Source: ~Copyable {
  /// The time within which a poll is answered.
  var nackTime: UInt64 { bitTime(500) &+ 100 }

  /// Announces the session so often, block 0's header with it, and goes on with the blocks.
  mutating func open(times: Int) {
    course.open = 0
    startBlock(0)
    for round in 0..<times {
      pushOpen()
      if round > 0 {
        outbox.push(BroadcastKind.load.offset, openHeader.payload)
      }
    }
    course.needsHeader = true
    phase = .blocks
  }

  mutating func pushOpen() {
    let a = BroadcastOrder.openA(
      session: settings.session, targetClass: settings.targetClass, code: 0, window: 2,
      isAuthenticated: source.requiresAuthentication)
    let b = BroadcastOrder.openB(session: settings.session, imageBytes: manifest.imageBytes)
    outbox.push(BroadcastKind.set.offset, a.payload)
    outbox.push(BroadcastKind.set.offset, b.payload)
    pushCode(HeldOrder(first: a.payload.word, second: b.payload.word, count: 2))
    guard let load = settings.loadLimit, load < 100 else { return }
    let pace = BroadcastOrder.pace(session: sessionByte, gap: 0, load: max(5, load))
    outbox.push(BroadcastKind.set.offset, pace.payload)
  }

  /// An order with its AUTH.
  mutating func push(_ order: BroadcastOrder) {
    outbox.push(BroadcastKind.set.offset, order.payload)
    pushCode(HeldOrder(first: order.payload.word, count: 1))
  }

  private mutating func pushCode(_ orders: HeldOrder) {
    guard source.requiresAuthentication else { return }
    let code = AuthenticationText(session: settings.session, orders).code(source)
    outbox.push(BroadcastKind.authentication.offset, BroadcastPayload(word: code))
  }

  /// Data symbols of a block that are sent; 0 behind the last.
  func dataCount(_ block: Int) -> Int {
    if block == 0 { return BroadcastManifest.size / BlockBuffer.symbolBytes }
    if block < blocks { return BlockBuffer.dataSymbols }
    return block == blocks ? (Int(manifest.imageBytes) &- 256 &* (block &- 1) &+ 7) / 8 : 0
  }

  mutating func startBlock(_ block: Int) {
    let data = block > course.end ? 0 : dataCount(block)
    let ahead = data > 0 && settings.sendsParityAhead ? parity.count : 0
    course.open = block
    course.position = 0
    course.total = data &+ ahead
    course.needsHeader = true
    course.polls = data == 0 ? 2 : 0
    if !course.isHeld { holdTime = 4 }
    course.isHeld = false
    let slot = block & 3
    repair.next[slot] = UInt8(truncatingIfNeeded: 32 &+ ahead)
    repair.extra[slot] = 0
    repair.largest[slot] = 0
    repair.answers[slot] = 0
    repair.isSpent[slot] = false
  }

  /// The next frame of the blocks; nil to wait until `course.quietAt`, or when the phase has changed.
  mutating func blockFrame(now: Instant) -> CANFrame? {
    if repair.left > 0, let symbol = repairSymbol() { return symbol }
    if repair.wanted > 0 { return startRepair() }
    if course.needsHeader {
      course.needsHeader = false
      if course.polls > 0 { course.polls &-= 1 }
      course.quietAt = Instant(microseconds: now.microseconds &+ nackTime)
      counts.headers &+= 1
      return frame(openHeader)
    }
    if now < heldUntil, now < course.quietAt || !repair.wasServedInHold { return nil }
    repair.wasServedInHold = false
    if course.position < course.total {
      let index = index(course.position)
      course.position &+= 1
      if index < BlockBuffer.dataSymbols { counts.data &+= 1 } else { counts.parity &+= 1 }
      return symbol(course.open, index)
    }
    guard now >= course.quietAt else { return nil }
    if course.polls > 0 {
      course.needsHeader = true
      return blockFrame(now: now)
    }
    if course.open > course.end {
      endPass(now: now)
      return nil
    }
    if course.open > 0, settings.sendsParityAhead {
      parity.learn(Int(repair.extra[(course.open &- 1) & 3]))
    }
    startBlock(course.open &+ 1)
    if course.open & 31 == 0, course.open <= course.end { pushOpen() }
    return nil
  }

  /// The header of the open block, from the next symbol on.
  var openHeader: LoadHeader {
    guard course.position < course.total else { return header(course.open, first: 0, count: 0) }
    let first = index(course.position)
    return header(course.open, first: first, count: index(course.total &- 1) &+ 1 &- first)
  }

  /// The index of a position: data first, then parity.
  private func index(_ position: Int) -> Int {
    let data = dataCount(course.open)
    return position < data ? position : BlockBuffer.dataSymbols &+ position &- data
  }

  private mutating func startRepair() -> CANFrame {
    let (block, slot) = (repair.block, repair.block & 3)
    var (first, count) = (Int(repair.next[slot]), repair.wanted)
    if repair.largest[slot] >= 2 || first >= 48 && repair.isSpent[slot] {
      // Parity alone has not helped, so the data comes again, and all parity behind it.
      repair.largest[slot] = 0
      (first, count) = (0, 32)
    } else {
      if first >= 48 {
        first = 0
        repair.isSpent[slot] = true
      }
      // Of what was sent before, most is there already.
      if repair.isSpent[slot] { count = min(32, count &* 8) }
      count = min(count, 48 &- first)
    }
    repair.next[slot] = UInt8(truncatingIfNeeded: first)
    (repair.leftBlock, repair.left) = (block, count)
    (repair.block, repair.wanted) = (-1, 0)
    repair.wasServedInHold = true
    counts.headers &+= 1
    var header = header(block, first: first, count: count)
    header.isRepair = true
    return frame(header)
  }

  private mutating func repairSymbol() -> CANFrame? {
    let (block, slot) = (repair.leftBlock, repair.leftBlock & 3)
    let index = Int(repair.next[slot])
    repair.left &-= 1
    repair.next[slot] &+= 1
    if repair.left == 0 {
      course.needsHeader = true
      course.polls = max(course.polls, 1)
    }
    // What is not sent of a short block is known to everybody.
    guard index >= BlockBuffer.dataSymbols || index < dataCount(block) else {
      return repair.left > 0 ? repairSymbol() : nil
    }
    counts.repairs &+= 1
    return symbol(block, index)
  }

  func header(_ block: Int, first: Int, count: Int) -> LoadHeader {
    LoadHeader(
      session: sessionByte, isLast: block > blocks, pass: course.pass & 7,
      block: UInt16(truncatingIfNeeded: block), first: UInt8(truncatingIfNeeded: first),
      count: UInt8(truncatingIfNeeded: count), checksum: 0)
  }

  mutating func frame(_ header: LoadHeader) -> CANFrame {
    var header = header
    if header.block <= UInt16(truncatingIfNeeded: blocks) {
      let slot = fetch(Int(header.block))
      header.checksum = buffers[slot].checksum
    }
    return settings.window.frame(.load, header.payload)
  }

  private mutating func symbol(_ block: Int, _ index: Int) -> CANFrame {
    let slot = fetch(block)
    let word =
      index < BlockBuffer.dataSymbols
      ? buffers[slot].word(index) : buffers[slot].paritySymbol(index &- BlockBuffer.dataSymbols)
    return settings.window.frame(.symbol(odd: block & 1 != 0, index: index), BroadcastPayload(word: word))
  }

  /// Makes a block ready to be sent, and says in which buffer.
  private mutating func fetch(_ block: Int) -> Int {
    let slot = block & 1
    guard buffered[slot] != block else { return slot }
    buffered[slot] = block
    buffers[slot].clear()
    var count = BroadcastManifest.size
    if block == 0 {
      for index in 0..<count { buffers[slot].bytes[index] = manifest.bytes[index] }
    } else {
      let offset = 256 &* (block &- 1)
      count = min(256, Int(manifest.imageBytes) &- offset)
      var piece = InlineArray<256, UInt8>(repeating: 0)
      read(offset, count, into: &piece)
      buffers[slot].bytes = piece
    }
    for index in count..<256 { buffers[slot].bytes[index] = 0 }
    buffers[slot].checksum = buffers[slot].crc16(count)
    buffers[slot].whiten(session: settings.session, block: UInt16(truncatingIfNeeded: block))
    return slot
  }

  private func read(_ offset: Int, _ count: Int, into piece: inout InlineArray<256, UInt8>) {
    var span = piece.mutableSpan
    var part = span._mutatingExtracting(0..<count)
    source.read(at: offset, into: &part)
  }

  /// Some node lacks so much of the even or the odd block.
  mutating func hear(_ rank: Int, ofOdd odd: Bool) {
    counts.nacks &+= 1
    if phase == .sealing || phase == .rollCall && roll.kind == .seal {
      // The poll behind the last block is heard late.
      guard (blocks & 1 != 0) == odd, course.open == blocks &+ 1 else { return }
      outbox.clear()
      phase = .blocks
    }
    guard phase == .blocks, course.open > 0 else { return }
    let block = ((course.open &- 1) & 1 != 0) == odd ? course.open &- 1 : course.open &- 2
    guard block >= 0 else { return }
    var count = Deficit.answer(rank)
    let slot = block & 3
    guard repair.answers[slot] < 32 else { return }
    if repair.left > 0, repair.leftBlock == block {
      // It was counted before what is on its way.
      count &-= repair.left
      if count <= 0 { return }
    }
    if repair.wanted > 0, repair.block < block { return }
    if repair.block == block, repair.wanted >= count { return }
    repair.extra[slot] = UInt8(truncatingIfNeeded: min(48, Int(repair.extra[slot]) &+ count))
    (repair.block, repair.wanted) = (block, count)
    repair.answers[slot] &+= 1
    if rank == 1 {
      repair.largest[slot] &+= 1
      if block == 0 { pushOpen() }
    }
  }
}
