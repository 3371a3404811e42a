/// The fields of the header in the order of the file, which is the order in which they are judged.
enum HeaderField: Int, CaseIterable {
  case magic, version, flags, entry, codeLength, rodataLength, bssSize, capabilities, crc32
  // Version 2 only.
  case appName, metadataOffset, metadataCount, reserved

  /// The offset of its first byte.
  var offset: UInt32 {
    switch self {
    case .magic: 0
    case .version: 4
    case .flags: 6
    case .entry: 8
    case .codeLength: 0x0C
    case .rodataLength: 0x10
    case .bssSize: 0x14
    case .capabilities: 0x18
    case .crc32: 0x1C
    case .appName: 0x20
    case .metadataOffset: 0x40
    case .metadataCount: 0x44
    case .reserved: 0x48
    }
  }

  /// The offset behind its last byte.
  var end: UInt32 {
    HeaderField(rawValue: rawValue + 1)?.offset ?? 0x60
  }
}

extension ImageParser {
  /// The most bytes of code, of read-only data and of bss.
  static var lengthLimit: UInt32 { 0x1_0000 }

  /// The length of the header as far as its version is known.
  var expectedHeaderBytes: UInt32 {
    headerFieldsJudged > HeaderField.version.rawValue && half(.version) == 2 ? 96 : 32
  }

  private func byte(_ offset: UInt32) -> UInt8 { headerBytes[Int(truncatingIfNeeded: offset)] }

  private func half(_ field: HeaderField) -> UInt16 {
    headerBytes.span.bigEndianUInt16(at: Int(truncatingIfNeeded: field.offset))
  }

  private func word(_ field: HeaderField) -> UInt32 {
    headerBytes.span.bigEndianUInt32(at: Int(truncatingIfNeeded: field.offset))
  }

  /// Reads the header byte by byte, judging each field as it becomes complete; nil until all are.
  mutating func readHeader(_ chunk: Span<UInt8>, _ position: inout Int) throws(ImageError) -> Header? {
    while position < chunk.count, bytesConsumed < bound {
      headerBytes[Int(truncatingIfNeeded: bytesConsumed)] = chunk[position]
      position += 1
      bytesConsumed &+= 1
      guard let field = HeaderField(rawValue: headerFieldsJudged) else { continue }
      try judgeByte(of: field)
      guard bytesConsumed == field.end else { continue }
      try judge(field)
      headerFieldsJudged += 1
      if field >= .crc32, bytesConsumed == expectedHeaderBytes { return finishHeader() }
    }
    return nil
  }

  /// Judges the byte just read where one byte is enough to break the rule.
  private func judgeByte(of field: HeaderField) throws(ImageError) {
    let last = bytesConsumed &- 1
    switch field {
    case .appName:
      guard byte(last) >= 0x80 else { return }
      for offset in field.offset..<last where byte(offset) == 0 { return }
      throw ImageError(.appNameNotASCII, at: field.offset, found: UInt32(byte(last)), expected: 0x7F)
    case .reserved:
      guard byte(last) == 0 else {
        throw ImageError(.reservedNotZero, at: field.offset, found: UInt32(byte(last)))
      }
    default: return
    }
  }

  /// Judges a complete field, and the entry point together with the length of code.
  private func judge(_ field: HeaderField) throws(ImageError) {
    switch field {
    case .magic:
      guard word(field) == 0x4853_5845 else {
        throw ImageError(.badMagic, at: field.offset, found: word(field), expected: 0x4853_5845)
      }
    case .version:
      guard half(field) == 1 || half(field) == 2 else {
        throw ImageError(.unsupportedVersion, at: field.offset, found: UInt32(half(field)), expected: 2)
      }
    case .entry:
      guard word(field) & 3 == 0 else {
        throw ImageError(.entryUnaligned, at: field.offset, found: word(field), expected: 4)
      }
    case .codeLength: try judgeCodeLength(word(field))
    case .rodataLength: try judgeRodataLength(word(field))
    case .bssSize: try judgeBSS(word(field))
    case .appName:
      for offset in field.offset..<field.end where byte(offset) == 0 { return }
      throw ImageError(.appNameUnterminated, at: field.offset, found: 32, expected: 31)
    case .metadataOffset: try judgeTableOffset(end: bound)
    case .metadataCount:
      try judgeTableCount(end: bound)
      guard !hasTable || word(field) <= limits.sections else {
        throw ImageError(
          .metadataBudgetExceeded, at: field.offset, found: word(field), expected: limits.sections)
      }
    case .flags, .capabilities, .crc32, .reserved: return
    }
  }

  private func judgeCodeLength(_ length: UInt32) throws(ImageError) {
    let offset = HeaderField.codeLength.offset
    guard word(.entry) < length else {
      throw ImageError(.entryOutOfRange, at: HeaderField.entry.offset, found: word(.entry), expected: length)
    }
    guard length & 3 == 0 else { throw ImageError(.codeUnaligned, at: offset, found: length, expected: 4) }
    guard length <= Self.lengthLimit else {
      throw ImageError(.codeTooLarge, at: offset, found: length, expected: Self.lengthLimit)
    }
    try judgeCodeExtent(codeLength: length, end: bound)
  }

  private func judgeRodataLength(_ length: UInt32) throws(ImageError) {
    let offset = HeaderField.rodataLength.offset
    guard length <= Self.lengthLimit else {
      throw ImageError(.rodataTooLarge, at: offset, found: length, expected: Self.lengthLimit)
    }
    let end = MemoryMap.rodataStart &+ length
    guard end <= MemoryMap.end else {
      throw ImageError(.memoryExceeded, at: offset, found: end, expected: MemoryMap.end)
    }
    try judgeRodataExtent(end: bound)
  }

  private func judgeBSS(_ size: UInt32) throws(ImageError) {
    let offset = HeaderField.bssSize.offset
    guard size <= Self.lengthLimit else {
      throw ImageError(.bssTooLarge, at: offset, found: size, expected: Self.lengthLimit)
    }
    let end = MemoryMap.bssStart(rodataLength: word(.rodataLength)) &+ size
    guard end <= MemoryMap.end else {
      throw ImageError(.memoryExceeded, at: offset, found: end, expected: MemoryMap.end)
    }
  }

  /// Whether a file that ends at `end` is too short for its header. It is refused for that, where it ends, and
  /// not for what it has no room for besides.
  private func isCut(_ end: UInt32) -> Bool { end < expectedHeaderBytes }

  /// Refuses code that does not end by `end`.
  func judgeCodeExtent(codeLength: UInt32, end: UInt32) throws(ImageError) {
    guard !isCut(end) else { return }
    let codeEnd = expectedHeaderBytes &+ codeLength
    guard codeEnd <= end else {
      throw ImageError(.truncated, at: HeaderField.codeLength.offset, found: end, expected: codeEnd)
    }
  }

  /// Refuses read-only data that does not end by `end`.
  func judgeRodataExtent(end: UInt32) throws(ImageError) {
    guard !isCut(end) else { return }
    let rodataEnd = expectedHeaderBytes &+ word(.codeLength) &+ word(.rodataLength)
    guard rodataEnd <= end else {
      throw ImageError(.truncated, at: HeaderField.rodataLength.offset, found: end, expected: rodataEnd)
    }
  }

  /// Whether there is a section table with at least one entry.
  var hasTable: Bool { tableOffset != 0 && tableCount != 0 }
  /// The file offset of the section table; 0 if there is none.
  var tableOffset: UInt32 { expectedHeaderBytes == 96 ? word(.metadataOffset) : 0 }
  /// The number of its entries.
  var tableCount: UInt32 { expectedHeaderBytes == 96 ? word(.metadataCount) : 0 }
  /// The offset behind the table, to be asked only once its count is judged.
  var tableEnd: UInt32 { tableOffset &+ tableCount &* 16 }

  /// Refuses a section table that begins before read-only data ends, or beyond `end`.
  func judgeTableOffset(end: UInt32) throws(ImageError) {
    guard tableOffset != 0 else { return }
    let field = HeaderField.metadataOffset.offset
    let rodataEnd = 96 &+ word(.codeLength) &+ word(.rodataLength)
    guard tableOffset >= rodataEnd else {
      throw ImageError(.metadataOverlapsImage, at: field, found: tableOffset, expected: rodataEnd)
    }
    guard tableOffset <= end || isCut(end) else {
      throw ImageError(.metadataOutOfBounds, at: field, found: tableOffset, expected: end)
    }
  }

  /// Refuses a section table that does not end by `end`.
  func judgeTableCount(end: UInt32) throws(ImageError) {
    guard hasTable, !isCut(end) else { return }
    let wanted = UInt64(tableOffset) + UInt64(tableCount) * 16
    guard wanted <= UInt64(end) else {
      throw ImageError(
        .metadataOutOfBounds, at: HeaderField.metadataCount.offset, found: UInt32(clamping: wanted),
        expected: end)
    }
  }

  private mutating func finishHeader() -> Header {
    let header = Header(
      version: half(.version), flags: half(.flags), entry: word(.entry), codeLength: word(.codeLength),
      rodataLength: word(.rodataLength), bssSize: word(.bssSize),
      requiredCapabilities: Capabilities(rawValue: word(.capabilities)), crc32: word(.crc32),
      appName: appName, metadataOffset: tableOffset, metadataCount: tableCount)
    self.header = header
    crc.update(headerBytes.span.extracting(first: Int(truncatingIfNeeded: HeaderField.crc32.offset)))
    return header
  }

  private var appName: ShortName {
    var name = ShortName()
    guard expectedHeaderBytes == 96 else { return name }
    for offset in HeaderField.appName.offset..<HeaderField.appName.end {
      guard byte(offset) != 0 else { break }
      name.append(byte(offset))
    }
    return ShortName(name.span.trimmingASCIIWhitespace()) ?? name
  }
}

extension HeaderField: Comparable {
  static func < (left: HeaderField, right: HeaderField) -> Bool { left.rawValue < right.rawValue }
}
