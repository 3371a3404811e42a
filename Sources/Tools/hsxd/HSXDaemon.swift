import UnixSignals
import ArgumentParser
import HSXLinux
import HSXServer
import Logging
import NIOPosix
import ServiceLifecycle

@main
struct HSXDaemon: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hsxd", abstract: "Run an executive that shells, scripts and hsx talk to.",
    version: "hsxd 0.1.0")

  @Option(help: "HOST:PORT to wait at.")
  var listen = "127.0.0.1:9998"

  @Option(help: "A Unix socket to wait at, beside.")
  var socket: String?

  @Flag(help: "Let tasks run from the start.")
  var run = false

  func run() async throws {
    let logger = Logger(label: "hsxd")
    var configuration = ServerConfiguration()
    configuration.startsClock = run
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let host = try ExecutiveHost(on: loop, configuration: configuration, storage: nil, logger: logger)
    let parts = listen.split(separator: ":")
    guard let port = parts.last.flatMap({ Int($0) }) else {
      throw ValidationError("--listen takes HOST:PORT.")
    }
    var addresses: [ListeningAddress] = [
      .tcp(host: parts.dropLast().joined(separator: ":"), port: port)
    ]
    if let socket { addresses.append(.unix(path: socket)) }
    let service = DaemonService(host: host, addresses: addresses, tls: nil, logger: logger)
    let group = ServiceGroup(
      services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    try await group.run()
  }
}
