import HSXProtocol

/// Who is at the other end of a connection.
public struct Peer: Hashable, Sendable {
  /// How it came.
  public enum Kind: Hashable, Sendable {
    /// Over the Unix socket.
    case unix
    /// From this machine.
    case loopback
    /// From the network.
    case network
  }

  /// How it came.
  public var kind: Kind
  /// Its address without the port, so that reconnecting does not make it another; empty for the Unix socket.
  public var address: String

  /// A peer of this kind and address.
  public init(kind: Kind, address: String) {
    self.kind = kind
    self.address = address
  }

  /// How it is called in sources and logs.
  var text: String { kind == .unix ? "unix" : address }
}

/// Names a connection; never used twice.
struct ConnectionID: Hashable, Sendable {
  var number: UInt64
}

/// Who asks, as far as it is known when a request is answered.
struct Requester {
  /// The connection it came on.
  var connection: ConnectionID
  /// Who is at its other end.
  var peer: Peer
  /// What it may do; nil for one that has yet to show a token.
  var role: Role?
  /// The client session it named, if that lives.
  var session: String?
}
