import HSXProtocol
public import NIOCore
import NIOPosix
public import NIOSSL

/// Where a daemon waits for clients.
public enum ListeningAddress: Equatable, Sendable {
  /// TCP; port 0 is any that is free.
  case tcp(host: String, port: Int)
  /// A Unix socket, which only its owner may use.
  case unix(path: String)
}

extension ExecutiveHost {
  /// Unsent bytes of a connection from which on nothing more is written to it, and at which writing goes on.
  private static let watermark = ChannelOptions.Types.WriteBufferWaterMark(low: 32 * 1024, high: 128 * 1024)

  /// How long a line or a handshake may stay unfinished.
  private static let stallLimit = TimeAmount.seconds(30)

  /// Waits for clients at an address, on the host's loop.
  ///
  /// - Parameter tls: the certificate and key to show; nil for none.
  /// - Returns: the listening channel; closing it ends the waiting.
  /// - Throws: what the system says of the address.
  nonisolated public func listen(
    at address: ListeningAddress, tls: NIOSSLContext? = nil
  ) async throws -> any Channel {
    let bootstrap = ServerBootstrap(group: eventLoop)
      .serverChannelOption(.backlog, value: 1024)
      .childChannelOption(.writeBufferWaterMark, value: Self.watermark)
      .childChannelInitializer { [host = self] channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
          try pipeline.addHandler(StallGuard(patience: Self.stallLimit, awaitsHandshake: tls != nil))
          try pipeline.addHandler(ByteToMessageHandler(LineDecoder()))
          try pipeline.addHandler(LineReceiver(host: host, peer: Peer(of: channel, at: address)))
        }
      }
    switch address {
    case .tcp(let name, let port):
      return try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .bind(host: name, port: port).get()
    case .unix(let path):
      return try await UnixSocket.bind(bootstrap, path: path)
    }
  }
}

extension Peer {
  fileprivate init(of channel: any Channel, at address: ListeningAddress) {
    guard case .tcp = address else {
      self.init(kind: .unix, address: "")
      return
    }
    let text = channel.remoteAddress?.ipAddress ?? ""
    self.init(kind: ServerAddress.isLoopback(text) ? .loopback : .network, address: text)
  }
}
