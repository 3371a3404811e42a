public import HXE

/// How the same core is made fast on a host and small on a microcontroller: by which functions it is given.
///
/// A program that names only one platform links only that one's code.
public struct Platform {
  /// How instructions are carried out.
  public var engine: Engine
  /// How CRC-32 is computed.
  public var checksum: CRC32.Algorithm

  /// A platform of these parts.
  public init(engine: Engine, checksum: CRC32.Algorithm) {
    self.engine = engine
    self.checksum = checksum
  }

  /// A workstation or a gateway.
  public static var host: Platform { Platform(engine: .predecoded, checksum: .fast) }

  /// A microcontroller.
  public static var microcontroller: Platform { Platform(engine: .exact, checksum: .compact) }
}
