/// Writes images: fill in the parts, then `build()`.
///
/// The bytes are those of the reference toolchain: sections in the order value, cmd, mailbox, entries sorted
/// by group and id or by target, strings shared within a section in order of first use. The same parts give
/// the same bytes, in whatever order the entries were added.
public struct ImageBuilder: Equatable, Sendable {
  /// 2, or 1 for the old header without name and metadata.
  public var version: UInt16 = 2
  /// The code offset of the first instruction.
  public var entry: UInt32 = 0
  /// The code, big-endian words.
  public var code: [UInt8] = []
  /// The read-only data, as it will lie in memory from 0x4000.
  public var rodata: [UInt8] = []
  /// Bytes of zeroed memory behind the read-only data.
  public var bssSize: UInt32 = 0
  /// What the image says it needs.
  public var requiredCapabilities = Capabilities()
  /// Whether more than one task may run under this name; in version 1 always so.
  public var allowsMultipleInstances = true
  /// Flag bits without a meaning, written as they are; the manifest and instance bits are ignored here.
  public var otherFlags: UInt16 = 0
  /// The app's name, ASCII, at most 31 bytes; empty for none.
  public var appName: [UInt8] = []
  /// The values, in any order.
  public var values: [Value] = []
  /// The commands, in any order.
  public var commands: [Command] = []
  /// The mailboxes, in any order.
  public var mailboxes: [Mailbox] = []
  /// Sections beside these, written behind them in this order.
  public var extraSections: [RawSection] = []
  /// The manifest's JSON, written as it is; nil for none.
  public var manifest: [UInt8]?

  /// An image without code, which cannot be built until it has some.
  public init() {}

  /// The image's bytes.
  ///
  /// Takes time in the size of the image, and in the square of the number of different strings.
  /// - Throws: what cannot be expressed or would be refused by every loader.
  public func build() throws(ImageBuildError) -> [UInt8] {
    try validate()
    let sections = try encodedSections()
    var file = [UInt8]()
    file.reserveCapacity(headerSize + code.count + rodata.count)
    appendHeader(sectionCount: sections.count, to: &file)
    file.append(contentsOf: code)
    file.append(contentsOf: rodata)
    try append(sections, to: &file)
    if let manifest {
      file.appendBigEndian(try fileOffset(manifest.count))
      file.append(contentsOf: manifest)
    }
    _ = try fileOffset(file.count)
    var checksum = CRC32(.fast)
    checksum.update(file.span.extracting(first: 0x1C))
    checksum.update(file.span.extracting(droppingFirst: headerSize))
    var field = file.mutableSpan
    field.storeBigEndian(checksum.value, at: 0x1C)
    return file
  }

  private var headerSize: Int { version == 1 ? 32 : 96 }

  private func validate() throws(ImageBuildError) {
    guard version == 1 || version == 2 else { throw .unsupportedVersion(version) }
    if version == 1 {
      guard appName.isEmpty else { throw .notInVersion1(.appName) }
      guard allowsMultipleInstances else { throw .notInVersion1(.singleInstance) }
      guard values.isEmpty, commands.isEmpty, mailboxes.isEmpty, extraSections.isEmpty else {
        throw .notInVersion1(.sections)
      }
    }
    guard code.count <= 0x1_0000 else { throw .codeTooLarge(code.count) }
    guard code.count % 4 == 0 else { throw .codeUnaligned(code.count) }
    guard rodata.count <= 0x1_0000 else { throw .rodataTooLarge(rodata.count) }
    guard bssSize <= 0x1_0000 else { throw .bssTooLarge(bssSize) }
    let dataEnd = MemoryMap.rodataStart + UInt32(rodata.count)
    let bssEnd = MemoryMap.bssStart(rodataLength: UInt32(rodata.count)) + bssSize
    let end = bssSize == 0 ? dataEnd : bssEnd
    guard end <= MemoryMap.end else { throw .memoryExceeded(end: end) }
    guard entry % 4 == 0 else { throw .entryUnaligned(entry) }
    guard entry < UInt32(code.count) else {
      throw .entryOutOfRange(entry, codeLength: UInt32(code.count))
    }
    guard appName.count <= 31 else { throw .appNameTooLong(appName.count) }
    for byte in appName where byte == 0 || byte > 0x7F { throw .appNameNotASCII(byte) }
  }

  private func appendHeader(sectionCount: Int, to file: inout [UInt8]) {
    var flags = otherFlags & ~3
    if manifest != nil { flags |= 1 }
    if allowsMultipleInstances && version != 1 { flags |= 2 }
    file.appendBigEndian(0x4853_5845 as UInt32)
    file.appendBigEndian(version)
    file.appendBigEndian(flags)
    file.appendBigEndian(entry)
    file.appendBigEndian(UInt32(code.count))
    file.appendBigEndian(UInt32(rodata.count))
    file.appendBigEndian(bssSize)
    file.appendBigEndian(requiredCapabilities.rawValue)
    file.appendBigEndian(0 as UInt32)
    guard version != 1 else { return }
    file.append(contentsOf: appName)
    for _ in appName.count..<32 { file.append(0) }
    let tableOffset = sectionCount == 0 ? 0 : UInt32(headerSize + code.count + rodata.count)
    file.appendBigEndian(tableOffset)
    file.appendBigEndian(UInt32(truncatingIfNeeded: sectionCount))
    for _ in 0..<24 { file.append(0) }
  }

  private func append(_ sections: [RawSection], to file: inout [UInt8]) throws(ImageBuildError) {
    var offset = file.count + 16 * sections.count
    for section in sections {
      file.appendBigEndian(section.type)
      file.appendBigEndian(try fileOffset(offset))
      file.appendBigEndian(try fileOffset(section.bytes.count))
      file.appendBigEndian(section.count)
      offset += section.bytes.count
    }
    for section in sections { file.append(contentsOf: section.bytes) }
  }

  private func fileOffset(_ offset: Int) throws(ImageBuildError) -> UInt32 {
    guard let offset = UInt32(exactly: offset) else { throw .fileTooLarge }
    return offset
  }
}
