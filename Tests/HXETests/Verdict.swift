import HXE

/// What a parser makes of a byte string.
enum Verdict: Equatable {
  case image(Header, Metadata, code: [UInt8], rodata: [UInt8])
  case refused(ImageError)

  var error: ImageError? {
    if case .refused(let error) = self { return error }
    return nil
  }

  var metadata: Metadata? {
    if case .image(_, let metadata, _, _) = self { return metadata }
    return nil
  }

  var header: Header? {
    if case .image(let header, _, _, _) = self { return header }
    return nil
  }
}

/// How a byte string is cut into chunks.
enum Chunking {
  case whole
  case size(Int)
  case random(seed: UInt64)
}

/// What becomes of `bytes`, cut and with or without its length told, and of the parts as they came.
func verdict(
  _ bytes: [UInt8], _ chunking: Chunking = .whole, totalKnown: Bool = true, limits: ImageLimits = .desktop,
  checksum: CRC32.Algorithm = .fast
) -> Verdict {
  var parser = ImageParser(
    totalBytes: totalKnown ? UInt32(bytes.count) : nil, limits: limits, checksum: checksum)
  var generator = Generator(seed: 0)
  if case .random(let seed) = chunking { generator = Generator(seed: seed) }
  var start = 0
  var code: [UInt8] = []
  var rodata: [UInt8] = []
  do throws(ImageError) {
    while start < bytes.count {
      let size =
        switch chunking {
        case .whole: bytes.count
        case .size(let size): size
        case .random: generator.below(4) == 0 ? generator.below(200) : generator.below(9)
        }
      let chunk = bytes.span.extracting(start..<min(start + size, bytes.count))
      var position = 0
      while let part = try parser.next(in: chunk, at: &position) {
        switch part {
        case .header(let header):
          // Nothing behind the header may have been taken yet.
          guard start + position == Int(header.byteCount), code.isEmpty else { return .refused(impossible) }
        case .code(let range, let offset):
          guard Int(offset) == code.count, !range.isEmpty else { return .refused(impossible) }
          for index in range { code.append(chunk[index]) }
        case .rodata(let range, let offset):
          guard Int(offset) == rodata.count, !range.isEmpty else { return .refused(impossible) }
          for index in range { rodata.append(chunk[index]) }
        }
      }
      guard position == chunk.count else { return .refused(impossible) }
      start += chunk.count
    }
    try parser.finish()
  } catch {
    return .refused(error)
  }
  guard let header = parser.header else { return .refused(impossible) }
  return .image(header, parser.metadata, code: code, rodata: rodata)
}

/// What no rule can give: the parser broke its own contract.
private let impossible = ImageError(.truncated, at: .max, found: .max, expected: .max)

/// SplitMix64, so that a failing run can be repeated from its seed.
struct Generator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to `limit`, which must not be 0.
  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
}

/// CRC-32 bit by bit, straight from the polynomial.
func bitwiseCRC(_ bytes: [UInt8]) -> UInt32 {
  var register: UInt32 = ~0
  for byte in bytes {
    for bit in 0..<8 {
      let isSet = (register ^ UInt32(byte >> bit)) & 1 == 1
      register >>= 1
      if isSet { register ^= 0xEDB8_8320 }
    }
  }
  return ~register
}
