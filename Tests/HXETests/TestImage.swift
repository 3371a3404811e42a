/// An image written down field by field, right or wrong, with a CRC that fits unless told otherwise.
struct TestImage {
  struct Section {
    var type: UInt32
    var bytes: [UInt8]
    var count: UInt32
    /// Where the table says it is; behind the section before, if nil.
    var offset: UInt32?
    /// How long the table says it is; as long as its bytes, if nil.
    var size: UInt32?

    init(_ type: UInt32, _ bytes: [UInt8], count: UInt32 = 0, offset: UInt32? = nil, size: UInt32? = nil) {
      self.type = type
      self.bytes = bytes
      self.count = count
      self.offset = offset
      self.size = size
    }
  }

  var version: UInt16 = 2
  var flags: UInt16 = 2
  var entry: UInt32 = 0
  var code = [UInt8](repeating: 0, count: 8)
  var rodata: [UInt8] = []
  var bss: UInt32 = 0
  var capabilities: UInt32 = 0
  var name: [UInt8] = Array("test".utf8)
  var sections: [Section] = []
  /// Bytes between read-only data and the table.
  var gap: [UInt8] = []
  /// Length and text, if there is one.
  var manifest: [UInt8]?
  var trailer: [UInt8] = []
  /// Words written over the finished file, before the CRC is made.
  var patches: [(offset: Int, value: UInt32)] = []

  /// An image with one section.
  static func with(_ sections: Section...) -> TestImage {
    var image = TestImage()
    image.sections = sections
    return image
  }

  /// An image with a manifest of this text.
  static func with(manifest: String) -> TestImage {
    var image = TestImage()
    image.flags |= 1
    image.manifest = word(UInt32(manifest.utf8.count)) + manifest.utf8
    return image
  }

  var headerBytes: Int { version == 1 ? 32 : 96 }
  /// The offset of the section table.
  var table: Int { headerBytes + code.count + rodata.count + gap.count }
  /// The offset of the first section.
  var content: Int { table + 16 * sections.count }

  var bytes: [UInt8] {
    var file = word(0x4853_5845) + half(version) + half(flags) + word(entry) + word(UInt32(code.count))
    file += word(UInt32(rodata.count)) + word(bss) + word(capabilities) + word(0)
    if version != 1 {
      file += name + [UInt8](repeating: 0, count: 32 - name.count)
      file += word(sections.isEmpty ? 0 : UInt32(table)) + word(UInt32(sections.count))
      file += [UInt8](repeating: 0, count: 24)
    }
    file += code + rodata + gap
    var offset = UInt32(content)
    for section in sections {
      file += word(section.type) + word(section.offset ?? offset)
      file += word(section.size ?? UInt32(section.bytes.count)) + word(section.count)
      offset += UInt32(section.bytes.count)
    }
    for section in sections { file += section.bytes }
    file += (manifest ?? []) + trailer
    for patch in patches { file.replaceSubrange(patch.offset..<(patch.offset + 4), with: word(patch.value)) }
    return sealed(file)
  }
}

/// The file with the CRC that its bytes have.
func sealed(_ file: [UInt8]) -> [UInt8] {
  guard file.count >= 32 else { return file }
  var file = file
  let headerBytes = file[5] == 1 ? 32 : 96
  let crc = bitwiseCRC(Array(file[..<0x1C]) + file.dropFirst(headerBytes))
  file.replaceSubrange(0x1C..<0x20, with: word(crc))
  return file
}

func half(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

func word(_ value: UInt32) -> [UInt8] { half(UInt16(value >> 16)) + half(UInt16(value & 0xFFFF)) }

/// A `.value` entry.
func valueEntry(
  _ group: UInt8, _ id: UInt8, name: UInt16 = 0, unit: UInt16 = 0, groupName: UInt16 = 0
) -> [UInt8] {
  [group, id, 0, 0] + half(0x3C00) + half(name) + half(unit) + half(1) + half(2) + half(3) + half(4)
    + half(groupName)
}

/// A `.cmd` entry.
func commandEntry(
  _ group: UInt8, _ id: UInt8, handler: UInt32 = 0, name: UInt16 = 0, help: UInt16 = 0, groupName: UInt32 = 0
) -> [UInt8] {
  [group, id, 0, 0] + word(handler) + half(name) + half(help) + word(groupName)
}
