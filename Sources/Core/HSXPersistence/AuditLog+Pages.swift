import HSXHAL

extension AuditLog {
  /// Bytes of a record, and of the header.
  static var recordSize: Int { 32 }
  /// Records of a page.
  var pageRecords: Int { ring.pageSize / AuditLog.recordSize &- 1 }
  /// Records that a turn copies.
  private var kept: Int { pageRecords / 2 < 64 ? pageRecords / 2 : 64 }

  /// Where a record of a page stands; -1 is the header.
  func offset(_ page: Int, _ index: Int) -> Int {
    ring.offset &+ page &* ring.pageSize &+ (index &+ 1) &* AuditLog.recordSize
  }

  /// The header of a page: its sequence, 0 if it has none, and how many records a turn copied into it. The highest sequence has no next
  /// one, so no turn wrote it.
  func header<Memory: NonvolatileMemory & ~Copyable>(
    of page: Int, in memory: inout Memory
  ) -> (sequence: UInt32, copied: Int) {
    var words = Words(Words.entry)
    guard words.read(at: offset(page, -1), in: &memory), words[0] == AuditLog.magic,
      words[1] != .max
    else {
      return (0, 0)
    }
    return (words[1], Int(words[2] & 0xFFFF))
  }

  /// 'HSXL'.
  private static var magic: UInt32 { 0x4C58_5348 }

  /// The page with the highest sequence below `limit`; nil if there is none.
  func newestPage<Memory: NonvolatileMemory & ~Copyable>(
    below limit: UInt32, in memory: inout Memory
  ) -> (page: Int, sequence: UInt32, copied: Int)? {
    var found: (page: Int, sequence: UInt32, copied: Int)?
    for page in 0..<ring.pageCount {
      let header = header(of: page, in: &memory)
      guard header.sequence != 0, header.sequence < limit, header.sequence > found?.sequence ?? 0 else {
        continue
      }
      found = (page, header.sequence, header.copied)
    }
    return found
  }

  /// The number of records up to the last that is not erased.
  func end<Memory: NonvolatileMemory & ~Copyable>(of page: Int, in memory: inout Memory) -> Int {
    var index = pageRecords
    while index > 0 {
      var words = Words(Words.entry)
      if !words.isErased(at: offset(page, index &- 1), in: &memory) { return index }
      index &-= 1
    }
    return 0
  }

  /// Finds the newest record, and on a memory without erase units where the next goes. Writes nothing.
  mutating func mount<Memory: NonvolatileMemory & ~Copyable>(in memory: inout Memory) {
    guard !isMounted else { return }
    isMounted = true
    var cursor = AuditCursor()
    if let record = cursor.next(of: self, in: &memory) {
      newest = record.sequence
      boot = record.boot &+ 1
    }
    guard memory.geometry.eraseUnit == 0, let page = newestPage(below: .max, in: &memory) else { return }
    current = page.page
    tail = end(of: current, in: &memory)
  }

  /// Writes a record at the tail, in the next page if the tail is past the end or fails.
  mutating func write<Memory: NonvolatileMemory & ~Copyable>(
    _ record: AuditRecord, in memory: inout Memory
  ) throws(StoreError) {
    var attempts = 0
    while true {
      do throws(StoreError) {
        if tail >= pageRecords { try turn(in: &memory) }
        let index = tail
        tail &+= 1
        var words = record.words
        try words.write(at: offset(current, index), in: &memory)
        return try memory.settle()
      } catch {
        tail = .max
        attempts &+= 1
        if attempts >= ring.pageCount { throw error }
      }
    }
  }

  /// Goes on to another page, with copies of the newest records.
  private mutating func turn<Memory: NonvolatileMemory & ~Copyable>(in memory: inout Memory)
    throws(StoreError)
  {
    var places = InlineArray<64, Int>(repeating: 0)
    var count = 0
    var cursor = AuditCursor()
    while count < kept, cursor.next(of: self, in: &memory) != nil {
      places[count] = cursor.offset
      count &+= 1
    }
    // The newest page with something behind its copies: its header was lasting when that was written. It stays.
    var sound = -1
    var limit = UInt32.max
    while sound < 0, let page = newestPage(below: limit, in: &memory) {
      if end(of: page.page, in: &memory) > page.copied { sound = page.page }
      limit = page.sequence
    }
    var target = -1
    var oldest = UInt32.max
    var highest: UInt32 = 0
    for step in 1...ring.pageCount {
      let page = (current &+ step) % ring.pageCount
      let sequence = header(of: page, in: &memory).sequence
      if sequence > highest { highest = sequence }
      if page != sound, sequence < oldest {
        oldest = sequence
        target = page
      }
    }
    // What stands only in the page that goes is lost with it: copies come from the others.
    let lost = offset(target, -1)..<(offset(target, -1) &+ ring.pageSize)
    // A log whose sequences are used up takes no more; what is there can be read. Only a forger comes so far.
    guard target >= 0, highest < .max &- 1 else { throw .memory(.refused(at: lost.lowerBound)) }
    try memory.clear(from: lost.lowerBound, size: ring.pageSize)
    try memory.settle()
    var copied = 0
    while count > 0 {
      count &-= 1
      var words = Words(Words.entry)
      guard !lost.contains(places[count]), words.read(at: places[count], in: &memory) else {
        continue
      }
      try words.write(at: offset(target, copied), in: &memory)
      copied &+= 1
    }
    try memory.settle()
    var words = Words(Words.entry)
    words[0] = AuditLog.magic
    words[1] = highest &+ 1
    words[2] = UInt32(truncatingIfNeeded: copied)
    try words.write(at: offset(target, -1), in: &memory)
    try memory.settle()
    current = target
    tail = copied
  }
}

extension Words {
  /// Whether nothing but the erased value stands there.
  mutating func isErased<Memory: NonvolatileMemory & ~Copyable>(at offset: Int, in memory: inout Memory)
    -> Bool
  {
    guard fetch(at: offset, size, in: &memory) else { return false }
    let erased = memory.geometry.erasedValue
    for index in 0..<size where bytes[index] != erased { return false }
    return true
  }
}
