// The mailbox section: JSON, or the older form of fixed entries.
extension ImageParser {
  /// Reads a mailbox section; `countField` is the file offset of its count in the table.
  mutating func readMailboxes(
    _ section: SectionEntry, _ bytes: Span<UInt8>, countField: UInt32
  ) throws(ImageError) {
    var end = bytes.count
    while end > 0, bytes[end - 1] == 0 { end -= 1 }
    let text = bytes.extracting(first: end)
    let content = text.trimmingASCIIWhitespace()
    if content.count > 0, content[0] == UInt8(ascii: "{") || content[0] == UInt8(ascii: "[") {
      var document = ImageDocument(text, base: section.offset, reason: .mailboxJSONInvalid)
      try readMailboxDocument(&document)
    } else {
      try readFixedMailboxes(section, bytes, countField: countField)
    }
  }

  private mutating func readFixedMailboxes(
    _ section: SectionEntry, _ bytes: Span<UInt8>, countField: UInt32
  ) throws(ImageError) {
    let needed = UInt64(section.count) * 16
    guard needed <= UInt64(section.size) else {
      throw ImageError(
        .sectionTruncated, at: countField, found: section.size, expected: UInt32(clamping: needed))
    }
    try judgeMailboxCount(UInt32(truncatingIfNeeded: metadata.mailboxes.count) &+ section.count, countField)
    let strings = SectionStrings(bytes)
    for index in 0..<Int(clamping: section.count) {
      let start = index * 16
      let file = section.offset &+ UInt32(truncatingIfNeeded: start)
      let offset = bytes.bigEndianUInt32(at: start)
      guard offset != 0 else { throw ImageError(.mailboxTargetMissing, at: file) }
      let text = try strings.text(at: offset, field: file).trimmingASCIIWhitespace()
      guard !text.isEmpty else { throw ImageError(.mailboxTargetMissing, at: file) }
      guard let target = ShortName(text) else { throw targetTooLong(text.count, at: file) }
      let capacity = bytes.bigEndianUInt16(at: start + 4)
      let mode = bytes.bigEndianUInt16(at: start + 6)
      var mailbox = MailboxDescriptor()
      mailbox.target = target
      mailbox.capacity = capacity == 0 ? nil : UInt32(capacity)
      mailbox.mode = mode == 0 ? .readWrite : MailboxMode(rawValue: mode)
      try add(mailbox, at: file)
    }
  }

  /// Reads the bare array, or the object that holds it, to the end of the text.
  private mutating func readMailboxDocument(_ document: inout ImageDocument) throws(ImageError) {
    let token = try document.next()
    if token.kind == .beginArray {
      try readMailboxArray(&document)
    } else {
      var hasArray = false
      while let name = try document.member() {
        if document.json.matches(name, "version") {
          try judgeVersion(&document)
        } else if document.json.matches(name, "mailboxes") || document.json.matches(name, "entries") {
          let list = try document.next()
          guard list.kind != .null else { continue }
          // Of two lists one would have to be ignored, and nothing says which.
          guard list.kind == .beginArray, !hasArray else { throw document.fault(list) }
          hasArray = true
          try readMailboxArray(&document)
        } else {
          try document.skipValue()
        }
      }
    }
    _ = try document.next()
  }

  private func judgeVersion(_ document: inout ImageDocument) throws(ImageError) {
    let token = try document.next()
    switch token.kind {
    case .integer(1), .null: return
    case .integer(let version):
      throw ImageError(
        .mailboxVersionUnsupported, at: document.fileOffset(token.offset), found: UInt32(clamping: version),
        expected: 1)
    default: throw document.fault(token)
    }
  }

  private mutating func readMailboxArray(_ document: inout ImageDocument) throws(ImageError) {
    while let start = try document.beginElement() {
      let file = document.fileOffset(start.offset)
      try judgeMailboxCount(UInt32(truncatingIfNeeded: metadata.mailboxes.count) &+ 1, file)
      var draft = MailboxDraft()
      try draft.read(&document, bindings: limits.bindings &- bindingCount)
      let mailbox = try draft.mailbox(at: file)
      bindingCount &+= UInt32(truncatingIfNeeded: mailbox.bindings.count)
      try add(mailbox, at: file)
    }
  }

  private func judgeMailboxCount(_ count: UInt32, _ offset: UInt32) throws(ImageError) {
    try judgeLimit(count, limits.mailboxes, at: offset)
  }

  private mutating func add(_ mailbox: MailboxDescriptor, at file: UInt32) throws(ImageError) {
    for other in metadata.mailboxes where other.target == mailbox.target {
      throw ImageError(.duplicateMailbox, at: file)
    }
    metadata.mailboxes.append(mailbox)
  }
}

/// The error for a target of `count` bytes.
func targetTooLong(_ count: Int, at offset: UInt32) -> ImageError {
  ImageError(
    .mailboxTargetTooLong, at: offset, found: UInt32(clamping: count),
    expected: UInt32(truncatingIfNeeded: ShortName.capacity))
}
