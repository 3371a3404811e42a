import Foundation
import HSXLinux
import HSXPersistence
import HSXServer
import Logging
import NIOPosix

/// Hosts as the daemon makes them, on a real event loop.
enum ServerFixture {
  /// A host with the usual policy.
  ///
  /// - Parameter storage: where a new store is made for it; nil for none.
  static func host(
    _ configuration: ServerConfiguration = ServerConfiguration(), storage: URL? = nil
  ) throws -> ExecutiveHost {
    var device: StorageDevice?
    if let storage {
      let size = 4 << 20
      device = .file(
        try FileMemory.create(at: storage.path, size: size) { (memory: inout FileMemory) throws(StoreError) in
          guard let layout = Layout.standard(for: memory.geometry) else {
            throw StoreError.layout(needed: size, available: 0)
          }
          _ = try Store<608>.format(layout, in: &memory)
        })
    }
    return try ExecutiveHost(
      on: MultiThreadedEventLoopGroup.singleton.next(), configuration: configuration, storage: device.take(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }
}
