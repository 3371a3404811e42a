// The sections' contents. Each is read when all its bytes are in the buffer.
extension ImageParser {
  /// Reads the known sections in the order of the file, skipping what lies between; whether all are read.
  mutating func readSections(_ chunk: Span<UInt8>, _ position: inout Int) throws(ImageError) -> Bool {
    while nextSection < sectionOrder.count {
      let index = sectionOrder[nextSection]
      let section = metadata.sections[index]
      guard skip(to: section.offset, chunk, &position) else { return false }
      guard fill(to: section.size, chunk, &position) else { return false }
      let bytes = buffer
      buffer = []
      nextSection += 1
      switch section.kind {
      case .values: try readValues(section, bytes.span)
      case .commands: try readCommands(section, bytes.span)
      case .mailboxes: try readMailboxes(section, bytes.span, countField: entryOffset(index) &+ 12)
      case .signature:
        if metadata.signature == nil {
          metadata.signature = SignatureSection(fileOffset: section.offset, bytes: bytes)
        }
      case nil: continue
      }
    }
    return true
  }

  private mutating func readValues(_ section: SectionEntry, _ bytes: Span<UInt8>) throws(ImageError) {
    var strings = SectionStrings(bytes)
    for index in 0..<Int(clamping: section.count) {
      let start = index * 20
      let file = section.offset &+ UInt32(truncatingIfNeeded: start)
      var value = ValueDescriptor()
      value.group = bytes[start]
      value.id = bytes[start + 1]
      value.flags = ValueFlags(rawValue: bytes[start + 2])
      value.authLevel = bytes[start + 3]
      value.initial = bytes.bigEndianUInt16(at: start + 4)
      value.epsilon = bytes.bigEndianUInt16(at: start + 10)
      value.minimum = bytes.bigEndianUInt16(at: start + 12)
      value.maximum = bytes.bigEndianUInt16(at: start + 14)
      value.persistKey = bytes.bigEndianUInt16(at: start + 16)
      for other in metadata.values where other.objectID == value.objectID {
        throw ImageError(.duplicateValue, at: file, found: UInt32(value.objectID))
      }
      value.name = try keep(bytes.bigEndianUInt16(at: start + 6), at: file &+ 6, &strings)
      value.unit = try keep(bytes.bigEndianUInt16(at: start + 8), at: file &+ 8, &strings)
      value.groupName = try keep(bytes.bigEndianUInt16(at: start + 18), at: file &+ 18, &strings)
      metadata.values.append(value)
    }
  }

  private mutating func readCommands(_ section: SectionEntry, _ bytes: Span<UInt8>) throws(ImageError) {
    var strings = SectionStrings(bytes)
    let codeLength = header?.codeLength ?? 0
    for index in 0..<Int(clamping: section.count) {
      let start = index * 16
      let file = section.offset &+ UInt32(truncatingIfNeeded: start)
      var command = CommandDescriptor()
      command.group = bytes[start]
      command.id = bytes[start + 1]
      command.flags = CommandFlags(rawValue: bytes[start + 2])
      command.authLevel = bytes[start + 3]
      command.handler = bytes.bigEndianUInt32(at: start + 4)
      for other in metadata.commands where other.objectID == command.objectID {
        throw ImageError(.duplicateCommand, at: file, found: UInt32(command.objectID))
      }
      guard command.handler & 3 == 0, command.handler < codeLength else {
        throw ImageError(.handlerOutOfRange, at: file &+ 4, found: command.handler, expected: codeLength)
      }
      command.name = try keep(bytes.bigEndianUInt16(at: start + 8), at: file &+ 8, &strings)
      command.help = try keep(bytes.bigEndianUInt16(at: start + 10), at: file &+ 10, &strings)
      // The field has four bytes; the upper two are reserved.
      command.groupName = try keep(bytes.bigEndianUInt16(at: start + 14), at: file &+ 12, &strings)
      metadata.commands.append(command)
    }
  }

  /// Copies the string at `offset` of the section to the metadata's text, once however often it is named.
  private mutating func keep(
    _ offset: UInt16, at field: UInt32, _ strings: inout SectionStrings
  ) throws(ImageError) -> TextRange? {
    guard offset != 0 else { return nil }
    if let known = strings.known(offset) { return known }
    let text = try strings.text(at: UInt32(offset), field: field)
    let range = TextRange(
      start: UInt32(truncatingIfNeeded: metadata.text.count), count: UInt32(truncatingIfNeeded: text.count))
    try judgeLimit(range.start &+ range.count, limits.textBytes, at: field)
    for index in text.indices { metadata.text.append(text[index]) }
    strings.note(offset, range)
    return range
  }
}

/// The strings of one section, and where those already kept have gone.
struct SectionStrings: ~Escapable {
  private let bytes: Span<UInt8>
  /// The offset behind the last NUL: a string that begins here or later has no end.
  private let terminatedEnd: Int
  private var kept: [Kept] = []

  private struct Kept {
    var offset: UInt16
    var range: TextRange
  }

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
    var end = bytes.count
    while end > 0, bytes[end - 1] != 0 { end -= 1 }
    terminatedEnd = end
  }

  /// The bytes of the string at `offset`, which the field at the file offset `field` names.
  @_lifetime(copy self)
  func text(at offset: UInt32, field: UInt32) throws(ImageError) -> Span<UInt8> {
    let size = UInt32(truncatingIfNeeded: bytes.count)
    guard offset < size else { throw ImageError(.stringOutOfRange, at: field, found: offset, expected: size) }
    let start = Int(truncatingIfNeeded: offset)
    guard start < terminatedEnd else {
      throw ImageError(.stringUnterminated, at: field, found: offset, expected: size)
    }
    var end = start
    while bytes[end] != 0 { end += 1 }
    let text = bytes.extracting(start..<end)
    if let fault = UTF8Text.firstFault(in: text) {
      throw ImageError(.stringNotUTF8, at: field, found: UInt32(truncatingIfNeeded: start + fault))
    }
    return text
  }

  /// Where the string at `offset` has been kept, if it has.
  func known(_ offset: UInt16) -> TextRange? {
    for entry in kept where entry.offset == offset { return entry.range }
    return nil
  }

  @_lifetime(self: copy self)
  mutating func note(_ offset: UInt16, _ range: TextRange) {
    kept.append(Kept(offset: offset, range: range))
  }
}
