/// What `ImageParser` has found in a chunk. Ranges are positions in that chunk.
public enum ImagePart: Equatable, Sendable {
  /// The header, checked. It comes before any byte of code is consumed, so that room can be refused first.
  case header(Header)
  /// Bytes of code, the first of them `offset` bytes behind the start of code.
  case code(Range<Int>, offset: UInt32)
  /// Bytes of read-only data, the first of them `offset` bytes behind its start.
  case rodata(Range<Int>, offset: UInt32)
}

/// Checks and reads an image whose bytes come in pieces.
///
/// Every rule is judged at the byte that settles it, in file order, so the verdict, its reason and its offset do
/// not depend on how the bytes are cut. What needs the length of the file is judged where the field stands if
/// `totalBytes` is known, and in `finish()` if it is not.
///
/// A chunk is given to `next(in:at:)` until that returns nil:
/// ```
/// var position = 0
/// while let part = try parser.next(in: chunk, at: &position) { … }
/// ```
/// and after the last chunk `finish()` judges the rest, the CRC last. A parser that has thrown is done for: each
/// later call throws the same error.
///
/// It holds one section at a time, at most `limits.sectionBytes`, beside what it has already read. Code,
/// read-only data and all that is skipped pass through at the speed of the CRC.
public struct ImageParser: Sendable {
  /// The part of the file that the next byte belongs to.
  enum Stage: Equatable {
    case header, code, rodata, table, sections, manifestLength, manifest
    /// What follows the last part; only the CRC takes it in.
    case rest
  }

  let limits: ImageLimits
  /// The length of the file, if it is known.
  public let totalBytes: UInt32?

  /// The bytes consumed so far.
  public internal(set) var bytesConsumed: UInt32 = 0
  /// The header, as soon as it is complete.
  public internal(set) var header: Header?
  /// What the image declares: each section's part when that section is complete, all of it after `finish()`.
  public internal(set) var metadata = Metadata()
  /// The number of signature sections in the table. `metadata.signature` is the first of them in the file.
  public internal(set) var signatureCount: UInt32 = 0
  /// Whether `finish()` has found the image good.
  public private(set) var isFinished = false

  var stage = Stage.header
  var crc: CRC32
  private var failure: ImageError?

  /// The header's bytes, as far as they are there, and the number of its fields already judged.
  var headerBytes = InlineArray<96, UInt8>(repeating: 0)
  var headerFieldsJudged = 0

  /// A four-byte number of which `numberBytes` bytes are there.
  private var number: UInt32 = 0
  private var numberBytes = 0

  /// The entry of the section table being read, and the number of its fields already there.
  var entry = SectionEntry(type: 0, offset: 0, size: 0, count: 0)
  var entryFields = 0
  /// What the table has declared so far.
  var declaredValues: UInt32 = 0
  var declaredCommands: UInt32 = 0
  /// The known sections with content, as places in the table, in the order of the file; those from
  /// `nextSection` on are still to be read.
  var sectionOrder: [Int] = []
  var nextSection = 0
  /// The section in hand or the manifest, as far as it is there.
  var buffer: [UInt8] = []
  var bindingCount: UInt32 = 0
  /// The length of the manifest, once it is read.
  var manifestLength: UInt32?

  /// A parser of one image.
  ///
  /// - Parameters:
  ///   - totalBytes: the length of the file, if it is known; no byte beyond it is consumed.
  ///   - limits: the room that metadata may take.
  ///   - checksum: how the CRC is computed.
  public init(totalBytes: UInt32?, limits: ImageLimits, checksum: CRC32.Algorithm) {
    self.totalBytes = totalBytes
    self.limits = limits
    crc = CRC32(checksum)
  }

  /// The CRC that the format defines, over what has been consumed so far.
  public var imageCRC: UInt32 { crc.value }

  /// Whether `metadata.manifest` is final: the manifest has been read, or the header says that there is none.
  public var isManifestKnown: Bool {
    guard let header else { return false }
    return metadata.manifest != nil || !header.hasManifest
  }

  /// The offset that no part of the file may pass. A file of unknown length ends below 4 GiB at any rate.
  var bound: UInt32 { totalBytes ?? .max }

  /// The offset behind the header.
  var headerEnd: UInt32 { header?.byteCount ?? 0 }
  /// The offset behind code.
  var codeEnd: UInt32 { headerEnd &+ (header?.codeLength ?? 0) }
  /// The offset behind read-only data.
  var rodataEnd: UInt32 { codeEnd &+ (header?.rodataLength ?? 0) }

  /// Consumes bytes of `chunk` from `position` on and moves it behind them.
  ///
  /// - Returns: the next part of interest, or nil if the chunk is used up. Bytes beyond a known total (or beyond
  ///   4 GiB) are never consumed: `position` then stays below the chunk's count, and the caller decides what the
  ///   excess means.
  /// - Throws: the first rule that the bytes break; `position` is then of no meaning.
  public mutating func next(
    in chunk: Span<UInt8>, at position: inout Int
  ) throws(ImageError) -> ImagePart? {
    if let failure { throw failure }
    guard !isFinished else { return nil }
    do throws(ImageError) {
      return try advance(chunk, &position)
    } catch {
      failure = error
      throw error
    }
  }

  /// Says that no byte follows, and judges what only the end can show. It may be called again, to no effect.
  ///
  /// - Throws: the first rule broken. A file that ends before a known total is `truncated` there.
  public mutating func finish() throws(ImageError) {
    if let failure { throw failure }
    guard !isFinished else { return }
    do throws(ImageError) {
      try judgeEnd()
      isFinished = true
    } catch {
      failure = error
      throw error
    }
  }

  private mutating func advance(
    _ chunk: Span<UInt8>, _ position: inout Int
  ) throws(ImageError) -> ImagePart? {
    while true {
      switch stage {
      case .header:
        guard let header = try readHeader(chunk, &position) else { return nil }
        stage = .code
        return .header(header)
      case .code:
        let offset = bytesConsumed &- headerEnd
        if let range = take(upTo: codeEnd, chunk, &position) { return .code(range, offset: offset) }
        guard bytesConsumed == codeEnd else { return nil }
        stage = .rodata
      case .rodata:
        let offset = bytesConsumed &- codeEnd
        if let range = take(upTo: rodataEnd, chunk, &position) { return .rodata(range, offset: offset) }
        guard bytesConsumed == rodataEnd else { return nil }
        if hasTable { stage = .table } else { try beginManifest() }
      case .table:
        guard try readTable(chunk, &position) else { return nil }
        sortSections()
        stage = .sections
      case .sections:
        guard try readSections(chunk, &position) else { return nil }
        try beginManifest()
      case .manifestLength:
        guard skip(to: manifestOffset, chunk, &position) else { return nil }
        guard let length = takeNumber(chunk, &position) else { return nil }
        try judgeManifestLength(length)
        stage = .manifest
      case .manifest:
        guard fill(to: manifestLength ?? 0, chunk, &position) else { return nil }
        try readManifest()
        stage = .rest
      case .rest:
        _ = take(upTo: bound, chunk, &position)
        return nil
      }
    }
  }

  private mutating func judgeEnd() throws(ImageError) {
    guard let header else {
      throw ImageError(.truncated, at: bytesConsumed, found: bytesConsumed, expected: expectedHeaderBytes)
    }
    try judgeExtents(end: bytesConsumed)
    // Parts without bytes are passed here, and what a known total forbids is judged if no call came to do it.
    var position = 0
    _ = try advance(Span<UInt8>(), &position)
    if let totalBytes, bytesConsumed < totalBytes {
      throw ImageError(.truncated, at: bytesConsumed, found: bytesConsumed, expected: totalBytes)
    }
    guard crc.value == header.crc32 else {
      throw ImageError(.crcMismatch, at: HeaderField.crc32.offset, found: crc.value, expected: header.crc32)
    }
  }

  /// Judges again, in the order of their fields, the parts that reach beyond `end`, where the file has turned
  /// out to end.
  private func judgeExtents(end: UInt32) throws(ImageError) {
    try judgeCodeExtent(codeLength: header?.codeLength ?? 0, end: end)
    try judgeRodataExtent(end: end)
    try judgeTableOffset(end: end)
    try judgeTableCount(end: end)
    for index in metadata.sections.indices {
      let section = metadata.sections[index]
      try judgeSectionOffset(section.offset, at: entryOffset(index) &+ 4, end: end)
      try judgeSectionSize(section, at: entryOffset(index) &+ 8, end: end)
    }
    try judgeManifestExtent(end: end)
  }
}

// Consuming bytes. Whatever is consumed goes through here, past the header, and into the CRC.
extension ImageParser {
  /// Consumes what the chunk has of the bytes up to the file offset `end`; nil if that is nothing.
  mutating func take(upTo end: UInt32, _ chunk: Span<UInt8>, _ position: inout Int) -> Range<Int>? {
    let limit = min(end, bound)
    guard position < chunk.count, limit > bytesConsumed else { return nil }
    let wanted = limit &- bytesConsumed
    let count = min(chunk.count - position, Int(clamping: wanted))
    let range = position..<(position + count)
    crc.update(chunk.extracting(range))
    position += count
    bytesConsumed &+= UInt32(truncatingIfNeeded: count)
    return range
  }

  /// Consumes up to the file offset `end`; whether it is reached or already passed.
  mutating func skip(to end: UInt32, _ chunk: Span<UInt8>, _ position: inout Int) -> Bool {
    _ = take(upTo: end, chunk, &position)
    return bytesConsumed >= end
  }

  /// Consumes into the buffer until that holds `count` bytes; whether it does.
  mutating func fill(to count: UInt32, _ chunk: Span<UInt8>, _ position: inout Int) -> Bool {
    let missing = count &- UInt32(truncatingIfNeeded: buffer.count)
    guard missing > 0 else { return true }
    if buffer.isEmpty { buffer.reserveCapacity(Int(clamping: count)) }
    guard let range = take(upTo: bytesConsumed &+ missing, chunk, &position) else { return false }
    for index in range { buffer.append(chunk[index]) }
    return UInt32(truncatingIfNeeded: buffer.count) == count
  }

  /// Consumes a big-endian number of four bytes; nil until all are there.
  mutating func takeNumber(_ chunk: Span<UInt8>, _ position: inout Int) -> UInt32? {
    let missing = UInt32(truncatingIfNeeded: 4 - numberBytes)
    guard let range = take(upTo: bytesConsumed &+ missing, chunk, &position) else { return nil }
    for index in range { number = number << 8 | UInt32(chunk[index]) }
    numberBytes += range.count
    guard numberBytes == 4 else { return nil }
    numberBytes = 0
    return number
  }
}

extension ImageParser {
  /// Checks and reads an image that is all there, on the same path as one in pieces.
  ///
  /// - Returns: its header and metadata. Code begins at `header.byteCount` in `bytes`, read-only data behind it.
  /// - Throws: the first rule that it breaks; `metadataBudgetExceeded` at the end for more than 4 GiB.
  public static func parse(
    _ bytes: Span<UInt8>, limits: ImageLimits, checksum: CRC32.Algorithm
  ) throws(ImageError) -> (header: Header, metadata: Metadata) {
    var parser = ImageParser(totalBytes: UInt32(clamping: bytes.count), limits: limits, checksum: checksum)
    var position = 0
    while try parser.next(in: bytes, at: &position) != nil {}
    guard position == bytes.count else { throw ImageError(.metadataBudgetExceeded, at: .max, found: .max) }
    try parser.finish()
    guard let header = parser.header else { throw ImageError(.truncated, at: 0) }
    return (header, parser.metadata)
  }
}
