public import Logging
import NIOCore
public import NIOSSL
public import ServiceLifecycle

/// A host and the addresses it is reached at, as one service: it begins to listen, and stops in order.
public struct DaemonService: Service {
  private let host: ExecutiveHost
  private let addresses: [ListeningAddress]
  private let tls: NIOSSLContext?
  private let logger: Logger

  /// A service of `host` at these addresses, of which the TCP ones speak TLS if `tls` is given.
  public init(host: ExecutiveHost, addresses: [ListeningAddress], tls: NIOSSLContext?, logger: Logger) {
    self.host = host
    self.addresses = addresses
    self.tls = tls
    self.logger = logger
  }

  /// Serves until the graceful stop, or until a client asks for the end.
  public func run() async throws {
    var channels: [any Channel] = []
    do {
      for address in addresses {
        let isTCP = if case .tcp = address { true } else { false }
        let channel = try await host.listen(at: address, tls: isTCP ? tls : nil)
        logger.info("listening", metadata: ["address": "\(channel.localAddress?.description ?? "?")"])
        channels.append(channel)
      }
      await host.start()
    } catch {
      for channel in channels { try? await channel.close() }
      throw error
    }
    for await _ in host.requestedEndings.cancelOnGracefulShutdown() { break }
    for channel in channels { try? await channel.close() }
    await host.stop()
  }
}
