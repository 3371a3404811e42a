/// CRC-32/ISO-HDLC, the one of zlib, over bytes that come in pieces.
///
/// The algorithm decides speed and size, never the value.
public struct CRC32: Sendable {
  /// How the bytes are folded in: a choice between a small table and fast ones.
  ///
  /// A value of this type holds a function, so that a program that names only one algorithm links only that.
  public struct Algorithm: Sendable {
    /// Takes the register (not inverted) and bytes, returns the register behind them.
    let update: @Sendable (UInt32, Span<UInt8>) -> UInt32
  }

  private let algorithm: Algorithm
  private var register: UInt32 = 0xFFFF_FFFF

  /// The CRC of no bytes yet.
  public init(_ algorithm: Algorithm) {
    self.algorithm = algorithm
  }

  /// Folds in `bytes`, which follow those folded in before.
  public mutating func update(_ bytes: Span<UInt8>) {
    register = algorithm.update(register, bytes)
  }

  /// The CRC of all bytes so far; 0 if there were none.
  public var value: UInt32 { ~register }

  /// The CRC of `bytes`.
  public static func checksum(_ bytes: Span<UInt8>, _ algorithm: Algorithm) -> UInt32 {
    var crc = CRC32(algorithm)
    crc.update(bytes)
    return crc.value
  }
}
