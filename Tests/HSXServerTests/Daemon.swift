import CoreMetrics
import Foundation
import HSXExecutive
import HSXHAL
import HSXLinux
import HSXPersistence
import HSXProtocol
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import HSXServer

/// A host on an event loop of its own, reached by sockets, as the daemon has it.
final class Daemon: Sendable {
  let host: ExecutiveHost
  private let group: MultiThreadedEventLoopGroup
  private let listener: any Channel
  private let time: FakeTime?

  /// Time that passes when a test says so.
  final class FakeTime: Sendable {
    private let microseconds = Mutex<UInt64>(1_000_000)
    var now: Instant { Instant(microseconds: microseconds.withLock { $0 }) }
    func advance(seconds: Double) { microseconds.withLock { $0 += UInt64(seconds * 1e6) } }
  }

  private init(
    _ configuration: ServerConfiguration, _ address: ListeningAddress, _ time: FakeTime?, store: String?,
    metrics: any MetricsFactory
  ) async throws {
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    self.time = time
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let loop = group.next()
    let clock = MonotonicClock()
    let read: @Sendable () -> Instant = { time?.now ?? clock.now }
    if let store {
      host = try ExecutiveHost(
        on: loop, configuration: configuration, storage: try Self.openStore(store),
        logger: logger, metrics: metrics, time: read)
    } else {
      host = try ExecutiveHost(
        on: loop, configuration: configuration, storage: nil, logger: logger, metrics: metrics,
        time: read)
    }
    listener = try await host.listen(at: address)
    await host.start()
  }

  /// The store in a file, made if it is not there.
  private static func openStore(_ path: String) throws -> StorageDevice {
    guard !FileManager.default.fileExists(atPath: path) else {
      return try StorageDevice.open(path: path, access: .exclusive)
    }
    return .file(try FileMemory.create(at: path, size: 1 << 20, format: format))
  }

  private static func format(_ memory: inout FileMemory) throws(StoreError) {
    guard let layout = Layout.standard(for: memory.geometry) else {
      throw .layout(needed: 1 << 20, available: memory.geometry.size)
    }
    _ = try StateStore.format(layout, in: &memory)
  }

  var port: Int { listener.localAddress?.port ?? 0 }

  /// Lets `seconds` pass and the host notice.
  func pass(seconds: Double) async {
    time?.advance(seconds: seconds)
    await host.tick()
  }

  /// What stands in the host, read on its loop.
  func look<Value: Sendable>(_ body: @Sendable (isolated ExecutiveHost) -> Value) async -> Value {
    await body(host)
  }

  private func stop() async throws {
    await host.stop()
    try await listener.close()
    try await group.shutdownGracefully()
  }

  /// Runs `body` against a daemon, which is stopped whatever comes of it.
  static func with(
    _ configuration: ServerConfiguration = ServerConfiguration(),
    at address: ListeningAddress = .tcp(host: "127.0.0.1", port: 0), time: FakeTime? = nil,
    store: String? = nil, metrics: any MetricsFactory = NOOPMetricsHandler.instance,
    _ body: (Daemon) async throws -> Void
  ) async throws {
    let daemon = try await Daemon(configuration, address, time, store: store, metrics: metrics)
    do {
      try await body(daemon)
    } catch {
      try await daemon.stop()
      throw error
    }
    try await daemon.stop()
  }

  /// A client on a connection of its own.
  func client() throws -> LineClient { try LineClient(port: port) }
}

/// The vectors that come with the project.
enum Vector {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/vectors/images")

  static func path(_ name: String) -> String { folder.appending(path: "\(name).hxe").path }

  static func bytes(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: folder.appending(path: "\(name).hxe")))
  }
}
