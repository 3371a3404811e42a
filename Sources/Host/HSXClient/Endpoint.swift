/// Where a daemon listens.
public enum Endpoint: Equatable, Sendable {
  /// A Unix socket.
  case unix(path: String)
  /// A TCP port, with TLS if told.
  case tcp(host: String, port: Int, tls: TransportSecurity? = nil)

  /// The port that a daemon listens on if not told otherwise.
  public static let standardPort = 9998
}

/// How a TCP connection is encrypted.
public struct TransportSecurity: Equatable, Sendable {
  /// The file of the certificates (PEM) that the daemon's must come from; nil for those that the system trusts.
  public var authorities: String?
  /// The name that the daemon's certificate must bear; nil for the host that is connected to.
  public var serverName: String?

  /// Encryption that trusts these.
  public init(authorities: String? = nil, serverName: String? = nil) {
    self.authorities = authorities
    self.serverName = serverName
  }
}

extension Endpoint: CustomStringConvertible {
  /// It as it is told to a person: a path, or `host:port`.
  public var description: String {
    switch self {
    case .unix(let path): path
    case .tcp(let host, let port, let tls):
      (host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)") + (tls == nil ? "" : " (TLS)")
    }
  }
}

/// What a person and the environment say of where the daemon is.
public struct EndpointChoice: Equatable, Sendable {
  /// `--host`
  public var host: String?
  /// `--port`
  public var port: Int?
  /// `--socket`
  public var socket: String?
  /// `--tls`
  public var isEncrypted = false
  /// `--tls-ca`
  public var authorities: String?
  /// `--tls-name`
  public var serverName: String?

  /// Nothing said.
  public init() {}

  /// The endpoint: what the options say, else `HSX_SOCKET`, else a socket at one of the usual places, else the port of
  /// this machine. With TLS if `--tls`, `--tls-ca` or `HSX_TLS_CA` is told and it is a TCP port.
  ///
  /// - Parameter exists: whether there is something at a path.
  public func endpoint(
    environment: [String: String], exists: (_ path: String) -> Bool
  ) -> Endpoint {
    if let socket { return .unix(path: socket) }
    let isTold = host != nil || port != nil || isEncrypted || authorities != nil
    if !isTold {
      if let path = environment["HSX_SOCKET"], !path.isEmpty { return .unix(path: path) }
      let folders = [environment["XDG_RUNTIME_DIR"], "/run"].compactMap { $0 }.filter { !$0.isEmpty }
      if let path = folders.map({ "\($0)/hsxd.sock" }).first(where: exists) { return .unix(path: path) }
    }
    let file = authorities ?? environment["HSX_TLS_CA"].flatMap { $0.isEmpty ? nil : $0 }
    let tls =
      isEncrypted || file != nil ? TransportSecurity(authorities: file, serverName: serverName) : nil
    return .tcp(host: host ?? "127.0.0.1", port: port ?? Endpoint.standardPort, tls: tls)
  }
}
