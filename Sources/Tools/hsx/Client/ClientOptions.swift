import ArgumentParser
import Foundation
import HSXClient
import HSXProtocol
import HSXTranslation

/// Where the daemon is.
struct ClientOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The daemon's host.", discussion: "127.0.0.1 if a port alone is told."))
  var host: String?

  @Option(help: "The daemon's TCP port; 9998 if not told.")
  var port: Int?

  @Option(
    help: "The daemon's Unix socket; else HSX_SOCKET, $XDG_RUNTIME_DIR/hsxd.sock, /run/hsxd.sock.",
    completion: .file())
  var socket: String?

  @Flag(help: "Encrypt the TCP connection.")
  var tls = false

  @Option(
    name: .customLong("tls-ca"),
    help: "Encrypt, and trust the certificates in that file (PEM); else HSX_TLS_CA, else the system's.",
    completion: .file(extensions: ["pem", "crt"]))
  var tlsAuthorities: String?

  @Option(name: .customLong("tls-name"), help: "The name in the daemon's certificate; the host if not told.")
  var tlsName: String?

  func validate() throws {
    if let port, !(1...65_535).contains(port) {
      throw ValidationError("--port must be from 1 to 65535.")
    }
    if socket != nil, host != nil || port != nil || tls || tlsAuthorities != nil || tlsName != nil {
      throw ValidationError("--socket is a place of its own; --host, --port and TLS belong to TCP.")
    }
  }

  /// The place that the options and the environment name.
  var endpoint: Endpoint {
    var choice = EndpointChoice()
    choice.host = host
    choice.port = port
    choice.socket = socket
    choice.isEncrypted = tls
    choice.authorities = tlsAuthorities
    choice.serverName = tlsName
    return choice.endpoint(environment: ProcessInfo.processInfo.environment) {
      FileManager.default.fileExists(atPath: $0)
    }
  }
}

extension ClientOptions {
  /// A connection to the daemon, in a client session if a token is at hand, `events` are wanted or a `heartbeat` (s) is
  /// told; or in the session that it is told.
  func connect(
    events: Bool = false, heartbeat: UInt32? = nil, session: SessionRecord? = nil,
    timeout: Duration = .seconds(5)
  ) async throws(ClientError) -> Connection {
    let connection = try await Connection.connect(to: endpoint, timeout: timeout)
    if let session { return connection.joining(session) }
    let token = ProcessInfo.processInfo.environment["HSX_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
    guard events || heartbeat != nil || token != nil else { return connection }
    var request = OpenRequest()
    request.client = "hsx"
    request.token = token
    request.heartbeat = heartbeat
    var capabilities = ClientCapabilities()
    capabilities.features = events ? ["events", "provisioning"] : ["provisioning"]
    if events { capabilities.maximumEvents = 2048 }
    request.capabilities = capabilities
    do throws(ClientError) {
      return try await connection.openingSession(request)
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Connects, does something with the daemon, and takes leave.
  ///
  /// - Parameters:
  ///   - events: whether events are to be subscribed to.
  ///   - heartbeat: seconds of silence after which the daemon takes back what the session has opened; nil if it needs
  ///     no session.
  func withDaemon<Result: Sendable>(
    events: Bool = false, heartbeat: UInt32? = nil, _ body: @Sendable (Daemon) async throws -> Result
  ) async throws -> Result {
    let connection: Connection
    do throws(ClientError) {
      connection = try await connect(events: events, heartbeat: heartbeat)
    } catch {
      throw Failure("\(endpoint)", error)
    }
    let daemon = Daemon(connection: connection)
    do {
      let result = try await body(daemon)
      await daemon.leave()
      return result
    } catch {
      await daemon.leave()
      throw error
    }
  }
}
