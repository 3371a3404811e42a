import NIOCore
import NIOHTTP1
import NIOPosix
public import ServiceLifecycle

/// Gives a registry's series to whoever asks for `GET /metrics` over HTTP/1.
///
/// It asks nobody who they are, so it belongs at an address that only the right ones reach. A connection has one request, of
/// at most 16 KiB with its body, and 10 s; at most 16 are open at once, and further ones are closed at once.
public struct MetricsEndpoint: Service {
  private let channel: any Channel

  /// Listens at an address; it answers from now on, whether or not it runs as a service.
  ///
  /// - Parameter port: 0 is any that is free.
  /// - Throws: what the system says of the address, an `IOError`.
  public static func listening(
    at host: String, port: Int, showing registry: PrometheusRegistry
  ) async throws -> MetricsEndpoint {
    let open = OpenConnections(limit: 16)
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton.next())
      .serverChannelOption(.backlog, value: 64)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(RequestGuard(byteLimit: 16 << 10, patience: .seconds(10), open: open))
          try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: true)
          try pipeline.addHandler(ScrapeResponder(registry: registry))
        }
      }
    return MetricsEndpoint(channel: try await bootstrap.bind(host: host, port: port).get())
  }

  /// The port it listens at.
  public var port: Int { channel.localAddress?.port ?? 0 }

  /// Answers until the graceful stop.
  public func run() async throws {
    try? await gracefulShutdown()
    await close()
  }

  /// Listens no more.
  public func close() async { try? await channel.close() }
}
