import ArgumentParser
import CoreMetrics
import Foundation
import HSXLinux
import HSXMetrics
import HSXPersistence
import HSXServer
import Logging
import NIOPosix
import ServiceLifecycle
import UnixSignals

@main
struct HSXDaemon: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hsxd", abstract: "Run an executive that shells, scripts and hsx talk to.",
    discussion: """
      Values may come from the file of --config, from the environment (HSX_LISTEN, HSX_STORE, …) and from flags, \
      later ones first. SIGTERM or SIGINT stops within 5 s, with storage synced and clients told.

      Examples:
        hsxd --run --store node.hsxs
        hsxd --socket $XDG_RUNTIME_DIR/hsxd.sock --no-tcp
        hsxd --config hsxd.json --listen 0.0.0.0:9998 --tls-cert node.pem --tls-key node.key
      """,
    version: "hsxd 0.1.0")

  @OptionGroup var options: DaemonOptions

  func run() async throws {
    let process = DaemonProcess()
    do {
      if try await serve(process) == .restart {
        process.restart()
        throw ExitCode(1)
      }
    } catch let refusal as StartRefusal {
      refusal.report()
      throw ExitCode(refusal.status)
    }
  }

  /// Runs until its end, and says how it ended.
  private func serve(_ process: DaemonProcess) async throws -> ExecutiveHost.Ending? {
    let environment = ProcessInfo.processInfo.environment
    let configuration = try DaemonConfiguration(options, environment: environment)
    process.raiseFileLimit()
    let logger = Logger(label: "hsxd") {
      LineLog(label: $0, format: configuration.logFormat, level: configuration.logLevel)
    }
    if configuration.server.tokens.isEmpty {
      logger.warning(
        "no tokens are configured: whoever reaches this machine's loopback or the socket is admin")
    }
    // Before the host, which makes its counters when it is made.
    let endpoint = try await metricsEndpoint(configuration, logger)
    let host = try makeHost(configuration, logger)
    let service = DaemonService(
      host: host, addresses: configuration.addresses, tls: configuration.tls, logger: logger,
      notifier: SystemdNotifier(environment: environment), onEnding: DaemonProcess.setDeadline)
    var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
      .init(
        service: service, successTerminationBehavior: .gracefullyShutdownGroup,
        failureTerminationBehavior: .cancelGroup)
    ]
    if let endpoint {
      services.append(
        .init(
          service: endpoint, successTerminationBehavior: .ignore, failureTerminationBehavior: .ignore))
    }
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(services: services, logger: logger))
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    let listener = Task {
      var isStopping = false
      for await _ in signals {
        // Who asks twice does not want to wait.
        if isStopping { DaemonProcess.exitAtOnce() }
        isStopping = true
        await group.triggerGracefulShutdown()
      }
    }
    defer { listener.cancel() }
    do {
      try await group.run()
    } catch let failure as DaemonService.ListeningFailure {
      throw StartRefusal(failure)
    }
    return await host.lastEnding
  }

  /// Where metrics are given, if they are wanted; then, and only then, they are kept.
  private func metricsEndpoint(
    _ configuration: DaemonConfiguration, _ logger: Logger
  ) async throws -> MetricsEndpoint? {
    guard let (host, port) = configuration.metrics else { return nil }
    let registry = PrometheusRegistry()
    MetricsSystem.bootstrap(registry)
    do {
      let endpoint = try await MetricsEndpoint.listening(at: host, port: port, showing: registry)
      logger.info("metrics", metadata: ["address": "\(host)", "port": "\(endpoint.port)"])
      return endpoint
    } catch {
      throw StartRefusal(.init(address: .tcp(host: host, port: port), cause: error))
    }
  }

  private func makeHost(_ configuration: DaemonConfiguration, _ logger: Logger) throws -> ExecutiveHost {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    guard let path = configuration.store else {
      return try ExecutiveHost(on: loop, configuration: configuration.server, storage: nil, logger: logger)
    }
    let device: StorageDevice
    do throws(FileMemory.CreationError<StoreError>) {
      device = try StorageDevice.openStore(path: path)
    } catch {
      throw StartRefusal(store: path, error)
    }
    do throws(StoreError) {
      return try ExecutiveHost(
        on: loop, configuration: configuration.server, storage: device, logger: logger)
    } catch {
      throw StartRefusal(store: path, error)
    }
  }
}
