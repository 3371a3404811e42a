// Stands in for the incremental reader's CRC32 of the same name and shape.
struct CRC32 {
  enum Algorithm { case fast }
  private var register: UInt32 = 0xFFFF_FFFF

  init(_ algorithm: Algorithm) {}

  mutating func update(_ bytes: Span<UInt8>) {
    for index in bytes.indices {
      register ^= UInt32(bytes[index])
      for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
  }

  var value: UInt32 { ~register }
}
