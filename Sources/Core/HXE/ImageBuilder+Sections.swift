extension ImageBuilder {
  /// The sections in file order.
  func encodedSections() throws(ImageBuildError) -> [RawSection] {
    var sections = [RawSection]()
    if !values.isEmpty { sections.append(try valueSection()) }
    if !commands.isEmpty { sections.append(try commandSection()) }
    if !mailboxes.isEmpty { sections.append(try mailboxSection()) }
    sections.append(contentsOf: extraSections)
    return sections
  }

  private func valueSection() throws(ImageBuildError) -> RawSection {
    let sorted = values.sorted { $0.descriptor.objectID < $1.descriptor.objectID }
    var entries = [UInt8]()
    var strings = StringPool(start: 20 * sorted.count)
    for (index, value) in sorted.enumerated() {
      let descriptor = value.descriptor
      let id = descriptor.objectID
      if index > 0, sorted[index - 1].descriptor.objectID == id { throw .duplicateValue(id) }
      let name = try strings.offset(of: value.name, .name, object: id)
      let unit = try strings.offset(of: value.unit, .unit, object: id)
      let groupName = try strings.offset(of: value.groupName, .groupName, object: id)
      entries.append(descriptor.group)
      entries.append(descriptor.id)
      entries.append(descriptor.flags.rawValue)
      entries.append(descriptor.authLevel)
      entries.appendBigEndian(descriptor.initial)
      entries.appendBigEndian(name)
      entries.appendBigEndian(unit)
      entries.appendBigEndian(descriptor.epsilon)
      entries.appendBigEndian(descriptor.minimum)
      entries.appendBigEndian(descriptor.maximum)
      entries.appendBigEndian(descriptor.persistKey)
      entries.appendBigEndian(groupName)
    }
    return RawSection(
      type: 1, count: UInt32(truncatingIfNeeded: sorted.count), bytes: entries + strings.bytes)
  }

  private func commandSection() throws(ImageBuildError) -> RawSection {
    let sorted = commands.sorted { $0.descriptor.objectID < $1.descriptor.objectID }
    var entries = [UInt8]()
    var strings = StringPool(start: 16 * sorted.count)
    for (index, command) in sorted.enumerated() {
      let descriptor = command.descriptor
      let id = descriptor.objectID
      if index > 0, sorted[index - 1].descriptor.objectID == id { throw .duplicateCommand(id) }
      guard descriptor.handler % 4 == 0, descriptor.handler < UInt32(code.count) else {
        throw .handlerOutOfRange(command: id, handler: descriptor.handler)
      }
      let name = try strings.offset(of: command.name, .name, object: id)
      let help = try strings.offset(of: command.help, .help, object: id)
      let groupName = try strings.offset(of: command.groupName, .groupName, object: id)
      entries.append(descriptor.group)
      entries.append(descriptor.id)
      entries.append(descriptor.flags.rawValue)
      entries.append(descriptor.authLevel)
      entries.appendBigEndian(descriptor.handler)
      entries.appendBigEndian(name)
      entries.appendBigEndian(help)
      entries.appendBigEndian(command.reserved)
      entries.appendBigEndian(groupName)
    }
    return RawSection(
      type: 2, count: UInt32(truncatingIfNeeded: sorted.count), bytes: entries + strings.bytes)
  }

  private func mailboxSection() throws(ImageBuildError) -> RawSection {
    let sorted = mailboxes.sorted { isLess($0.target.span, $1.target.span) }
    var json = [UInt8]()
    JSONWriter.append("{\"mailboxes\":[", to: &json)
    for (index, mailbox) in sorted.enumerated() {
      guard !mailbox.target.isEmpty else { throw .mailboxTargetMissing }
      guard let target = ShortName(mailbox.target.span) else {
        throw .mailboxTargetTooLong(mailbox.target.count)
      }
      if index > 0 {
        if sorted[index - 1].target == mailbox.target { throw .duplicateMailbox(target) }
        json.append(UInt8(ascii: ","))
      }
      json.append(contentsOf: mailbox.json)
    }
    JSONWriter.append("],\"version\":1}", to: &json)
    return RawSection(type: 3, count: UInt32(truncatingIfNeeded: sorted.count), bytes: json)
  }
}

/// Orders byte strings as their first difference does, which for UTF-8 is the order of the code points.
private func isLess(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
  for index in 0..<min(left.count, right.count) where left[index] != right[index] {
    return left[index] < right[index]
  }
  return left.count < right.count
}

/// The strings of one section, each once, in order of first use.
private struct StringPool {
  /// The strings, each ended by a NUL.
  var bytes: [UInt8] = []
  private let start: Int
  private var known: [(offset: Int, count: Int)] = []

  init(start: Int) { self.start = start }

  /// The offset of `string` from the section's start; 0 for nil.
  mutating func offset(
    of string: [UInt8]?, _ kind: ImageBuildError.StringKind, object: UInt16
  ) throws(ImageBuildError) -> UInt16 {
    guard let string else { return 0 }
    guard UTF8Text.firstFault(in: string.span) == nil, !string.contains(0) else {
      throw .stringInvalid(kind, object: object)
    }
    var place: Int?
    for entry in known where place == nil && holds(string, at: entry) { place = entry.offset }
    let offset = place ?? bytes.count
    guard let encoded = UInt16(exactly: start + offset) else {
      throw .stringOutOfReach(kind, object: object)
    }
    if place == nil {
      known.append((offset, string.count))
      bytes.append(contentsOf: string)
      bytes.append(0)
    }
    return encoded
  }

  private func holds(_ string: [UInt8], at entry: (offset: Int, count: Int)) -> Bool {
    guard entry.count == string.count else { return false }
    for index in string.indices where bytes[entry.offset + index] != string[index] { return false }
    return true
  }
}
