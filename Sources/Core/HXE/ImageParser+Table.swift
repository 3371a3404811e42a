// The section table: four numbers an entry, each judged when it is there.
extension ImageParser {
  /// The file offset of an entry of the table.
  func entryOffset(_ index: Int) -> UInt32 { tableOffset &+ UInt32(truncatingIfNeeded: index) &* 16 }

  /// Reads the table, and all that lies before it behind read-only data; whether it is complete.
  mutating func readTable(_ chunk: Span<UInt8>, _ position: inout Int) throws(ImageError) -> Bool {
    guard skip(to: tableOffset, chunk, &position) else { return false }
    while UInt32(truncatingIfNeeded: metadata.sections.count) < tableCount {
      guard let number = takeNumber(chunk, &position) else { return false }
      let field = bytesConsumed &- 4
      entryFields += 1
      switch entryFields {
      case 1: entry.type = number
      case 2:
        entry.offset = number
        try judgeSectionOffset(number, at: field, end: bound)
      case 3:
        entry.size = number
        try judgeOverlap(startingInside: true, at: field &- 4)
        try judgeSectionSize(entry, at: field, end: bound)
        try judgeOverlap(startingInside: false, at: field)
        guard entry.kind == nil || number <= limits.sectionBytes else {
          throw ImageError(.metadataBudgetExceeded, at: field, found: number, expected: limits.sectionBytes)
        }
      default:
        entry.count = number
        try judgeCount(at: field)
        noteEntry()
      }
    }
    return true
  }

  /// Refuses a section that begins before the table ends, or beyond `end`.
  func judgeSectionOffset(_ offset: UInt32, at field: UInt32, end: UInt32) throws(ImageError) {
    guard offset >= tableEnd else {
      throw ImageError(.sectionOutOfBounds, at: field, found: offset, expected: tableEnd)
    }
    guard offset <= end else {
      throw ImageError(.sectionOutOfBounds, at: field, found: offset, expected: end)
    }
  }

  /// Refuses a section that does not end by `end`.
  func judgeSectionSize(_ section: SectionEntry, at field: UInt32, end: UInt32) throws(ImageError) {
    let sectionEnd = UInt64(section.offset) + UInt64(section.size)
    guard sectionEnd <= UInt64(end) else {
      throw ImageError(
        .sectionOutOfBounds, at: field, found: UInt32(clamping: sectionEnd), expected: end)
    }
  }

  /// Refuses a section that shares bytes with an earlier entry's: either one that starts inside the earlier, or
  /// one that reaches into it from before. Nothing overlaps a section without bytes.
  private func judgeOverlap(startingInside: Bool, at field: UInt32) throws(ImageError) {
    guard entry.size > 0 else { return }
    for earlier in metadata.sections where earlier.size > 0 {
      // The earlier one is within bounds, so its end does not wrap.
      let earlierEnd = earlier.offset &+ earlier.size
      let isInside = entry.offset >= earlier.offset && entry.offset < earlierEnd
      let reaches = entry.offset < earlier.offset && earlier.offset - entry.offset < entry.size
      guard startingInside ? !isInside : !reaches else {
        throw ImageError(
          .sectionOverlap, at: field, found: startingInside ? entry.offset : entry.offset &+ entry.size,
          expected: startingInside ? earlierEnd : earlier.offset)
      }
    }
  }

  /// Refuses more entries than the section has room for, or than the limits allow.
  private mutating func judgeCount(at field: UInt32) throws(ImageError) {
    switch entry.kind {
    case .values:
      try judgeRoom(entryBytes: 20, at: field)
      declaredValues &+= entry.count
      try judgeLimit(declaredValues, limits.objects, at: field)
    case .commands:
      try judgeRoom(entryBytes: 16, at: field)
      declaredCommands &+= entry.count
      try judgeLimit(declaredCommands, limits.objects, at: field)
    case .mailboxes:
      // Whether the count means anything shows in the first bytes; without any, it must be 0.
      if entry.size == 0 { try judgeRoom(entryBytes: 16, at: field) }
    case .signature: signatureCount &+= 1
    case nil: return
    }
  }

  private func judgeRoom(entryBytes: UInt32, at field: UInt32) throws(ImageError) {
    let needed = UInt64(entry.count) * UInt64(entryBytes)
    guard needed <= UInt64(entry.size) else {
      throw ImageError(.sectionTruncated, at: field, found: entry.size, expected: UInt32(clamping: needed))
    }
  }

  func judgeLimit(_ number: UInt32, _ limit: UInt32, at offset: UInt32) throws(ImageError) {
    guard number <= limit else {
      throw ImageError(.metadataBudgetExceeded, at: offset, found: number, expected: limit)
    }
  }

  private mutating func noteEntry() {
    // A signature without bytes is still one, and has no place where reading could come upon it.
    if entry.kind == .signature, entry.size == 0, metadata.signature == nil {
      metadata.signature = SignatureSection(fileOffset: entry.offset, bytes: [])
    }
    metadata.sections.append(entry)
    entryFields = 0
  }

  /// Puts the known sections into the order of the file. They do not overlap, so no two begin alike.
  mutating func sortSections() {
    for index in metadata.sections.indices {
      let section = metadata.sections[index]
      guard section.kind != nil, section.size > 0 else { continue }
      var place = sectionOrder.count
      while place > 0, metadata.sections[sectionOrder[place - 1]].offset > section.offset { place -= 1 }
      sectionOrder.insert(index, at: place)
    }
  }

  /// The offset behind the last section: behind the table if none has bytes, and behind read-only data if there
  /// is no table. The manifest begins here.
  var manifestOffset: UInt32 {
    guard hasTable else { return rodataEnd }
    var end = tableEnd
    for section in metadata.sections where section.size > 0 { end = max(end, section.offset &+ section.size) }
    return end
  }
}
