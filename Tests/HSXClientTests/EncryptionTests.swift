import Foundation
import HSXClient
import HSXProtocol
import NIOSSL
import Testing

/// `Fixtures/tls` holds an authority, and certificates of it, for node.example and for 127.0.0.1, good for a hundred years.
@Suite(.timeLimit(.minutes(1))) struct EncryptionTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/tls")

  private static func path(_ name: String) -> String { folder.appending(path: name).path }

  private func start(_ security: TransportSecurity?, certificate: String = "name.pem") async throws
    -> LineServer
  {
    let configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(Self.path(certificate)).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: Self.path("node.key"), format: .pem)))
    return try await LineServer.start(
      unix: false, context: try NIOSSLContext(configuration: configuration), security: security
    ) { _, _, _ in [try .answer(PongAnswer(reply: "pong"))] }
  }

  @Test(
    "a daemon whose certificate comes from the authority is trusted, by its address or by its name",
    arguments: [nil, "node.example"])
  func trusted(name: String?) async throws {
    let server = try await start(
      TransportSecurity(authorities: Self.path("ca.pem"), serverName: name),
      certificate: name == nil ? "address.pem" : "name.pem")
    let connection = try await Connection.connect(to: server.endpoint)
    #expect(try await connection.call(.ping, as: PongAnswer.self).reply == "pong")
    await connection.close()
    _ = try await server.stop()
  }

  @Test(
    "one with another name, of another authority, or none that can be read, is not",
    arguments: [
      TransportSecurity(authorities: path("ca.pem"), serverName: "other.example"),
      TransportSecurity(authorities: path("ca.pem")),
      TransportSecurity(authorities: path("node.key")), TransportSecurity(authorities: "/nonexistent"),
      TransportSecurity(),
    ])
  func untrusted(security: TransportSecurity) async throws {
    let server = try await start(security)
    do throws(ClientError) {
      _ = try await Connection.connect(to: server.endpoint)
      Issue.record("it was trusted")
    } catch {
      guard case .insecure(server.endpoint, _) = error else {
        Issue.record("\(error)")
        return
      }
    }
    _ = try await server.stop()
  }

  @Test("a daemon that wants encryption, met without, is not taken for one that answers")
  func plain() async throws {
    let server = try await start(nil)
    let connection = try await Connection.connect(to: server.endpoint)
    do throws(ClientError) {
      _ = try await connection.call(.ping, as: PongAnswer.self)
      Issue.record("it answered")
    } catch {
      #expect(error.isLostConnection || error.refusal == nil)
    }
    await connection.close()
    _ = try await server.stop()
  }
}
