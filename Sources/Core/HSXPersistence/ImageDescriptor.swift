/// What a slot says of its image: 96 bytes in two parts, each with a CRC of its own, since the hash may be known before the
/// image has come, and the rest is known only then.
///
/// The identity (40 bytes: SHA-256, length, CRC) stands at the start of the slot, the rest (56 bytes: name in 32, revision and
/// version in 8, security counter, source, CRC-32 of the image, CRC) behind it at the next write unit; the image at byte 256.
public struct ImageDescriptor: Sendable {
  var identity = Words(Words.identity)
  var about = Words(Words.about)

  /// A descriptor of nothing.
  public init() {}

  /// The SHA-256 of the image.
  public var sha256: InlineArray<32, UInt8> {
    get { identity.hash }
    set { identity.setHash(newValue) }
  }

  /// Bytes of the image.
  public var length: Int {
    get { Int(truncatingIfNeeded: identity[8]) }
    set { identity[8] = UInt32(truncatingIfNeeded: newValue) }
  }

  /// Bytes of the app's name, 0 to 31.
  public var nameCount: Int { about.bytes[0] < 31 ? Int(about.bytes[0]) : 31 }

  /// A byte of the app's name; 0 behind its end.
  public func nameByte(_ index: Int) -> UInt8 {
    index >= 0 && index < nameCount ? about.bytes[index &+ 1] : 0
  }

  /// Takes the app's name, UTF-8; what is longer than 31 bytes is cut off.
  public mutating func setName(_ name: Span<UInt8>) {
    let count = name.count < 31 ? name.count : 31
    about.bytes[0] = UInt8(truncatingIfNeeded: count)
    for index in 0..<31 { about.bytes[index &+ 1] = index < count ? name[index] : 0 }
  }

  /// The number that the app's author counts up, 0 if none is known.
  public var revision: UInt16 {
    get { about[half: 16] }
    set { about[half: 16] = newValue }
  }

  /// The version: major, minor, patch.
  public var version: InlineArray<3, UInt16> {
    get { [about[half: 17], about[half: 18], about[half: 19]] }
    set { for index in 0..<3 { about[half: 17 &+ index] = newValue[index] } }
  }

  /// The counter that guards against downgrades.
  public var securityCounter: UInt32 {
    get { about[10] }
    set { about[10] = newValue }
  }

  /// Where the image came from: what the caller wants to remember of it.
  public var source: UInt32 {
    get { about[11] }
    set { about[11] = newValue }
  }

  /// The CRC-32 of the image's bytes.
  public var crc32: UInt32 {
    get { about[12] }
    set { about[12] = newValue }
  }

  /// Whether the memory refused to read one of its parts.
  var isRefused: Bool { identity.isRefused || about.isRefused }

  /// Where the image begins in its slot.
  static var imageStart: Int { 256 }
}
