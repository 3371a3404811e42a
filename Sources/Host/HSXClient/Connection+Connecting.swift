import HSXProtocol
import NIOCore
import NIOPosix
import NIOSSL

extension Connection {
  /// Connects to a daemon.
  ///
  /// - Parameter timeout: how long to try; the exchange of keys counts.
  /// - Throws: `unreachable` or `insecure`, with the system's words.
  public static func connect(
    to endpoint: Endpoint, timeout: Duration = .seconds(5)
  ) async throws(ClientError) -> Connection {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let ready = loop.makePromise(of: Void.self)
    let security: (context: NIOSSLContext, name: String?)?
    do {
      security = try Self.security(of: endpoint)
    } catch {
      ready.succeed()
      throw .insecure(endpoint, cause: "\(error)")
    }
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(TimeAmount(timeout))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let security {
            try pipeline.addHandler(
              NIOSSLClientHandler(context: security.context, serverHostname: security.name))
          }
          try pipeline.addHandler(ByteToMessageHandler(LineDecoder()))
          try pipeline.addHandler(ReplyReceiver(isEncrypted: security != nil, ready: ready))
        }
      }
    let channel: any Channel
    do {
      channel = try await bootstrap.connect(to: endpoint)
    } catch {
      ready.fail(error)
      throw .unreachable(endpoint, cause: Self.cause(error))
    }
    do {
      let timer = loop.scheduleTask(in: TimeAmount(timeout)) { ready.fail(ClientError.timedOut) }
      ready.futureResult.whenComplete { _ in timer.cancel() }
      try await ready.futureResult.get()
    } catch {
      try? await channel.close()
      if case ClientError.refused(let refusal) = error { throw .refused(refusal) }
      throw security == nil
        ? .unreachable(endpoint, cause: Self.cause(error)) : .insecure(endpoint, cause: Self.cause(error))
    }
    return Connection(channel: channel, endpoint: endpoint)
  }

  private static func security(of endpoint: Endpoint) throws -> (context: NIOSSLContext, name: String?)? {
    guard case .tcp(let host, _, let tls?) = endpoint else { return nil }
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    if let file = tls.authorities {
      configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
    }
    let name = tls.serverName ?? host
    // A number is compared with the certificate's addresses, and must not be sent as a name.
    let isNumber = (try? SocketAddress(ipAddress: name, port: 0)) != nil
    return (try NIOSSLContext(configuration: configuration), isNumber ? nil : name)
  }

  private static func cause(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
      if let error = error.connectionErrors.first { return ReplyReceiver.sentence(error.error) }
      return "the name \(error.host) is not known"
    case SocketAddressError.unixDomainSocketPathTooLong: return "the socket's path is too long"
    case ChannelError.connectTimeout, ClientError.timedOut: return "no answer in time"
    case ClientError.closed: return "the connection was closed at once"
    default: return ReplyReceiver.sentence(error)
    }
  }
}

extension ClientBootstrap {
  fileprivate func connect(to endpoint: Endpoint) async throws -> any Channel {
    switch endpoint {
    case .unix(let path): try await connect(unixDomainSocketPath: path).get()
    case .tcp(let host, let port, _): try await connect(host: host, port: port).get()
    }
  }
}
