public import Logging
import NIOCore
public import NIOSSL
public import ServiceLifecycle

/// A host and the addresses it is reached at, as one service: it begins to listen, and stops in order.
public struct DaemonService: Service {
  /// An address that could not be listened at.
  public struct ListeningFailure: Error {
    /// Where.
    public var address: ListeningAddress
    /// What the system says.
    public var cause: any Error

    /// A failure of these parts.
    public init(address: ListeningAddress, cause: any Error) {
      self.address = address
      self.cause = cause
    }
  }

  /// How long clients that do not read are waited for at the end, so that they can still learn of it.
  private static let patience = TimeAmount.seconds(3)

  private let host: ExecutiveHost
  private let addresses: [ListeningAddress]
  private let tls: NIOSSLContext?
  private let logger: Logger
  private let notifier: SystemdNotifier
  private let onEnding: @Sendable () -> Void

  /// A service of `host` at these addresses, of which the TCP ones speak TLS if `tls` is given.
  ///
  /// - Parameters:
  ///   - notifier: told when it listens, when it stops, and, from the host's loop, that it lives.
  ///   - onEnding: called when the end begins, whoever asks for it.
  public init(
    host: ExecutiveHost, addresses: [ListeningAddress], tls: NIOSSLContext?, logger: Logger,
    notifier: SystemdNotifier = SystemdNotifier(environment: [:]),
    onEnding: @escaping @Sendable () -> Void = {}
  ) {
    self.host = host
    self.addresses = addresses
    self.tls = tls
    self.logger = logger
    self.notifier = notifier
    self.onEnding = onEnding
  }

  /// Serves until the graceful stop, or until a client asks for the end.
  ///
  /// - Throws: `ListeningFailure`; then it listens nowhere.
  public func run() async throws {
    var channels: [any Channel] = []
    for address in addresses {
      do {
        let isTCP = if case .tcp = address { true } else { false }
        let channel = try await host.listen(at: address, tls: isTCP ? tls : nil)
        logger.info("listening", metadata: ["address": "\(channel.localAddress?.description ?? "?")"])
        channels.append(channel)
      } catch {
        for channel in channels { try? await channel.close() }
        await host.stop()
        throw ListeningFailure(address: address, cause: error)
      }
    }
    await host.start()
    notifier.send(.ready)
    let watchdog = startWatchdog()
    for await _ in host.requestedEndings.cancelOnGracefulShutdown() { break }
    onEnding()
    notifier.send(.stopping)
    for channel in channels { try? await channel.close() }
    await host.stop()
    await host.drain(within: Self.patience)
    watchdog?.cancel()
  }

  /// Signs of life twice as often as they are wanted. They come from the host's loop: if that is stuck, so are they.
  private func startWatchdog() -> RepeatedTask? {
    guard let wanted = notifier.watchdogMicroseconds else { return nil }
    let interval = TimeAmount.microseconds(max(1, wanted / 2))
    return host.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: interval) { [notifier] _ in
      notifier.send(.watchdog)
    }
  }
}
