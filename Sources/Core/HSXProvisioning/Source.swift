/// Where an image came from. Every task carries it, and `ps`, the events and the store show it.
///
/// Texts are UTF-8 and cut to `textLimit` bytes, so that a source has a bounded size.
public enum Source: Equatable, Sendable {
  /// A file that the host could read.
  case file(path: [UInt8])
  /// A client of the protocol.
  case rpc(peer: [UInt8])
  /// A master on the bus.
  case can(bus: UInt8, master: UInt8, session: UInt32)
  /// An entry of a manifest on a card.
  case sd(manifest: [UInt8], entry: [UInt8])
  /// A serial line.
  case uart(device: [UInt8])
  /// The store.
  case store(slot: UInt8, revision: UInt32)

  /// The most bytes that a text of a source keeps.
  public static var textLimit: Int { 256 }

  /// The same source with its texts cut to `textLimit` bytes.
  func bounded() -> Source {
    switch self {
    case .file(let path): .file(path: Self.cut(path))
    case .rpc(let peer): .rpc(peer: Self.cut(peer))
    case .sd(let manifest, let entry): .sd(manifest: Self.cut(manifest), entry: Self.cut(entry))
    case .uart(let device): .uart(device: Self.cut(device))
    case .can, .store: self
    }
  }

  private static func cut(_ text: [UInt8]) -> [UInt8] {
    text.count <= textLimit ? text : [UInt8](text.prefix(textLimit))
  }
}
